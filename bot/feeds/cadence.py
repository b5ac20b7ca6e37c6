"""A feed's pulse, its publisher's wishes and its failures become when to poll it next, and why.

Pure: data and `now` in, a duration and a catalogue key out. The wait is worked out from the items that came: the feed
is due again when a twelfth of an item is expected, by the hour of the day and the kind of day, so that a busy morning
is watched closely and a night is left alone. The mean delay is then a twenty-fourth of the mean gap between two items.
What the publisher asks is a floor, capped against absurd values; what a person wrote (`every`) wins over both. Nothing
here draws lots: the jitter that keeps the load flat is a property of the feed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from bot.feeds.file import PollLimits
from bot.feeds.memory import HOURS, Hints, Pulse
from bot.model import Entry, FeedSpec

FAILURES_BEFORE_TELLING = 5  # a site that sleeps for an hour is nobody's business

_SHARE = 1 / 12  # of an item, expected by the next poll
_WINDOW = timedelta(days=28)  # four of each weekday
_LEAST_WATCHED = timedelta(days=1)  # a rate from less would be a guess
_UNKNOWN = timedelta(minutes=30)  # a feed that has not shown a date yet
_SAFETY_NET = timedelta(hours=1)  # of a feed that is pushed: a hub that falls silent costs one such wait, once
_STEP = timedelta(minutes=10)
_LONGEST_SKIP = timedelta(hours=12)  # skipHours and skipDays hold a poll back, never for long
_LONGEST_RETRY_AFTER = timedelta(days=1)
_JITTER = 0.1

_FIRST_RETRY = timedelta(minutes=1)
_FIRST_RETRY_WHEN_LASTING = timedelta(minutes=15)
_LONGEST_BACKOFF_WHEN_LASTING = timedelta(days=1)
_PASSING = frozenset(
    {"dns", "refused", "unreachable", "disconnected", "timeout_connect", "timeout", "too_slow", "http_5xx", "empty"}
)
_FINAL = frozenset({"http_410"})


def next_poll(
    spec: FeedSpec,
    hints: Hints,
    pulse: Pulse | None,
    now: datetime,
    limits: PollLimits,
    pushed_until: datetime | None = None,
) -> tuple[timedelta, str]:
    """How long to wait after a poll that went well, and why. `pushed_until`: a hub that keeps its word brings the news.

    Why is one of: every, new_feed, rhythm, fastest, slowest, pushed, ttl, max_age, skip_hours.
    """
    if spec.every:
        return _with_jitter(spec.every, spec.id), "every"
    wait, why = _by_rhythm(pulse, now, limits)
    if pushed_until and pushed_until > now and wait < min(_SAFETY_NET, limits.slowest):
        wait, why = min(_SAFETY_NET, limits.slowest), "pushed"
    for name in ("ttl", "max_age"):
        asked: timedelta | None = getattr(hints, name)
        if asked and min(asked, limits.slowest) > wait:
            wait, why = min(asked, limits.slowest), name
    wait = _with_jitter(wait, spec.id)
    awake = _when_awake(hints, now + wait)
    return (awake - now, "skip_hours") if awake > now + wait else (wait, why)


def backoff(
    failures: int, cause: str, retry_after: timedelta | None, spec: FeedSpec, limits: PollLimits
) -> tuple[timedelta, str]:
    """How long to wait after the `failures`-th failure in a row (from 1), and why ("retry_after" or "backoff").

    Doubles each time: from a minute up to `limits.slowest` for what usually passes (network, 5xx), from a quarter of an
    hour up to a day for what lasts until somebody acts (401, 404, TLS, not a feed). Retry-After is obeyed up to a day
    (RFC 9110 § 10.2.3).
    """
    passing = cause in _PASSING
    first = _FIRST_RETRY if passing else _FIRST_RETRY_WHEN_LASTING
    longest = limits.slowest if passing else _LONGEST_BACKOFF_WHEN_LASTING
    wait = min(first * 2 ** min(max(failures, 1) - 1, 16), longest)
    asked = min(retry_after or timedelta(0), _LONGEST_RETRY_AFTER)
    return _with_jitter(max(wait, asked), spec.id), "retry_after" if asked > wait else "backoff"


def is_final(cause: str) -> bool:
    """The publisher said never again (410): the feed goes to rest until a person acts."""
    return cause in _FINAL


def should_tell_admins(failures: int, cause: str) -> bool:
    """Exactly once in a row of failures: at the fifth, or at once when the feed is gone for good."""
    return is_final(cause) or failures == FAILURES_BEFORE_TELLING


def should_tell_recovery(failures_before: int) -> bool:
    """A success after a row that admins were told of."""
    return failures_before >= FAILURES_BEFORE_TELLING


def learn_pulse(pulse: Pulse | None, new: Sequence[Entry], now: datetime) -> Pulse:
    """The pulse after `new` entries were found. On the first poll their own dates are all there is to learn from."""
    if pulse is None:
        dates = [entry.published_at for entry in new if entry.published_at and entry.published_at <= now]
        recent = [at for at in dates if at > now - _WINDOW]
        since = now - _WINDOW if len(recent) < len(dates) else min(recent, default=now)
        return _count(Pulse(since), recent)
    if now - pulse.since > _WINDOW:
        halved = tuple(count // 2 for count in pulse.hours)
        pulse = replace(pulse, since=now - _WINDOW / 2, hours=halved, weekend=pulse.weekend // 2)
    return _count(pulse, [_arrival(entry, now) for entry in new])


def _arrival(entry: Entry, now: datetime) -> datetime:
    """When it came out, if its date can be believed; when it was found otherwise."""
    published = entry.published_at
    return published if published and now - timedelta(days=1) <= published <= now else now


def _count(pulse: Pulse, arrivals: Iterable[datetime]) -> Pulse:
    hours, weekend = list(pulse.hours), pulse.weekend
    for at in arrivals:
        hours[at.astimezone(UTC).hour] += 1
        weekend += _is_weekend(at)
    return replace(pulse, hours=tuple(hours), weekend=weekend)


def _by_rhythm(pulse: Pulse | None, now: datetime, limits: PollLimits) -> tuple[timedelta, str]:
    if pulse is None or (not pulse.count and now - pulse.since < _LEAST_WATCHED):
        return min(max(_UNKNOWN, limits.fastest), limits.slowest), "new_feed"
    wait = _until_expected(pulse, now, limits.slowest)
    if wait >= limits.slowest:
        return limits.slowest, "slowest"
    return (wait, "rhythm") if wait > limits.fastest else (limits.fastest, "fastest")


def _until_expected(pulse: Pulse, now: datetime, longest: timedelta) -> timedelta:
    """From `now` until a twelfth of an item is expected, at most `longest`."""
    mean = pulse.count * (_STEP / max(now - pulse.since, _LEAST_WATCHED))
    weekend = _weight(pulse.weekend, pulse.count, 2 / 7)
    weekday = _weight(pulse.count - pulse.weekend, pulse.count, 5 / 7)
    now = at = now.astimezone(UTC)
    expected = 0.0
    while at - now < longest:
        hourly = _weight(_around(pulse.hours, at.hour), pulse.count, 3 / HOURS)
        more = mean * hourly * (weekend if _is_weekend(at) else weekday)
        if expected + more >= _SHARE:
            return at - now + _STEP * ((_SHARE - expected) / more)
        expected += more
        at += _STEP
    return longest


def _around(hours: Sequence[int], hour: int) -> int:
    return hours[hour - 1] + hours[hour] + hours[(hour + 1) % HOURS]


def _weight(count: int, total: int, share: float) -> float:
    """How many times its even share a part of the day or week brought; one item is assumed, to doubt small numbers."""
    return (count + share) / (total * share + share)


def _is_weekend(at: datetime) -> bool:
    return at.weekday() >= 5


def _when_awake(hints: Hints, due: datetime) -> datetime:
    """The first instant from `due` that the publisher did not ask to skip (RSS 2.0 skipHours, skipDays); ≤ 12 h on."""
    at = due
    while at.hour in hints.skip_hours or at.weekday() in hints.skip_days:
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if at - due > _LONGEST_SKIP:
            return due + _LONGEST_SKIP
    return at


def _with_jitter(wait: timedelta, feed_id: str) -> timedelta:
    """Up to a tenth longer, always the same for a feed: two feeds that start together drift apart."""
    return wait * (1 + _JITTER * _unit(feed_id))


def _unit(feed_id: str) -> float:
    """A number in [0, 1) that is the feed's own."""
    return int.from_bytes(blake2b(feed_id.encode(), digest_size=4).digest(), "big") / 2**32
