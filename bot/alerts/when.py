"""The deliveries due for one chat → what goes now, what waits until when, and what is dropped, each with its reason.

A chat hears at once, or at its digest hours; never on its days off, and never in its quiet hours unless it chose to be
told without a sound; and no more than its hourly ceiling, beyond which the rest waits for the next full hour. A topic
may have digest hours of its own, or none; what came by several topics is told by the one that is told first. Nothing
is remembered between two calls: a digest is due when a digest hour lies between the alert and now, so an outage, a
retry or the autumn night that has 1:30 twice still give one digest.

Local times follow the chat's zone (PEP 495): a time that comes twice means the first, a time the clocks jump over
means as long after the jump. Every delivery handed in ends in exactly one of the three lists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.model import Chat, ChatState, Delivery, Rhythm

COPIES_AT_MOST: Final = 2  # calls that may have arrived; a third would break the promise
ASK_AGAIN: Final = timedelta(hours=1)  # a chat that wants nothing now; coming back makes its deliveries due at once
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
WEEK: Final = frozenset(range(7))
HOME: Final = "America/Toronto"  # stands in for a zone that the time-zone data no longer knows


@dataclass(frozen=True, slots=True)
class Postponed:
    """`why` is a name of the catalogue `cause`: digest, quiet_hours, day_off, ceiling, paused, blocked."""

    delivery_id: int
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """`why` is a name of the catalogue `cause`: stopped, lost_twice."""

    delivery_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the deliveries due for one chat; `silent`: send without a sound."""

    send: tuple[Delivery, ...] = ()
    silent: bool = False
    later: tuple[Postponed, ...] = ()
    dropped: tuple[Dropped, ...] = ()


class Occasion(StrEnum):
    """Why a message holds several alerts; the message says it."""

    ALERTS = "alerts"
    DIGEST = "digest"
    CEILING = "ceiling"
    CATCH_UP = "catch_up"


def plan(chat: Chat, deliveries: Sequence[Delivery], now: datetime, sent_last_hour: int = 0) -> Plan:
    """Shares out the deliveries due for `chat`. `sent_last_hour`: alerts it got in the sixty minutes before `now`."""
    if chat.state is ChatState.STOPPED:
        return Plan(dropped=tuple(Dropped(delivery.id, "stopped") for delivery in deliveries))
    dropped = tuple(Dropped(d.id, "lost_twice") for d in deliveries if d.lost >= COPIES_AT_MOST)
    owed = [delivery for delivery in deliveries if delivery.lost < COPIES_AT_MOST]
    if chat.state is not ChatState.ACTIVE:
        return Plan(later=_all_wait(owed, now + ASK_AGAIN, chat.state.value), dropped=dropped)
    if not _open_days(chat.rhythm):
        return Plan(later=_all_wait(owed, now + DAY, "day_off"), dropped=dropped)
    waits = [(delivery, _wait(chat, delivery, now)) for delivery in owed]
    ready = [delivery for delivery, wait in waits if wait is None]
    send, above = _under_ceiling(chat, ready, now, sent_last_hour)
    return Plan(
        send=tuple(send),
        silent=is_silent(chat, now),
        later=tuple(wait for _, wait in waits if wait) + above,
        dropped=dropped,
    )


def next_slot(rhythm: Rhythm, timezone: str, now: datetime) -> datetime | None:
    """The first digest hour at or after `now`, in UTC; None when the rhythm has no digest or no day left for one."""
    zone = zone_of(timezone)
    open_days = _open_days(rhythm)
    days = open_days & set(rhythm.digest_weekdays) or open_days
    return next((slot for slot in _slots(rhythm, zone, days, now) if slot >= now), None)


def is_silent(chat: Chat, now: datetime) -> bool:
    """Whether a message that leaves now leaves without a sound."""
    return chat.rhythm.silent_when_quiet and in_quiet_hours(chat, now)


def in_quiet_hours(chat: Chat, now: datetime) -> bool:
    """Whether the chat's own clock is in its quiet hours, whatever it wants then."""
    return _in_quiet_hours(chat.rhythm, now.astimezone(zone_of(chat.timezone)).time())


def occasion(chat: Chat, deliveries: Sequence[Delivery], now: datetime) -> Occasion:
    """Why these are told together: the chat's digest, its ceiling, a wait that is over, or nothing but their number."""
    if any(_waits_for_digest(chat, delivery) for delivery in deliveries):
        return Occasion.DIGEST
    if chat.rhythm.hourly_ceiling and any(_held_by_ceiling(chat, delivery) for delivery in deliveries):
        return Occasion.CEILING
    waited = any(now - delivery.alert.raised_at > HOUR / 2 for delivery in deliveries)
    return Occasion.CATCH_UP if waited else Occasion.ALERTS


def _all_wait(deliveries: Sequence[Delivery], until: datetime, why: str) -> tuple[Postponed, ...]:
    return tuple(Postponed(delivery.id, until, why) for delivery in deliveries)


def _wait(chat: Chat, delivery: Delivery, now: datetime) -> Postponed | None:
    """None: it may go now."""
    zone = zone_of(chat.timezone)
    slot = _slot(chat, delivery)
    if slot is not None and slot > now:
        return Postponed(delivery.id, _free_at(chat.rhythm, zone, slot), "digest")
    until = _free_at(chat.rhythm, zone, now)
    if until <= now:
        return None
    off = now.astimezone(zone).weekday() in chat.rhythm.days_off
    return Postponed(delivery.id, until, "day_off" if off else "quiet_hours")


def _rhythms(chat: Chat, delivery: Delivery) -> list[Rhythm]:
    """The chat's for what no topic of another rhythm brought: its own keywords among it."""
    others = {
        other.topic: replace(chat.rhythm, digest_hours=other.digest_hours, digest_weekdays=other.digest_weekdays)
        for other in chat.rhythm.topics
    }
    found = [others.get(topic, chat.rhythm) for topic in delivery.followed]
    return [*found, chat.rhythm] if delivery.alert.keywords or not found else found


def _waits_for_digest(chat: Chat, delivery: Delivery) -> bool:
    return all(rhythm.digest_hours for rhythm in _rhythms(chat, delivery))


def _slot(chat: Chat, delivery: Delivery) -> datetime | None:
    """The first digest hour after the alert; None: it is told at once."""
    slots = (next_slot(rhythm, chat.timezone, delivery.alert.raised_at) for rhythm in _rhythms(chat, delivery))
    known = [slot for slot in slots if slot is not None]
    return min(known) if known and _waits_for_digest(chat, delivery) else None


def _under_ceiling(
    chat: Chat, ready: Sequence[Delivery], now: datetime, sent_last_hour: int
) -> tuple[list[Delivery], tuple[Postponed, ...]]:
    """At most the ceiling of this hour's alerts, strongest first; what an earlier hour left goes with them as one."""
    if not chat.rhythm.hourly_ceiling:
        return list(ready), ()
    zone = zone_of(chat.timezone)
    hour = _full_hour(zone, now)
    fresh = [d for d in ready if d.alert.raised_at >= hour and not _waits_for_digest(chat, d)]
    fresh.sort(key=lambda d: (-d.alert.score, d.id))
    above = fresh[max(0, chat.rhythm.hourly_ceiling - sent_last_hour) :]
    held = {delivery.id for delivery in above}
    return [delivery for delivery in ready if delivery.id not in held], _all_wait(
        above, _free_at(chat.rhythm, zone, hour + HOUR), "ceiling"
    )


def _held_by_ceiling(chat: Chat, delivery: Delivery) -> bool:
    """What the ceiling postponed is due exactly at the full hour after its alert; nothing else is, but by chance."""
    raised_at = delivery.alert.raised_at
    return delivery.not_before == _full_hour(zone_of(chat.timezone), raised_at) + HOUR


def _full_hour(zone: ZoneInfo, now: datetime) -> datetime:
    """The start of the local hour `now` is in: some zones are half an hour off."""
    local = now.astimezone(zone)
    return now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _slots(rhythm: Rhythm, zone: ZoneInfo, days: frozenset[int], since: datetime) -> Iterator[datetime]:
    """The digest hours of eight days from the local day of `since`, in order: a weekly one may be seven days off."""
    first = since.astimezone(zone).date()
    for day in (first + DAY * ahead for ahead in range(8)):
        if day.weekday() in days:
            yield from (_instant(day, hour, zone) for hour in sorted(rhythm.digest_hours))


def _free_at(rhythm: Rhythm, zone: ZoneInfo, at: datetime) -> datetime:
    """The first instant at or after `at` when the chat may be told; the rhythm has an open day."""
    while (reopens_at := _closed_until(rhythm, zone, at)) is not None:
        at = reopens_at
    return at


def _closed_until(rhythm: Rhythm, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the day off or the quiet hours around `at` end; None when neither holds."""
    local = at.astimezone(zone)
    if local.weekday() in rhythm.days_off:
        return _instant(local.date() + DAY, time(0), zone)
    if rhythm.silent_when_quiet or rhythm.quiet_to is None or not _in_quiet_hours(rhythm, local.time()):
        return None
    ends = (
        _instant(day, rhythm.quiet_to.replace(fold=fold), zone)
        for day in (local.date(), local.date() + DAY)
        for fold in (0, 1)
    )
    return min(end for end in ends if end > at)


def _in_quiet_hours(rhythm: Rhythm, at: time) -> bool:
    """Quiet hours may span midnight. Equal or missing bounds: none."""
    if rhythm.quiet_from is None or rhythm.quiet_to is None or rhythm.quiet_from == rhythm.quiet_to:
        return False
    if rhythm.quiet_from < rhythm.quiet_to:
        return rhythm.quiet_from <= at < rhythm.quiet_to
    return at >= rhythm.quiet_from or at < rhythm.quiet_to


def _open_days(rhythm: Rhythm) -> frozenset[int]:
    return WEEK - set(rhythm.days_off)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The rules of a zone; those of Toronto when the name is not, or no longer, one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(HOME)
