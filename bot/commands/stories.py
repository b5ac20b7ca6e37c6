"""Items as JSON lines become their stories: `guetteur stories`.

One line out for one in, in the same order, whatever the order of their dates.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from bot.commands.lines import BadLine, lines_of, print_line, read_item
from bot.stories.fingerprint import fingerprint
from bot.stories.group import Resumed
from bot.stories.window import Window

_COARSE: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)  # when no item says when


@dataclass(frozen=True, slots=True)
class _Dated:
    given: dict[str, Any]
    at: datetime
    exact: bool


def stories(file: Path | None) -> int:
    """Items `{id, source, title, summary?, date?, lang?}` (file or standard input) → `{id, story}`, a line each.

    An item without a date has the one before it. What is told again after its story closed has the same `story`.
    """
    given = lines_of(file)
    dated: list[_Dated] = []
    for item in given.read(_item):
        dated.append(_dated(item, dated[-1].at if dated else _LONG_AGO))
    for one, story in zip(dated, _grouped(dated), strict=True):
        print_line({"id": one.given["id"], "story": story})
    return int(given.failed)


def _grouped(items: list[_Dated]) -> list[int]:
    window = Window()
    thread: dict[int, int] = {}  # a story → the one it resumes
    found = [0] * len(items)
    for place in sorted(range(len(items)), key=lambda place: items[place].at):
        given, at = items[place].given, items[place].at
        texts = (given["title"], given.get("summary") or "", given.get("lang") or None, given.get("source") or "")
        story, grouping = window.put(fingerprint(*texts, at, exact=items[place].exact))
        if isinstance(grouping, Resumed):
            thread[story] = thread.get(grouping.story_id, grouping.story_id)
        found[place] = thread.get(story, story)
    return found


def _item(line: bytes) -> dict[str, Any]:
    """The mapping on a line; its `date` is an instant and whether it is exact, or None."""
    given = read_item(line, ("title", "summary", "source", "lang", "date"), needed=("id", "title"))
    date = (given.get("date") or "").strip()
    return {**given, "date": _read_date(date) if date else None}


def _dated(given: dict[str, Any], before: datetime) -> _Dated:
    at, exact = given["date"] or (before, True)
    return _Dated(given, at, exact)


def _read_date(text: str) -> tuple[datetime, bool]:
    """ISO 8601, RFC 5322 ("Mon, 12 Feb 2024 10:46:47 +0100"), or only a month or a year, which are not exact."""
    try:
        if coarse := _COARSE.fullmatch(text):
            return datetime(int(coarse[1]), int(coarse[2] or 1), 1, tzinfo=UTC), False
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = parsedate_to_datetime(text)
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC), True
    except (ValueError, OverflowError) as error:
        raise BadLine(f"date illisible « {text[:40]} » ; écrire par exemple 2026-11-24T14:30:00-05:00") from error
