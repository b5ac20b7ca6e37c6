"""Items as JSON lines become their stories: `guetteur stories`.

One JSON document a line in, one a line out, in the same order, whatever the order of their dates. A line that can't be
read is told on standard error with its number and costs only itself (exit code 1 at the end).
"""

import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from bot.errors import GuetteurError
from bot.stories.fingerprint import fingerprint
from bot.stories.group import Resumed
from bot.stories.window import Window

_COARSE: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)  # when no item says when


class BadLine(Exception):
    """A line that is no item; says why, in French."""


@dataclass(frozen=True, slots=True)
class _Dated:
    given: dict[str, Any]
    at: datetime
    exact: bool


def stories(file: Path | None) -> int:
    """Items `{id, source, title, summary?, date?, lang?}` (file or standard input) → `{id, story}`, a line each.

    An item without a date has the one before it. What is told again after its story closed has the same `story`.
    """
    failed = False
    dated: list[_Dated] = []
    before = _LONG_AGO
    for number, line in numbered(read_input(file)):
        try:
            dated.append(_dated(read_item(line, ("title", "summary", "source", "lang", "date")), before))
            before = dated[-1].at
        except BadLine as bad:
            failed = True
            print(f"{file or 'entrée standard'}, ligne {number} : {bad}", file=sys.stderr)
    for item, story in zip(dated, _grouped(dated), strict=True):
        print_line({"id": item.given["id"], "story": story})
    return int(failed)


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


def _dated(given: dict[str, Any], before: datetime) -> _Dated:
    if not given.get("title"):
        raise BadLine("« title » manque")
    date = (given.get("date") or "").strip()
    at, exact = _read_date(date) if date else (before, True)
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


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_input(file: Path | None) -> bytes:
    """The file, or standard input. Raises GuetteurError when there is no reading it."""
    try:
        return file.read_bytes() if file else sys.stdin.buffer.read()
    except OSError as error:
        raise GuetteurError(f"{file} : fichier illisible ({error.strerror})") from error


def numbered(content: bytes) -> list[tuple[int, bytes]]:
    """The lines that are not blank, counted from 1."""
    return [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]


def read_item(line: bytes, texts: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object on a line, which has an id. Raises BadLine, also where one of `texts` is something else."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"JSON illisible ({error})") from error
    if not isinstance(given, dict):
        raise BadLine('un objet JSON est attendu : {"id": …, "title": …}')
    if "id" not in given:
        raise BadLine("« id » manque")
    for key in texts:
        if not isinstance(given.get(key) or "", str):
            raise BadLine(f"« {key} » n’est pas du texte")
    return given


def print_line(document: dict[str, Any]) -> None:
    """One JSON document on one line; letters that can't be written (lone surrogates) become « ? »."""
    print(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8"))
