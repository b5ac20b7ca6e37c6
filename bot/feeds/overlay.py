"""The feed file and what admins changed of its feeds become the feeds in use, or a merged file to take its place.

A value holds only the keys that were changed, so that what a person mends in the file later counts. A change that no
longer fits is left out and told as a warning: what admins wrote must never keep the bot from starting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bot.changes import REMOVED, Change, ChangeKind
from bot.errors import Problem
from bot.feeds.file import FeedFile, read_feed
from bot.model import FeedSpec
from bot.text.urls import canonical_url
from bot.written import read_tree, write_tree

PLACE: Final = "admins"  # stands for the file in a problem
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def change_feed(feed_id: str, values: Mapping[str, object]) -> Change:
    """Keys of feeds.yaml that an admin sets, together with those set before; None takes a key away."""
    return Change(ChangeKind.FEED, feed_id, dict(values))


def added(feed: FeedSpec) -> Change:
    """A feed that no file has."""
    written = write_feed(feed)
    return Change(ChangeKind.FEED, str(written.pop("id")), written)


def remove_feed(feed_id: str) -> Change:
    return Change(ChangeKind.FEED, feed_id, REMOVED)


def lay_feeds(file: FeedFile, changes: Iterable[Change]) -> FeedFile:
    """The feeds with what stands of the admins' changes; what no longer fits becomes a warning."""
    by_id = {feed.id: feed for feed in file.feeds}
    warnings = []
    for change in changes:
        if change.kind is not ChangeKind.FEED or change.after is None:
            continue
        if "removed" in change.after:
            by_id.pop(change.subject, None)
            continue
        known = by_id.get(change.subject)
        try:
            values = {**(write_feed(known) if known else {"id": change.subject}), **change.after}
            feed = read_feed({name: value for name, value in values.items() if value is not None})
        except ValueError as error:
            warnings.append(_left_out(change.subject, str(error)))
            continue
        twin = twin_of(feed, by_id.values())
        if twin:
            warnings.append(_left_out(feed.id, f"même adresse que « {twin} »"))
        else:
            by_id[feed.id] = feed
    return replace(file, feeds=tuple(by_id.values()), warnings=(*file.warnings, *warnings))


def twin_of(feed: FeedSpec, others: Iterable[FeedSpec]) -> str:
    """The id of another feed at the same address, "" for none."""
    address = canonical_url(feed.url)
    return next((other.id for other in others if other.id != feed.id and canonical_url(other.url) == address), "")


def _left_out(feed_id: str, why: str) -> Problem:
    return Problem(PLACE, 0, f"fil « {feed_id} » : {why}", "la modification faite dans la conversation attend", True)


def write_feed(feed: FeedSpec) -> dict[str, object]:
    """A feed as feeds.yaml has it."""
    written: dict[str, object] = {
        "id": feed.id,
        "url": feed.url,
        "outlet": feed.outlet,
        "language": feed.language,
        "class": feed.source_class.value,
    }
    if feed.every:
        written["every"] = write_duration(feed.every)
    if not feed.enabled:
        written["enabled"] = False
    return written


def write_duration(span: timedelta) -> str:
    """`90s`, `10m`, `1h`, `1d`: the longest unit that says it whole."""
    seconds = round(span.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def merged_feeds(path: Path, feeds: Iterable[FeedSpec]) -> str:
    """The feed file made to list `feeds`, comments kept: to be put in its place by a person.

    Raises ConfigError when the file cannot be read.
    """
    tree = read_tree(path)
    wanted = {feed.id: write_feed(feed) for feed in feeds}
    listed = tree["feeds"]
    for at in reversed(range(len(listed))):
        written = wanted.pop(str(listed[at]["id"]), None)
        if written is None:
            del listed[at]
        else:
            _write_over(listed[at], written)
    listed.extend(wanted.values())
    return write_tree(tree)


def _write_over(block: Any, written: Mapping[str, object]) -> None:
    """Only what differs, so that the rest keeps its spelling."""
    current = write_feed(read_feed(block))
    for key in ("every", "enabled"):
        if key not in written:
            block.pop(key, None)
    for key, value in written.items():
        if current.get(key) != value:
            block[key] = value
