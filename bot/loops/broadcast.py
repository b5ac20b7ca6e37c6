"""A confirmed broadcast becomes messages, after everybody else's: claim a few chats → wait for turns → send → commit.

A few chats are `sending` in one commit before their calls and settled in one after them. Killed in between, those few
are told as uncertain and get no second copy. The admin's screen follows in place. Must never name a chat in a log.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.alerts.broadcast import draw_broadcast, draw_progress
from bot.alerts.when import in_quiet_hours
from bot.changes import Broadcast
from bot.events import Event, SubscriberGone, TokenRefused
from bot.loops.doors import Sends
from bot.loops.pace import Priority, Turns
from bot.model import (
    AnswerLost,
    CannotParse,
    Chat,
    ChatGone,
    ChatKind,
    ChatState,
    Message,
    Migrated,
    NotReceived,
    Outcome,
    Sent,
    ThreadGone,
    Unauthorised,
)
from bot.store import broadcasts, chats
from bot.store.database import Connection, Database

AT_ONCE = 10  # chats a commit: so many may be uncertain after a crash
AGAIN = timedelta(seconds=20)
SHOWN_EVERY = timedelta(seconds=3)  # edits of the admin's screen


@dataclass(slots=True)
class Broadcaster:
    """What the loop needs. `clock` gives aware UTC; `emit` takes facts after their commit."""

    database: Database
    sender: Sends
    pace: Turns
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    stop: asyncio.Event
    _shown: dict[int, datetime] = field(default_factory=dict)

    async def go_on(self) -> int:
        """The next few chats of what is under way; how many were tried."""
        now = self.clock()
        if self.stop.is_set() or self.pace.held_for_all():
            return 0
        async with self.database.read() as conn:
            going = await broadcasts.under_way(conn)
        if going is None:
            return 0
        async with self.database.write() as conn:
            some = await broadcasts.claim(conn, going.id, now, AT_ONCE)
        message = draw_broadcast(going)
        outcomes = await asyncio.gather(*(self._tell(chat, thread, message) for chat, thread in some))
        async with self.database.write() as conn:
            for (chat, _), outcome in zip(some, outcomes, strict=True):
                await self._settle(conn, going.id, chat, outcome)
            if not some:  # nobody else sends: what is still claimed was left by a process that died
                await broadcasts.forget_claims(conn, going.id)
            over = not some and await broadcasts.finish_if_over(conn, going.id)
        for (chat, _), outcome in zip(some, outcomes, strict=True):
            if isinstance(outcome, ChatGone):
                self.emit(SubscriberGone(chat.id, outcome.cause))
            elif isinstance(outcome, Unauthorised):
                self.emit(TokenRefused(outcome.cause))
        if over or (some and now - self._shown.get(going.id, now - SHOWN_EVERY) >= SHOWN_EVERY):
            self._shown[going.id] = now
            await self._show(going)
        return len(some)

    async def _tell(self, chat: Chat, thread_id: int, message: Message) -> Outcome:
        """One chat, without a sound in its quiet hours; plain when Telegram refuses the markup."""
        silent = replace(message, silent=in_quiet_hours(chat, self.clock()))
        group = chat.kind is not ChatKind.PRIVATE
        await self.pace.turn(chat.id, group=group, priority=Priority.BROADCAST)
        outcome = await self.sender.send(chat.id, thread_id, silent)
        if isinstance(outcome, CannotParse | ThreadGone):  # surely not received
            await self.pace.turn(chat.id, group=group, priority=Priority.BROADCAST)
            thread_id = 0 if isinstance(outcome, ThreadGone) else thread_id
            outcome = await self.sender.send(chat.id, thread_id, replace(silent, html=""))
        return outcome

    async def _settle(self, conn: Connection, broadcast_id: int, chat: Chat, outcome: Outcome) -> None:
        now = self.clock()
        match outcome:
            case Sent():
                await broadcasts.settle(conn, broadcast_id, chat.id, broadcasts.SENT, None)
            case NotReceived(_, retry_after, for_all):
                wait = retry_after or AGAIN
                (self.pace.hold_all(wait) if for_all else self.pace.hold(chat.id, wait))
                await broadcasts.settle(conn, broadcast_id, chat.id, broadcasts.PENDING, now + wait)
            case Unauthorised():
                self.pace.hold_all(timedelta(minutes=1))
                await broadcasts.settle(conn, broadcast_id, chat.id, broadcasts.PENDING, now + AGAIN)
            case AnswerLost():
                await broadcasts.settle(conn, broadcast_id, chat.id, broadcasts.UNCERTAIN, None)
            case Migrated(new_id):
                await chats.move_chat(conn, chat.id, new_id, now)
                await broadcasts.owe_again(conn, broadcast_id, new_id, now)
            case ChatGone(cause):
                await chats.set_state(conn, chat.id, ChatState.BLOCKED, cause, now)
                await broadcasts.settle(conn, broadcast_id, chat.id, broadcasts.FAILED, None)
            case _:
                await broadcasts.settle(conn, broadcast_id, chat.id, broadcasts.FAILED, None)

    async def _show(self, going: Broadcast) -> None:
        """The admin's screen, edited in place; whatever Telegram says of it changes nothing."""
        async with self.database.read() as conn:
            now_ = await broadcasts.broadcast_by_id(conn, going.id)
        if now_ and now_.screen_id:
            await self.pace.turn(now_.person_id, group=False, priority=Priority.EDIT)
            await self.sender.edit(now_.person_id, now_.screen_id, draw_progress(now_))
