"""A story that grew becomes messages to edit and replies to send; what Telegram answered becomes their last word.

    growth (in the transaction of its item)   alert.grown_at, turning   one row, whatever the number of subscribers
    a few minutes later                       message.edit_due_at       a chunk of the chats that were told a commit
    at once for a turn of the news            reply                     the same
    edited, or never again                    message.print, or no row

So outlets that come within minutes make one edit, no crash loses one, and a poll never waits for the subscribers.
A reply is settled before its call: the story is told already, and telling a turn twice is worse than not telling it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.frame import Frame, from_json
from bot.alerts.sources import as_told
from bot.model import Alert, Chat, ChatState, Delivery, DeliveryState, Item
from bot.store.alerts import alerts_by_id
from bot.store.chats import read_chat
from bot.store.database import insert_ignoring
from bot.store.deliveries import AT_ONCE, BEFORE_ALL, CHUNK, LISTENING, WAITED
from bot.store.items import read_item
from bot.store.sources import choices_of, is_muted
from bot.store.tables import alert, chat, delivery, item, message, reply, story_item, turning

# Said so that no index of chats by state is tempting: what is due is few, who is active is everybody.
AWAY = [state.value for state in ChatState if state is not ChatState.ACTIVE]

ALERTS_AT_ONCE = 50  # that grew, in one commit

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
    """The alert's messages are to be edited at `due_at`, or when an earlier outlet already made them due.

    Where that has begun, some messages may have been edited without this outlet: it begins again.
    """
    free = or_(alert.c.grown_at.is_(None), alert.c.grown_after.is_not(None))
    await conn.execute(update(alert).where(alert.c.id == alert_id, free).values(grown_at=due_at, grown_after=None))


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
    """Makes messages of alerts that are due for it due themselves; returns how many alerts these were, 0: none is left.

    At most CHUNK chats, so that nobody waits for the writer; `grown_after` says where to go on. An alert that is being
    sent at this moment, with the outlets it had before, waits for its messages to stand.
    """
    sending = select(delivery.c.alert_id).where(delivery.c.state == DeliveryState.SENDING.value)
    grown = (
        select(alert.c.id, alert.c.grown_after)
        .where(alert.c.grown_at <= now, alert.c.id.not_in(sending))
        .order_by(alert.c.grown_at, alert.c.id)
        .limit(ALERTS_AT_ONCE)
    )
    rows, room = (await conn.execute(grown)).all(), CHUNK
    for number, row in enumerate(rows, 1):
        room -= await _spread_chunk(conn, row.id, row.grown_after, room, now)
        if room <= 0:
            return number
    return len(rows)


async def _spread_chunk(conn: AsyncConnection, alert_id: int, after: int | None, room: int, now: datetime) -> int:
    """The next chats of one alert, at most `room`, in the order of their ids; returns how much room that took."""
    told, last = await _next_told(conn, alert_id, after, room)
    telling = select(delivery.c.chat_id, delivery.c.message_id).where(*told)
    marked = await conn.execute(
        update(message)
        .where(tuple_(message.c.chat_id, message.c.message_id).in_(telling), message.c.edit_due_at.is_(None))
        .values(edit_due_at=now)
    )
    done = {"grown_at": None, "grown_after": None} if last is None else {"grown_after": last}
    await conn.execute(update(alert).where(alert.c.id == alert_id).values(done))
    return marked.rowcount if last is None else room


async def _next_told(
    conn: AsyncConnection, alert_id: int, after: int | None, room: int
) -> tuple[list[ColumnElement[bool]], int | None]:
    """Which deliveries come next after chat `after`, `room` of them, and the last one's chat; None: up to the end."""
    told = [
        delivery.c.alert_id == alert_id,
        delivery.c.state == DeliveryState.SENT.value,
        delivery.c.chat_id > (BEFORE_ALL if after is None else after),
    ]
    last = await conn.scalar(
        select(delivery.c.chat_id).where(*told).order_by(delivery.c.chat_id).offset(room - 1).limit(1)
    )
    return ([*told, delivery.c.chat_id <= last] if last is not None else told), last


@dataclass(frozen=True, slots=True)
class Standing:
    """A message that stands in a chat and may have something to add, since `due_at`. `alerts` by delivery."""

    chat: Chat
    message_id: int
    due_at: datetime
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
            due_at=row.edit_due_at,
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


async def note_turn(conn: AsyncConnection, alert_id: int, item_id: int, turn: str, now: datetime) -> None:
    """The story took a turn, told by this item: replies are owed. One row, whatever the number of subscribers."""
    owed = {"item_id": item_id, "alert_id": alert_id, "turn": turn, "turned_at": now, "after_chat_id": BEFORE_ALL}
    await conn.execute(turning.insert().values(owed))


async def owe_replies(conn: AsyncConnection, apart: timedelta) -> int | None:
    """A reply for each of the next CHUNK chats told of a story that turned; returns how many, None: none is left.

    A chat that had a reply about the story within `apart` before the turn, or that muted the item's outlet or its
    class, gets none.
    """
    row = (await conn.execute(select(turning).order_by(turning.c.turned_at, turning.c.item_id).limit(1))).one_or_none()
    if row is None:
        return None
    told, last = await _next_told(conn, row.alert_id, row.after_chat_id, CHUNK)
    this = turning.c.item_id == row.item_id
    if last is None:
        await conn.execute(delete(turning).where(this))
    else:
        await conn.execute(update(turning).where(this).values(after_chat_id=last))
    return await _owe(conn, row, told, row.turned_at - apart)


async def _owe(
    conn: AsyncConnection, turned: Row[Any], told: Sequence[ColumnElement[bool]], none_since: datetime
) -> int:
    earlier = select(reply.c.id).where(
        reply.c.alert_id == turned.alert_id, reply.c.chat_id == delivery.c.chat_id, reply.c.created_at > none_since
    )
    values = {
        "alert_id": delivery.c.alert_id,
        "item_id": item.c.id,
        "chat_id": delivery.c.chat_id,
        "delivery_id": delivery.c.id,
        "turn": literal(turned.turn),
        "created_at": literal(turned.turned_at, type_=reply.c.created_at.type),
        "not_before": literal(turned.turned_at, type_=reply.c.not_before.type),
    }
    chosen = (
        select(*values.values())
        .select_from(delivery)
        .join(chat, chat.c.id == delivery.c.chat_id)
        .join(item, item.c.id == turned.item_id)
        .where(*told, chat.c.state.in_(LISTENING), ~is_muted(item), ~earlier.correlate(delivery).exists())
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
