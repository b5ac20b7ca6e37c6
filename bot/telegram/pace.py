"""A wish to send now becomes a wait and the next state: Telegram's pace, kept by arithmetic.

GCRA (generic cell rate algorithm, ITU-T I.371): for each limit one instant says when its bucket would be empty again; a
message is let through while that instant is at most `burst - 1` intervals ahead. So short bursts pass at once, the mean
never exceeds the rate, and the state of an idle chat is nothing at all. The limits are those of the Bot API FAQ ("My
bot is hitting limits"): 30 messages a second in all, one a second in a chat with short bursts, 20 a minute in a group.

Pure: no clock, no sleeping, no lock. A Pace is small (what was sent within the last minute) and plain, so that it can
live in one database row. A clock that jumps back never makes anyone wait longer than the limits themselves would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

LONG_AGO = datetime.min.replace(tzinfo=UTC)
NOTHING = timedelta(0)
AT_ONCE = 30  # messages of the token that Telegram counts together, in a second of its own
SPREAD = timedelta(seconds=1)  # refusals of several chats this close together mean the whole token


@dataclass(frozen=True, slots=True)
class Limit:
    """One message every `interval`, `burst` of them at once; half a message more makes up for a late timer."""

    interval: timedelta
    burst: float

    @property
    def slack(self) -> timedelta:
        return self.interval * (self.burst - 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """`all`: the token. `chat`: every chat. `group`: groups and channels besides."""

    all: Limit
    chat: Limit
    group: Limit


def limits_of(per_second: float, group_per_minute: float) -> Limits:
    """Limits from the settings `send_per_second` and `send_group_per_minute`.

    In any window of length w a GCRA lets through at most burst + w / interval, so a group's burst is taken off its
    rate: the strictest reading of "20 a minute" holds too. A chat's interval has 5 % to spare for the network's jitter.
    The token may catch up after a hiccup, four messages at once, but any AT_ONCE + 1 in a row take AT_ONCE intervals:
    more than a second for 30 at 29 a second, and no time is lost (measured: benchmarks/bench_deliver.py).
    """
    group_burst = max(1, min(4, round(group_per_minute / 4)))
    return Limits(
        all=Limit(timedelta(seconds=1 / per_second), 4),
        chat=Limit(timedelta(seconds=1.05), 4),
        group=Limit(timedelta(seconds=60 / max(1.0, group_per_minute - group_burst + 1)), group_burst),
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """Telegram said "retry after": nothing before `until_at`. Kept with its start, to see a clock that jumped."""

    since_at: datetime
    until_at: datetime

    def wait(self, now: datetime) -> timedelta:
        if now < self.since_at:  # the clock went back: the whole hold counts from now
            return self.until_at - self.since_at
        return max(NOTHING, self.until_at - now)


@dataclass(frozen=True, slots=True)
class Pace:
    """When each bucket is empty again; a chat that is not named has not been written to lately."""

    all_at: datetime = LONG_AGO
    left: tuple[datetime, ...] = ()  # when the last AT_ONCE messages left, oldest first
    chats: Mapping[int, datetime] = field(default_factory=dict)
    groups: Mapping[int, datetime] = field(default_factory=dict)
    held: Mapping[int, Hold] = field(default_factory=dict)
    all_held: Hold | None = None


def admit(state: Pace, now: datetime, chat_id: int, is_group: bool, limits: Limits) -> tuple[timedelta, Pace]:  # noqa: FBT001 (the word the limits use)
    """How long a message to a chat must wait, and the state if it is sent now.

    A wait of zero: send; the returned state counts it. Otherwise the state comes back as it was: nothing is reserved,
    so that a chat which waits holds nobody up; ask again at `now + wait`.
    """
    buckets = [(state.chats.get(chat_id, LONG_AGO), limits.chat)]
    if is_group:
        buckets.append((state.groups.get(chat_id, LONG_AGO), limits.group))
    own = max(_wait(empty_at, now, limit) for empty_at, limit in buckets)
    wait = max(_held(state, now, chat_id), everyone_waits(state, now, limits), own)
    if wait > NOTHING:
        return wait, state
    chats, groups = state.chats, state.groups
    if not state.left or state.left[-1].second != now.second:  # now and then, so that the state stays small
        chats, groups = _live(chats, now), _live(groups, now)
    filled = [_filled(empty_at, now, limit) for empty_at, limit in buckets]
    return NOTHING, replace(
        state,
        all_at=_filled(state.all_at, now, limits.all),
        left=(*state.left[-AT_ONCE + 1 :], now),
        chats={**chats, chat_id: filled[0]},
        groups={**groups, chat_id: filled[1]} if is_group else groups,
    )


def leave(state: Pace, now: datetime) -> Pace:
    """The last message that was let through leaves only now: what was to be written before it took a moment."""
    return replace(state, left=(*state.left[:-1], now)) if state.left else state


def admitted(empty_at: datetime, now: datetime, limit: Limit) -> tuple[timedelta, datetime]:
    """One bucket by itself: how long to wait, and when it is empty again if one more goes now (as it was otherwise)."""
    wait = _wait(empty_at, now, limit)
    return (wait, empty_at) if wait > NOTHING else (NOTHING, _filled(empty_at, now, limit))


def everyone_waits(state: Pace, now: datetime, limits: Limits) -> timedelta:
    """How long before anything at all may be sent: what a deliverer sleeps when no chat is held on its own."""
    row = limits.all.interval * AT_ONCE
    since = state.left[0] if len(state.left) == AT_ONCE else LONG_AGO
    full = NOTHING if since <= now - row else min(since + row - now, row)
    return max(_wait(state.all_at, now, limits.all), full, state.all_held.wait(now) if state.all_held else NOTHING)


def hold(state: Pace, now: datetime, chat_id: int, retry_after: timedelta) -> Pace:
    """The state after Telegram answered 429 for a chat.

    Telegram does not say whether it means the chat or the token. One chat in flood wait delays only itself; when a
    third chat is refused within a second of two others, everything waits.
    """
    still = {chat: kept for chat, kept in state.held.items() if kept.wait(now) > NOTHING}
    held = {**still, chat_id: Hold(now, now + retry_after)}
    recent = [kept for kept in held.values() if abs(now - kept.since_at) <= SPREAD]
    if len(recent) < 3:
        return replace(state, held=held)
    return hold_all(replace(state, held=held), now, retry_after)


def hold_all(state: Pace, now: datetime, retry_after: timedelta) -> Pace:
    """The state after Telegram refused the whole token for a while; a longer hold that stands is kept."""
    if state.all_held and state.all_held.wait(now) >= retry_after:
        return state
    return replace(state, all_held=Hold(now, now + retry_after))


def _held(state: Pace, now: datetime, chat_id: int) -> timedelta:
    own = state.held.get(chat_id)
    return max(own.wait(now) if own else NOTHING, state.all_held.wait(now) if state.all_held else NOTHING)


def _wait(empty_at: datetime, now: datetime, limit: Limit) -> timedelta:
    """Bounded by one interval: a bucket cannot be fuller than full, unless the clock went back."""
    if empty_at <= now:
        return NOTHING
    return max(NOTHING, min(empty_at - limit.slack - now, limit.interval))


def _filled(empty_at: datetime, now: datetime, limit: Limit) -> datetime:
    """The bucket after one more message; never fuller than full (a clock that went back)."""
    return min(max(empty_at, now), now + limit.slack) + limit.interval


def _live(buckets: Mapping[int, datetime], now: datetime) -> dict[int, datetime]:
    return {chat_id: empty_at for chat_id, empty_at in buckets.items() if empty_at > now}
