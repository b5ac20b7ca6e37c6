"""Due deliveries become messages and outcomes: claim → plan → render → wait for a turn → send → commit.

`sending` is committed before each call and the outcome after it, so a crash between the two is known at the next claim.
A chat has one deliverer at a time and its messages keep their order: after an answer that asks to wait, everything
owed to that chat waits. One chat's trouble never delays another's. What is owed to a chat when its turn comes near is
one message, so a queue that is longer than the pace allows never holds more messages than chats. Must never decide
(that is `alerts`), and never name a chat in a log.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from bot.alerts.frame import Frame, Part
from bot.alerts.lag import since_published
from bot.alerts.outcome import Change, after
from bot.alerts.render import TopicLabel, draw, lay_out, print_of
from bot.alerts.when import Occasion, Plan, occasion, plan
from bot.events import (
    AlertTold,
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
from bot.loops.doors import Sends
from bot.loops.ledger import Done, Free, Intent, Ledger
from bot.loops.pace import Priority, Turns
from bot.model import Alert, Chat, ChatKind, Delivery, DeliveryState, Message, Outcome, Sent, Unauthorised
from bot.store import deliveries
from bot.store.database import Connection, Database, StoreUnavailable
from bot.store.edits import Said

LEASE = timedelta(minutes=2)  # what a dead deliverer held comes back after it
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deliverer:
    """What the loop needs. `clock` gives aware UTC; `emit` takes facts after their commit.

    `chats_at_once`: about two seconds of the pace, so that what is claimed is told soon and the rest merges. `ring` is
    called when there is room for more.
    """

    database: Database
    sender: Sends
    pace: Turns
    topics: Callable[[], Mapping[str, TopicLabel]]
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    ledger: Ledger
    chats_at_once: int = 60
    ring: Callable[[], None] = lambda: None
    serving: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # by chat

    async def deliver_due(self) -> int:
        """Goes on addressing, claims what is due and starts a task for each chat; 0 when nothing more can be done now.

        A chat that is being served is never claimed again, however long Telegram makes it wait.
        """
        now = self.clock()
        room = 0 if self.pace.held_for_all() else self.chats_at_once - len(self.serving)
        async with self.database.write() as conn:
            await self.ledger.ours(conn)  # whoever takes over waits for this claim to end, and then frees it
            addressed = await deliveries.address_more(conn, now) or 0
            claim = await deliveries.claim_due(conn, now, LEASE, max(0, room), tuple(self.serving))
            plans = await self._plan(conn, claim.work, now)
        drawn: dict[Frame, Message] = {}
        for chat, planned in plans.items():
            if planned.send:
                self._start(chat, planned.send, now, drawn)
        return addressed + claim.away + len(plans)

    async def _plan(
        self, conn: Connection, work: Mapping[Chat, Sequence[Delivery]], now: datetime
    ) -> Mapping[Chat, Plan]:
        """Writes what waits and what is dropped; chats that get nothing now are free again."""
        counted = [chat.id for chat in work if chat.rhythm.hourly_ceiling]
        told = await deliveries.sent_since(conn, counted, now - HOUR) if counted else {}
        plans = {chat: plan(chat, due, now, told.get(chat.id, 0)) for chat, due in work.items()}
        later = sorted((wait.until, wait.why, wait.delivery_id) for each in plans.values() for wait in each.later)
        for (until, why), waits in groupby(later, key=lambda wait: wait[:2]):
            await deliveries.postpone(conn, [delivery_id for *_, delivery_id in waits], until, why)
        dropped = sorted((drop.why, drop.delivery_id) for each in plans.values() for drop in each.dropped)
        for why, drops in groupby(dropped, key=lambda drop: drop[0]):
            await deliveries.drop(conn, [delivery_id for _, delivery_id in drops], why)
        if idle := [chat.id for chat, planned in plans.items() if not planned.send]:
            await deliveries.release_chats(conn, idle)
        return plans

    def _start(self, chat: Chat, owed: Sequence[Delivery], now: datetime, drawn: dict[Frame, Message]) -> None:
        task = asyncio.create_task(self._serve(chat, owed, now, drawn))
        self.serving[chat.id] = task
        task.add_done_callback(lambda _: self._served(chat))

    def _served(self, chat: Chat) -> None:
        del self.serving[chat.id]
        if len(self.serving) == self.chats_at_once // 2:
            self.ring()  # room for another claim worth its commit

    async def drain(self) -> None:
        """Waits for the chats that are being served."""
        while self.serving:
            await asyncio.wait(self.serving.values())

    async def _serve(self, chat: Chat, owed: Sequence[Delivery], now: datetime, drawn: dict[Frame, Message]) -> None:
        """One chat's turn. A broad catch: whatever goes wrong here stays here, and the lease brings the chat back."""
        try:
            why = occasion(chat, owed, now)
            priority = Priority.ALERT if why is Occasion.ALERTS else Priority.DIGEST
            labels, alerts = self.topics(), {delivery.id: delivery.alert for delivery in owed}
            for frame in lay_out(chat, owed, labels, now):
                told = [delivery for delivery in owed if delivery.id in frame.delivery_ids]
                if not await self._send(frame, _draw(frame, alerts, labels, drawn), told, priority):
                    break
            await self.ledger.write(Free(chat.id))
        except StoreUnavailable as error:
            self.emit(LoopFailed("deliver", str(error)))
        except Exception as error:  # noqa: BLE001 (one chat must not stop the others)
            self.emit(LoopFailed("deliver", type(error).__name__, error))

    async def _send(self, frame: Frame, message: Message, told: Sequence[Delivery], priority: Priority) -> bool:
        """One call and its outcome; False when the chat's other messages must wait."""
        chat = told[0].chat
        async with self.pace.leaving(chat.id, group=chat.kind is not ChatKind.PRIVATE, priority=priority):
            await self.ledger.write(Intent([delivery.id for delivery in told]))
        outcome = await self.sender.send(chat.id, told[0].thread_id, message)
        now = self.clock()
        changes = [after(outcome, delivery, now) for delivery in told]
        if changes[0].hold_chat_until is not None:
            self.pace.hold(chat.id, changes[0].hold_chat_until - now)
        if changes[0].hold_all_until is not None:
            self.pace.hold_all(changes[0].hold_all_until - now)
        done = Done(chat.id, [delivery.alert.id for delivery in told], changes, None, now)
        if isinstance(outcome, Sent):
            said = Said(chat.id, outcome.message_id, frame, print_of(message))
            done = replace(done, sent_at=now, said=said)
        first = await self.ledger.write(done)
        self._tell(chat, told, changes, outcome, now)
        for alert in (delivery.alert for delivery in told if delivery.alert.id in first):
            self.emit(AlertTold(alert.id, since_published(alert, now)))
        return all(change.not_before is None for change in changes)

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


def _draw(
    frame: Frame, alerts: Mapping[int, Alert], labels: Mapping[str, TopicLabel], drawn: dict[Frame, Message]
) -> Message:
    """`draw`, once for all the chats claimed together that read the same words."""
    parts = tuple(Part(part.topic, tuple(alerts[each].id for each in part.delivery_ids)) for part in frame.parts)
    hidden = tuple(alerts[each].id for each in frame.hidden)
    alike = replace(frame, parts=parts, hidden=hidden, silent=False)
    if alike not in drawn:
        drawn[alike] = draw(frame, alerts, labels)
    return replace(drawn[alike], silent=frame.silent, delivery_ids=frame.delivery_ids)
