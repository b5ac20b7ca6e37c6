"""What is remembered of a feed between two polls: what its publisher asks, its pulse, what identity learned; as JSON.

One value a feed, kept in one column. Whatever an older or newer version stored is read as far as it makes sense: a
memory that cannot be read costs one whole parse and a default cadence, never an item.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

HOURS = 24


@dataclass(frozen=True, slots=True)
class Hints:
    """What the publisher asks of readers. Hours are UTC, 0–23; weekdays count from Monday, 0–6."""

    ttl: timedelta | None = None  # <ttl>, sy:updatePeriod over sy:updateFrequency: the longer one
    max_age: timedelta | None = None  # Cache-Control, Expires
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pulse:
    """When new items came since `since`: how many in each UTC hour of the day, how many on weekends."""

    since: datetime
    hours: tuple[int, ...] = (0,) * HOURS
    weekend: int = 0

    @property
    def count(self) -> int:
        return sum(self.hours)


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """`guids_lie` and `links_lie` are for good; `blocks` were read, the last time all of them at `whole_at`."""

    guids_lie: bool = False
    links_lie: bool = False
    blocks: str = ""
    whole_at: datetime | None = None
    hints: Hints = field(default_factory=Hints)
    pulse: Pulse | None = None


def write_memory(memory: FeedMemory) -> dict[str, Any]:
    """JSON types only; what is empty is left out."""
    hints = {
        "ttl": _seconds(memory.hints.ttl),
        "max_age": _seconds(memory.hints.max_age),
        "skip_hours": list(memory.hints.skip_hours),
        "skip_days": list(memory.hints.skip_days),
    }
    pulse = memory.pulse and {
        "since": memory.pulse.since.isoformat(),
        "hours": list(memory.pulse.hours),
        "weekend": memory.pulse.weekend,
    }
    written = {
        "guids_lie": memory.guids_lie,
        "links_lie": memory.links_lie,
        "blocks": memory.blocks,
        "whole_at": memory.whole_at and memory.whole_at.isoformat(),
        "hints": {name: value for name, value in hints.items() if value},
        "pulse": pulse,
    }
    return {name: value for name, value in written.items() if value}


def read_memory(stored: Mapping[str, Any]) -> FeedMemory:
    """The memory that `write_memory` wrote; anything unreadable in it reads as never learned."""
    try:
        return FeedMemory(
            guids_lie=bool(stored.get("guids_lie")),
            links_lie=bool(stored.get("links_lie")),
            blocks=str(stored.get("blocks", "")),
            whole_at=_read_instant(stored["whole_at"]) if "whole_at" in stored else None,
            hints=_read_hints(stored.get("hints") or {}),
            pulse=_read_pulse(stored["pulse"]) if "pulse" in stored else None,
        )
    except (TypeError, ValueError, KeyError):
        return FeedMemory()


def _seconds(duration: timedelta | None) -> float | None:
    return duration.total_seconds() if duration else None


def _read_hints(stored: Mapping[str, Any]) -> Hints:
    durations = {name: timedelta(seconds=stored[name]) for name in ("ttl", "max_age") if stored.get(name)}
    return Hints(
        **durations,
        skip_hours=tuple(stored.get("skip_hours", ())),
        skip_days=tuple(stored.get("skip_days", ())),
    )


def _read_pulse(stored: Mapping[str, Any]) -> Pulse:
    hours = tuple(int(count) for count in stored["hours"])
    if len(hours) != HOURS:
        raise ValueError(hours)
    return Pulse(_read_instant(stored["since"]), hours, int(stored["weekend"]))


def _read_instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(UTC)
