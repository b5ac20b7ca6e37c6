"""What Telegram answered about an edit, or about a reply → what is known of the message now.

    Sent                → it says so
    NotReceived         → later, when Telegram says
    AnswerLost          → an edit: later, because twice is once; a reply: never again, because it may stand there
    ChatGone, Migrated  → never again, and the chat is what an alert would make it: blocked, or moved
    CannotParse, ThreadGone, Refused → never again: deleted, too old, or not ours
    Unauthorised        → later, and everyone waits

An edit is worth little and must never do harm: no alert waits for one, and no doubt is resolved by another message.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from bot.alerts.outcome import TOKEN_PAUSE
from bot.model import (
    AnswerLost,
    CannotParse,
    ChatGone,
    Migrated,
    NotReceived,
    Outcome,
    Refused,
    Sent,
    ThreadGone,
    Unauthorised,
)

PAUSE: Final = timedelta(minutes=1)


class Way(StrEnum):
    """How a message is changed."""

    EDIT = "edit"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Known:
    """`done`: it is as we wanted it. `again_at`: try then; None with `done` False: never again.

    For the chat: `blocked` (a name of the catalogue `cause`), `migrated_to`, `hold_chat_until`. For everyone:
    `hold_all_until`.
    """

    done: bool = False
    again_at: datetime | None = None
    blocked: str = ""
    migrated_to: int | None = None
    hold_chat_until: datetime | None = None
    hold_all_until: datetime | None = None


def known_after(outcome: Outcome, way: Way, now: datetime) -> Known:
    """What `outcome` makes of an edit or a reply that was tried at `now`."""
    match outcome:
        case Sent():
            return Known(done=True)
        case NotReceived(retry_after=retry_after, for_all=for_all):
            until = now + (retry_after or PAUSE)
            if for_all:
                return Known(again_at=until, hold_all_until=until)
            return Known(again_at=until, hold_chat_until=until if retry_after else None)
        case AnswerLost():
            return Known(again_at=now + PAUSE) if way is Way.EDIT else Known()
        case ChatGone(cause):
            return Known(blocked=cause)
        case Migrated(to_chat_id):
            return Known(migrated_to=to_chat_id)
        case CannotParse() | ThreadGone() | Refused():
            return Known()
        case Unauthorised():
            until = now + TOKEN_PAUSE
            return Known(again_at=until, hold_all_until=until)
        case unknown:
            assert_never(unknown)
