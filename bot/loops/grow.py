"""A story that was told and grows → the message that told it names the new outlet; a turn of the news answers it.

    growth    in the transaction of its item: another outlet → the alert's messages are to be edited in a few minutes;
              a turn of the news → a reply owed to every chat that was told
    tend      replies that are due → plan → send; then, while no alert is due, edits: draw again → compare → edit

Edits come last: after answers, alerts and digests in the queue of the pace, a few at a time, the latest growth first,
and none a day after the message. However many outlets join, a message waits for one edit at most; with more subscribers
than the pace can serve in a day, the oldest messages stay as they are. Must never decide (that is `alerts` and
`stories`), and never name a chat in a log.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alerts.living import Known, Way, known_after
from bot.alerts.render import TopicLabel, draw_grown, draw_turn, print_of
from bot.alerts.when import plan
from bot.events import DeliverySent, Event, MessageEdited, SubscriberGone, TokenRefused
from bot.loops.doors import Sends
from bot.loops.pace import Priority, Turns
from bot.model import Alert, Chat, ChatKind, ChatState, Item, Mention, Outcome, Sent, Unauthorised
from bot.store import chats, deliveries, edits
from bot.store.database import Connection, Database
from bot.store.edits import Owed, Standing
from bot.stories.development import development

AT_ONCE = 20  # calls between two looks at what else is due: less than a second of the pace
REPLIES_EVERY = timedelta(days=1)  # one for a story and chat
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Growing:
    """`edit_wait`: how long outlets gather before an edit. `developments`: whether a turn of the news is a reply."""

    edit_wait: timedelta
    developments: bool


async def note_growth(
    conn: Connection, grown: Item, item_id: int, story_id: int, alert_id: int, growing: Growing, now: datetime
) -> None:
    """Inside the transaction in which a stored item joined a story that is told."""
    if grown.outlet not in await edits.outlets_of(conn, story_id, item_id):
        await edits.mark_grown(conn, alert_id, now + growing.edit_wait)
    if growing.developments:
        before = await edits.told_before(conn, story_id, item_id)
        turned = development(before, grown.title, f"{grown.digest}\n{grown.summary}")
        if turned is not None:
            await edits.note_turn(conn, alert_id, item_id, turned.turn.value, now)


@dataclass(frozen=True, slots=True)
class Grower:
    """What the loop needs. `between`: from one edit of a message to the next. `living`: how long it is edited."""

    database: Database
    sender: Sends
    pace: Turns
    topics: Callable[[], Mapping[str, TopicLabel]]
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    between: timedelta
    living: timedelta

    async def tend(self) -> int:
        """Sends replies that are due, then makes edits if nothing else is; returns how many calls that were.

        Whoever calls it again at once while it has work need not fear to be late for something else: both are few.
        """
        now = self.clock()
        async with self.database.write() as conn:
            await edits.forget_messages(conn, now - self.living)
            await edits.forget_replies(conn, now - 2 * REPLIES_EVERY)
        await self._spread(now)
        if self.pace.held_for_all():
            return 0
        async with self.database.read() as conn:
            replies = await edits.due_replies(conn, now, AT_ONCE)
            told = await deliveries.sent_since(conn, [owed.delivery.chat.id for owed in replies], now - HOUR)
            idle = not replies and await edits.is_idle(conn, now)
            standing = await edits.due_edits(conn, now, now - self.between, AT_ONCE) if idle else []
        calls = [self._reply(owed, told.get(owed.delivery.chat.id, 0)) for owed in replies]
        return sum(await asyncio.gather(*calls, *map(self._edit, standing)))

    async def _spread(self, now: datetime) -> None:
        """What grew or turned reaches the chats that were told it, a chunk a commit: alerts are written in between."""
        left = True
        while left:
            async with self.database.write() as conn:
                left = await edits.spread(conn, now) > 0
            async with self.database.write() as conn:
                left = await edits.owe_replies(conn, REPLIES_EVERY) is not None or left

    # Edits.

    async def _edit(self, standing: Standing) -> int:
        """One message; 1 when Telegram was asked."""
        chat, number = standing.chat, standing.message_id
        message = draw_grown(standing.frame, standing.alerts, self.topics())
        if message is None or print_of(message) == standing.print:
            async with self.database.write() as conn:
                await edits.note_same(conn, chat.id, number)
            return 0
        await self.pace.turn(chat.id, group=_is_group(chat), priority=Priority.EDIT)
        outcome = await self.sender.edit(chat.id, number, message)
        now = self.clock()
        known = known_after(outcome, Way.EDIT, now)
        async with self.database.write() as conn:
            if known.done:
                await edits.note_edited(conn, chat.id, number, print_of(message), now)
            elif known.again_at is not None:
                await edits.postpone_edit(conn, chat.id, number, known.again_at)
            else:
                await edits.give_up(conn, chat.id, number)
            await self._apply_to_chat(conn, chat, known, now)
        if known.done:
            self.emit(MessageEdited(chat.id, now - standing.due_at))
        self._after(chat, known, outcome, now)
        return 1

    # Replies.

    async def _reply(self, owed: Owed, told: int) -> int:
        """One reply, when the chat's rhythm lets an alert through; 1 when Telegram was asked."""
        chat, now = owed.delivery.chat, self.clock()
        turned = replace(owed.delivery, alert=replace(owed.delivery.alert, raised_at=owed.created_at))
        planned = plan(chat, (turned,), now, told)
        if not planned.send:
            async with self.database.write() as conn:
                until = next((wait.until for wait in planned.later), None)
                await edits.wait_reply(conn, owed.id, until)
            return 0
        message = draw_turn(chat, _told_by(owed), owed.turn, owed.message_id, self.topics(), now)
        leaving = self.pace.leaving(chat.id, group=_is_group(chat), priority=Priority.ALERT)
        async with leaving, self.database.write() as conn:
            await edits.settle_reply(conn, owed.id, now)
        outcome = await self.sender.send(chat.id, owed.delivery.thread_id, message)
        now = self.clock()
        known = known_after(outcome, Way.REPLY, now)
        async with self.database.write() as conn:
            if not known.done:
                await edits.wait_reply(conn, owed.id, known.again_at)
            await self._apply_to_chat(conn, chat, known, now)
        if isinstance(outcome, Sent):
            self.emit(DeliverySent(chat.id, 1, now - owed.created_at))
        self._after(chat, known, outcome, now)
        return 1

    # Both.

    async def _apply_to_chat(self, conn: Connection, chat: Chat, known: Known, now: datetime) -> None:
        if known.blocked:
            await chats.set_state(conn, chat.id, ChatState.BLOCKED, known.blocked, now)
        if known.migrated_to is not None and known.migrated_to != chat.id:
            await chats.move_chat(conn, chat.id, known.migrated_to, now)

    def _after(self, chat: Chat, known: Known, outcome: Outcome, now: datetime) -> None:
        if known.hold_chat_until is not None:
            self.pace.hold(chat.id, known.hold_chat_until - now)
        if known.hold_all_until is not None:
            self.pace.hold_all(known.hold_all_until - now)
        if known.blocked:
            self.emit(SubscriberGone(chat.id, known.blocked))
        if isinstance(outcome, Unauthorised):
            self.emit(TokenRefused(outcome.cause))


def _is_group(chat: Chat) -> bool:
    return chat.kind is not ChatKind.PRIVATE


def _told_by(owed: Owed) -> Alert:
    """The story's alert in the words of the item that tells its turn."""
    told = owed.item
    mention = Mention(
        told.outlet,
        told.source_class,
        told.title,
        told.url,
        told.published_at,
        told.found_at,
        paywalled=told.paywalled,
        machine_written=told.machine_written,
    )
    return replace(
        owed.delivery.alert, title=told.title, url=told.url, summary=told.digest, lang=told.lang, mentions=(mention,)
    )
