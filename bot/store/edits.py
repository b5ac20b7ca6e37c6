"""A story that grew becomes messages to edit and replies to send; what Telegram answered becomes their last word.

    growth (in the transaction of its item)   alert.grown_at            one row, whatever the number of subscribers
    a few minutes later                       message.edit_due_at       one statement for every message that tells it
    edited, or never again                    message.print, or no row

So outlets that come within minutes make one edit, no crash loses one, and a poll never waits for the subscribers.
A reply is settled before its call: the story is told already, and telling a turn twice is worse than not telling it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.frame import Frame, from_json
from bot.alerts.sources import as_told
from bot.model import Alert, Chat, ChatState, Delivery, DeliveryState, Item
from bot.store.alerts import alerts_by_id
from bot.store.chats import read_chat
from bot.store.database import insert_ignoring
from bot.store.deliveries import AT_ONCE, LISTENING, WAITED
from bot.store.items import read_item
from bot.store.sources import choices_of, is_muted
from bot.store.tables import alert, chat, delivery, item, message, reply, story_item

# Said so that no index of chats by state is tempting: what is due is few, who is active is everybody.
AWAY = [state.value for state in ChatState if state is not ChatState.ACTIVE]

# What a story was before.


async def outlets_of(conn: AsyncConnection, story_id: int, but: int) -> frozenset[str]:
    """The outlets that carry a story, by other items than `but`."""
    found = await conn.execute(
        select(item.c.outlet).join(story_item).where(story_item.c.story_id == story_id, item.c.id != but)
    )
    return frozenset(found.scalars())


async def told_before(conn: AsyncConnection, story_id: int, but: int) -> list[str]:
    """Title and lead of each item of a story, without `but`."""
    found = await conn.execute(
        select(item.c.title, item.c.summary, item.c.digest)
        .join(story_item)
        .where(story_item.c.story_id == story_id, item.c.id != but)
    )
    return ["\n".join(row) for row in found]


async def is_idle(conn: AsyncConnection, now: datetime) -> bool:
    """Whether no alert is due: nobody waits for one because of an edit."""
    due = select(delivery.c.id).where(delivery.c.rank.in_([AT_ONCE, WAITED]), delivery.c.not_before <= now)
    return (await conn.execute(due.limit(1))).first() is None


# Edits.


async def mark_grown(conn: AsyncConnection, alert_id: int, due_at: datetime) -> None:
    """The alert's messages are to be edited at `due_at`, or when an earlier outlet already made them due."""
    await conn.execute(update(alert).where(alert.c.id == alert_id, alert.c.grown_at.is_(None)).values(grown_at=due_at))


@dataclass(frozen=True, slots=True)
class Said:
    """A message that stands in a chat since a moment ago; `print` as `alerts.render.print_of` gives it."""

    chat_id: int
    message_id: int
    frame: Frame
    print: str


async def remember(conn: AsyncConnection, said: Sequence[Said]) -> None:
    """Messages that were sent may be edited from now on."""
    rows = [
        {
            "chat_id": one.chat_id,
            "message_id": one.message_id,
            "said_at": one.frame.said_at,
            "frame": one.frame.to_json(),
            "print": one.print,
        }
        for one in said
    ]
    if rows:
        await conn.execute(insert_ignoring(conn, message), rows)


async def spread(conn: AsyncConnection, now: datetime) -> int:
    """Makes the messages of every alert that is due for it due themselves; returns how many alerts these were.

    An alert that is being sent at this moment, with the outlets it had before, waits for its messages to stand.
    """
    sending = select(delivery.c.alert_id).where(delivery.c.state == DeliveryState.SENDING.value)
    found = await conn.execute(select(alert.c.id).where(alert.c.grown_at <= now, alert.c.id.not_in(sending)))
    grown = list(found.scalars())
    if grown:
        telling = select(delivery.c.chat_id, delivery.c.message_id).where(
            delivery.c.alert_id.in_(grown), delivery.c.state == DeliveryState.SENT.value
        )
        await conn.execute(
            update(message)
            .where(tuple_(message.c.chat_id, message.c.message_id).in_(telling), message.c.edit_due_at.is_(None))
            .values(edit_due_at=now)
        )
        await conn.execute(update(alert).where(alert.c.id.in_(grown)).values(grown_at=None))
    return len(grown)


@dataclass(frozen=True, slots=True)
class Standing:
    """A message that stands in a chat and may have something to add. `alerts` by the id of their delivery."""

    chat: Chat
    message_id: int
    frame: Frame
    print: str
    alerts: Mapping[int, Alert]


async def due_edits(conn: AsyncConnection, now: datetime, edited_before: datetime, limit: int) -> list[Standing]:
    """Messages of active chats that are due for an edit and had none since `edited_before`; the latest growth first."""
    rows = (
        await conn.execute(
            select(message, chat)
            .join(chat, chat.c.id == message.c.chat_id)
            .where(
                message.c.edit_due_at <= now,
                or_(message.c.edited_at.is_(None), message.c.edited_at <= edited_before),
                chat.c.state.not_in(AWAY),
            )
            .order_by(message.c.edit_due_at.desc())
            .limit(limit)
        )
    ).all()
    frames = {(row.chat_id, row.message_id): from_json(row.frame) for row in rows}
    told = await conn.execute(
        select(delivery.c.id, delivery.c.alert_id, delivery.c.keywords).where(
            delivery.c.id.in_([delivery_id for frame in frames.values() for delivery_id in frame.shown])
        )
    )
    owed = {row.id: row for row in told}
    alerts = await alerts_by_id(conn, (row.alert_id for row in owed.values()))
    choices = await choices_of(conn, [row.chat_id for row in rows])
    return [
        Standing(
            chat=read_chat(row),
            message_id=row.message_id,
            frame=(frame := frames[row.chat_id, row.message_id]),
            print=row.print,
            alerts={
                its: replace(
                    as_told(alerts[owed[its].alert_id], choices.get(row.chat_id, {})),
                    keywords=tuple(owed[its].keywords),
                )
                for its in frame.shown
                if its in owed
            },
        )
        for row in rows
    ]


async def note_edited(conn: AsyncConnection, chat_id: int, message_id: int, print_: str, now: datetime) -> None:
    """The message says `print_`; nothing more is due until a story grows again."""
    await conn.execute(
        update(message).where(_this(chat_id, message_id)).values(print=print_, edited_at=now, edit_due_at=None)
    )


async def note_same(conn: AsyncConnection, chat_id: int, message_id: int) -> None:
    """The message already says all there is."""
    await conn.execute(update(message).where(_this(chat_id, message_id)).values(edit_due_at=None))


async def postpone_edit(conn: AsyncConnection, chat_id: int, message_id: int, until: datetime) -> None:
    await conn.execute(update(message).where(_this(chat_id, message_id)).values(edit_due_at=until))


async def give_up(conn: AsyncConnection, chat_id: int, message_id: int) -> None:
    """It can never be edited again: deleted by the person, or of a chat that moved."""
    await conn.execute(delete(message).where(_this(chat_id, message_id)))


async def forget_messages(conn: AsyncConnection, before: datetime) -> None:
    """What was said before that is left as it is."""
    await conn.execute(delete(message).where(message.c.said_at < before))


def _this(chat_id: int, message_id: int) -> ColumnElement[bool]:
    return and_(message.c.chat_id == chat_id, message.c.message_id == message_id)


# Replies.


@dataclass(frozen=True, slots=True)
class Owed:
    """A turn of a story that a chat is owed: `delivery` is what told the story there, as message `message_id`."""

    id: int
    delivery: Delivery
    message_id: int
    item: Item
    turn: str
    created_at: datetime


async def owe_replies(
    conn: AsyncConnection, alert_id: int, item_id: int, turn: str, now: datetime, none_since: datetime
) -> int:
    """One reply for each chat that was told the story and had none about it since `none_since`; returns how many.

    A chat that muted the item's outlet or its class gets none. One statement, whatever the number of subscribers.
    """
    earlier = select(reply.c.id).where(
        reply.c.alert_id == alert_id, reply.c.chat_id == delivery.c.chat_id, reply.c.created_at > none_since
    )
    values = {
        "alert_id": delivery.c.alert_id,
        "item_id": item.c.id,
        "chat_id": delivery.c.chat_id,
        "delivery_id": delivery.c.id,
        "turn": literal(turn),
        "created_at": literal(now, type_=reply.c.created_at.type),
        "not_before": literal(now, type_=reply.c.not_before.type),
    }
    chosen = (
        select(*values.values())
        .select_from(delivery)
        .join(chat, chat.c.id == delivery.c.chat_id)
        .join(item, item.c.id == item_id)
        .where(
            delivery.c.alert_id == alert_id,
            delivery.c.state == DeliveryState.SENT.value,
            chat.c.state.in_(LISTENING),
            ~is_muted(item),
            ~earlier.correlate(delivery).exists(),
        )
    )
    return (await conn.execute(insert_ignoring(conn, reply).from_select(list(values), chosen))).rowcount


async def due_replies(conn: AsyncConnection, now: datetime, limit: int) -> list[Owed]:
    """Replies due to active chats, the one that is due longest first."""
    due = (
        select(reply.c.id.label("reply_id"), reply.c.turn, reply.c.created_at.label("turned_at"), reply.c.item_id)
        .add_columns(delivery)
        .join(delivery, delivery.c.id == reply.c.delivery_id)
        .join(chat, chat.c.id == reply.c.chat_id)
        .where(reply.c.not_before <= now, chat.c.state.not_in(AWAY))
        .order_by(reply.c.not_before)
        .limit(limit)
    )
    rows = (await conn.execute(due)).all()
    chats = await conn.execute(select(chat).where(chat.c.id.in_({row.chat_id for row in rows})))
    by_id = {row.id: read_chat(row) for row in chats}
    items = await conn.execute(select(item).where(item.c.id.in_({row.item_id for row in rows})))
    item_of = {row.id: read_item(row) for row in items}
    alerts = await alerts_by_id(conn, (row.alert_id for row in rows))
    return [
        Owed(
            row.reply_id,
            Delivery(
                id=row.id,
                alert=alerts[row.alert_id],
                chat=by_id[row.chat_id],
                thread_id=row.thread_id,
                state=DeliveryState(row.state),
                attempts=0,
                not_before=row.turned_at,
            ),
            row.message_id,
            item_of[row.item_id],
            row.turn,
            row.turned_at,
        )
        for row in rows
    ]


async def settle_reply(conn: AsyncConnection, reply_id: int, sent_at: datetime) -> None:
    """Written before the call: whatever becomes of it, it is not tried twice."""
    await conn.execute(update(reply).where(reply.c.id == reply_id).values(not_before=None, sent_at=sent_at))


async def wait_reply(conn: AsyncConnection, reply_id: int, until: datetime | None) -> None:
    """It surely did not arrive, or is not wanted now; None: nor later."""
    await conn.execute(update(reply).where(reply.c.id == reply_id).values(not_before=until, sent_at=None))


async def forget_replies(conn: AsyncConnection, before: datetime) -> None:
    """What was owed before that, sent or not, is no news any more."""
    await conn.execute(delete(reply).where(reply.c.created_at < before))
