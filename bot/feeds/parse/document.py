"""What a feed document says, and its form on the pipe between the parsing process and ours.

Plain JSON both ways: what a hostile feed could make of the child, it can send us texts and numbers and nothing else.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.feeds.memory import Hints
from bot.model import Entry

LONGEST_TITLE = 500  # characters kept of what a document may make as long as it likes
LONGEST_SUMMARY = 20_000
LONGEST_NAME = 200
MOST_CATEGORIES = 30
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)  # before there were feeds: 1970 is a clock that was never set


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document, read.

    `entries` in the document's order: all of them, or only those that were not in the `known` blocks handed to the
    parser; `total` counts all. `blocks` is to be handed back as `known` next time; "" when this document cannot be cut.
    `version` is feedparser's name of the format ("rss20", "atom10" …) or "json1"; `hub`, `self_url` and `next_url` as
    the document links them, absolute.
    """

    entries: tuple[Entry, ...]
    total: int
    blocks: str = ""
    version: str = ""
    title: str = ""
    link: str | None = None
    language: str | None = None
    hints: Hints = field(default_factory=Hints)
    hub: str | None = None
    self_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed as a subscription list names it: as written, to be checked by whoever reads it."""

    url: str
    title: str
    tags: tuple[str, ...] = ()


def pack_entry(entry: Entry) -> list[Any]:
    """An entry as a JSON array."""
    return [
        entry.title,
        entry.link,
        entry.guid,
        entry.summary,
        entry.body,
        entry.published_at.timestamp() if entry.published_at else None,
        entry.language,
        entry.author,
        entry.categories,
    ]


def unpack_entry(row: list[Any]) -> Entry:
    """The entry that `pack_entry` packed. Raises TypeError or ValueError for anything else."""
    title, link, guid, summary, body, published, language, author, categories = row
    published_at = None if published is None else datetime.fromtimestamp(published, UTC)
    return Entry(title, link, guid, summary, body, published_at, language, author, tuple(categories))


def pack_document(document: Document) -> dict[str, Any]:
    """Everything but the entries, as a JSON object."""
    hints = document.hints
    return {
        "total": document.total,
        "blocks": document.blocks,
        "version": document.version,
        "title": document.title,
        "link": document.link,
        "language": document.language,
        "ttl": hints.ttl.total_seconds() if hints.ttl else None,
        "skip_hours": hints.skip_hours,
        "skip_days": hints.skip_days,
        "hub": document.hub,
        "self_url": document.self_url,
        "next_url": document.next_url,
    }


def unpack_document(packed: dict[str, Any]) -> Document:
    """The document that `pack_document` packed. Raises TypeError, KeyError or ValueError for anything else."""
    values = dict(packed)
    ttl = values.pop("ttl")
    hints = Hints(
        ttl=timedelta(seconds=ttl) if ttl else None,
        skip_hours=tuple(values.pop("skip_hours")),
        skip_days=tuple(values.pop("skip_days")),
    )
    return Document((), hints=hints, **values)
