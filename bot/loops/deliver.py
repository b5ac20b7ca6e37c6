"""Due deliveries become messages and outcomes: claim → plan → render → wait for the pace → send → commit.

`sending` is committed before each call and the outcome after it, so a crash between the two is known at the next claim.
A chat has one deliverer at a time and its messages keep their order: after an answer that asks to wait, everything
owed to that chat waits. One chat's trouble never delays another's. Must never decide (that is `alerts`), and never name
a chat in a log.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.alerts.outcome import Change, after
from bot.alerts.render import TopicLabel, render
from bot.alerts.when import plan
from bot.events import (
    DeliveryDied,
    DeliveryPostponed,
    DeliverySent,
    DeliveryUncertain,
    Event,
    LoopFailed,
    SubscriberGone,
    ThreadLost,
    TokenRefused,
)
from bot.model import Chat, ChatKind, ChatState, Delivery, DeliveryState, Message, Outcome, Sent, Unauthorised
from bot.store import chats, deliveries
from bot.store.database import Database, StoreUnavailable
from bot.store.deliveries import Settled

LEASE = timedelta(minutes=2)  # longer than any one chat takes; what a dead deliverer held comes back after it
HOUR = timedelta(hours=1)


class Sends(Protocol):
    """The door to Telegram: never raises for Telegram or the network."""

    async def send(self, chat_id: int, thread_id: int, message: Message) -> Outcome: ...


class Paces(Protocol):
    """The pace, kept by whoever shares the token."""

    async def turn(self, chat_id: int, *, group: bool) -> None: ...
    def hold(self, chat_id: int, wait: timedelta) -> None: ...
    def hold_all(self, wait: timedelta) -> None: ...
    def held_for_all(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Deliverer:
    """What the loop needs. `clock` gives aware UTC; `emit` takes facts after their commit."""

    database: Database
    sender: Sends
    pace: Paces
    topics: Callable[[], Mapping[str, TopicLabel]]
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    chats_at_once: int = 60
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def deliver_due(self) -> int:
        """Claims what is due and starts a task for each chat; returns how many chats were claimed."""
        room = self.chats_at_once - len(self.tasks)
        now = self.clock()
        if room <= 0 or self.pace.held_for_all():
            return 0
        async with self.database.write() as conn:
            work = await deliveries.claim_due(conn, now, LEASE, room)
        for chat, due in work.items():
            task = asyncio.create_task(self._serve(chat, due))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return len(work)

    async def drain(self) -> None:
        """Waits for the chats that are being served."""
        while self.tasks:
            await asyncio.wait(self.tasks)

    async def _serve(self, chat: Chat, due: Sequence[Delivery]) -> None:
        """One chat's turn. A broad catch: whatever goes wrong here stays here, and the lease brings the chat back."""
        try:
            await self._deliver(chat, due)
            async with self.database.write() as conn:
                await deliveries.release_chat(conn, chat.id)
        except StoreUnavailable as error:
            self.emit(LoopFailed("deliver", str(error)))
        except Exception as error:  # noqa: BLE001 (one chat must not stop the others)
            self.emit(LoopFailed("deliver", type(error).__name__, error))

    async def _deliver(self, chat: Chat, due: Sequence[Delivery]) -> None:
        now = self.clock()
        async with self.database.write() as conn:
            told = (await deliveries.sent_since(conn, [chat.id], now - HOUR)).get(chat.id, 0)
            decided = plan(chat, due, now, told)
            for wait in decided.later:
                await deliveries.postpone(conn, [wait.delivery_id], wait.until, wait.why)
            for dropped in decided.dropped:
                await deliveries.drop(conn, [dropped.delivery_id], dropped.why)
        for message in render(chat, decided.send, self.topics(), now) if decided.send else ():
            owed = [delivery for delivery in decided.send if delivery.id in message.delivery_ids]
            if not await self._send(chat, message, owed):
                return

    async def _send(self, chat: Chat, message: Message, owed: Sequence[Delivery]) -> bool:
        """One call and its outcome; False when the chat's other messages must wait."""
        await self.pace.turn(chat.id, group=chat.kind is not ChatKind.PRIVATE)
        async with self.database.write() as conn:
            await deliveries.mark_sending(conn, [delivery.id for delivery in owed])
        outcome = await self.sender.send(chat.id, owed[0].thread_id, message)
        now = self.clock()
        changes = [after(outcome, delivery, now) for delivery in owed]
        await self._record(chat, changes, outcome, now)
        self._tell(chat, owed, changes, outcome, now)
        return all(change.not_before is None for change in changes)

    async def _record(self, chat: Chat, changes: Sequence[Change], outcome: Outcome, now: datetime) -> None:
        """One commit: the deliveries' new states, and what the answer means for the chat."""
        sent_at = now if isinstance(outcome, Sent) else None
        change = changes[0]
        async with self.database.write() as conn:
            await deliveries.settle(conn, [_settled(each, sent_at) for each in changes])
            if change.not_before is not None:
                await deliveries.hold_chat(conn, chat.id, change.not_before, change.reason)
            if change.blocked:
                await chats.set_state(conn, chat.id, ChatState.BLOCKED, change.reason, now)
            if change.lost_thread is not None:
                await chats.set_chat(conn, chat.id, thread_id=0)
            if change.migrated_to is not None:
                await chats.move_chat(conn, chat.id, change.migrated_to, now)
        if change.hold_chat_until is not None:
            self.pace.hold(chat.id, change.hold_chat_until - now)
        if change.hold_all_until is not None:
            self.pace.hold_all(change.hold_all_until - now)

    def _tell(
        self, chat: Chat, owed: Sequence[Delivery], changes: Sequence[Change], outcome: Outcome, now: datetime
    ) -> None:
        change = changes[0]
        if isinstance(outcome, Sent):
            lag = now - min(delivery.alert.raised_at for delivery in owed)
            self.emit(DeliverySent(chat.id, len(owed), lag))
        elif isinstance(outcome, Unauthorised):
            self.emit(TokenRefused(outcome.cause))
        elif change.blocked:
            self.emit(SubscriberGone(chat.id, change.reason))
        elif change.state is DeliveryState.DEAD:
            self.emit(DeliveryDied(chat.id, change.reason))
        elif change.state is DeliveryState.UNCERTAIN:
            self.emit(DeliveryUncertain(chat.id, change.reason))
        elif change.not_before is not None:
            self.emit(DeliveryPostponed(chat.id, change.reason, change.not_before - now))
        if change.lost_thread is not None:
            self.emit(ThreadLost(chat.id))


def _settled(change: Change, sent_at: datetime | None) -> Settled:
    return Settled(
        delivery_id=change.delivery_id,
        state=change.state,
        not_before=change.not_before,
        attempts=change.attempts,
        lost=change.lost,
        plain=change.plain,
        thread_id=change.thread_id,
        reason=change.reason,
        message_id=change.message_id,
        sent_at=sent_at,
    )
