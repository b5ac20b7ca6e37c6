"""What Telegram answered about one delivery → its next state, when it is tried again, and what it means for the chat.

    Sent          → sent
    NotReceived   → waits as it was, until Telegram's own retry_after or a growing pause
    AnswerLost    → uncertain, tried once more; a second lost answer is the last: never more than two copies
    ChatGone      → the chat is blocked, its subscriptions and what it is owed are kept
    Migrated      → the chat's number is replaced, tried at once
    CannotParse   → tried at once as plain text
    ThreadGone    → tried at once in General
    Refused       → dead
    Unauthorised  → waits as it was, and so does everything: the token must be mended

"Waits as it was": a delivery with a lost answer stays `uncertain`, so that a copy which may stand in the chat is never
forgotten. Must never give up a delivery that was surely not received.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.alerts.when import COPIES_AT_MOST
from bot.model import (
    AnswerLost,
    CannotParse,
    ChatGone,
    Delivery,
    DeliveryState,
    Migrated,
    NotReceived,
    Outcome,
    Refused,
    Sent,
    ThreadGone,
    Unauthorised,
)

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=10)
AFTER_LOST: Final = timedelta(seconds=20)  # a broken connection mends in seconds, and a hurried copy would be a double
TOKEN_PAUSE: Final = timedelta(minutes=1)
MIGRATIONS_AT_ONCE: Final = 3  # a chat that moves again and again then waits like any failure


@dataclass(frozen=True, slots=True)
class Change:
    """One delivery after an answer. `not_before` None: nothing more is tried. `reason`: a name of the
    catalogue `cause`.

    For the chat: `blocked` (it put us out), `migrated_to` (its new number), `lost_thread` (a forum topic that is gone:
    an admin is told), `hold_chat_until`. For everyone: `hold_all_until`.
    """

    delivery_id: int
    state: DeliveryState
    not_before: datetime | None
    attempts: int
    lost: int
    plain: bool
    thread_id: int
    reason: str = ""
    message_id: int | None = None
    blocked: bool = False
    migrated_to: int | None = None
    lost_thread: int | None = None
    hold_chat_until: datetime | None = None
    hold_all_until: datetime | None = None


def after(outcome: Outcome, delivery: Delivery, now: datetime) -> Change:
    """What `outcome` makes of `delivery`, as it stood before the call (`lost` and `attempts` without this one)."""
    match outcome:
        case Sent(message_id):
            return replace(_unchanged(delivery), state=DeliveryState.SENT, not_before=None, message_id=message_id)
        case NotReceived():
            return _not_received(outcome, delivery, now)
        case AnswerLost(cause):
            return _answer_lost(cause, delivery, now)
        case ChatGone(cause):
            return replace(_again(delivery, now, cause), blocked=True)
        case Migrated(to_chat_id):
            return _migrated(to_chat_id, delivery, now)
        case CannotParse(cause):
            return _dead(delivery, cause) if delivery.plain else replace(_again(delivery, now, cause), plain=True)
        case ThreadGone(cause):
            if not delivery.thread_id:
                return _dead(delivery, cause)
            return replace(_again(delivery, now, cause), thread_id=0, lost_thread=delivery.thread_id)
        case Refused(cause):
            return _dead(delivery, cause)
        case Unauthorised(cause):
            until = now + TOKEN_PAUSE
            return replace(_unchanged(delivery), not_before=until, reason=cause, hold_all_until=until)
        case unknown:
            assert_never(unknown)


def pause_after(failures: int) -> timedelta:
    """How long to wait after that many failures in a row when Telegram names no time: 5 s, 10 s, 20 s … 10 min."""
    return min(FIRST_PAUSE * (1 << min(max(failures - 1, 0), 16)), LONGEST_PAUSE)


def _unchanged(delivery: Delivery) -> Change:
    return Change(
        delivery_id=delivery.id,
        state=DeliveryState.UNCERTAIN if delivery.lost else DeliveryState.PENDING,
        not_before=delivery.not_before,
        attempts=delivery.attempts,
        lost=delivery.lost,
        plain=delivery.plain,
        thread_id=delivery.thread_id,
    )


def _again(delivery: Delivery, at: datetime, reason: str) -> Change:
    return replace(_unchanged(delivery), not_before=at, attempts=delivery.attempts + 1, reason=reason)


def _dead(delivery: Delivery, reason: str) -> Change:
    return replace(_unchanged(delivery), state=DeliveryState.DEAD, not_before=None, reason=reason)


def _not_received(outcome: NotReceived, delivery: Delivery, now: datetime) -> Change:
    until = now + (outcome.retry_after or pause_after(delivery.attempts + 1))
    change = _again(delivery, until, outcome.cause)
    if outcome.for_all:
        return replace(change, hold_all_until=until)
    return replace(change, hold_chat_until=until) if outcome.retry_after else change


def _answer_lost(cause: str, delivery: Delivery, now: datetime) -> Change:
    lost = delivery.lost + 1
    change = replace(_again(delivery, now + AFTER_LOST, cause), state=DeliveryState.UNCERTAIN, lost=lost)
    return change if lost < COPIES_AT_MOST else replace(change, not_before=None)


def _migrated(to_chat_id: int, delivery: Delivery, now: datetime) -> Change:
    if to_chat_id == delivery.chat.id:
        return _dead(delivery, "migrated_to_itself")
    wait = pause_after(delivery.attempts) if delivery.attempts >= MIGRATIONS_AT_ONCE else timedelta(0)
    return replace(_again(delivery, now + wait, "migrated"), migrated_to=to_chat_id)
