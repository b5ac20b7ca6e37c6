"""Alerts become deliveries (the outbox); due deliveries become work, and outcomes become their last word.

A delivery's states and their meaning stand in `model.DeliveryState`. `sending` is committed before the call and the
outcome after it, so a crash between the two is known and becomes `uncertain`. One deliverer at a time holds a chat
(`chat.lease_until`), which keeps the order of a chat's messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Chat, ChatState, Delivery, DeliveryState
from bot.store.alerts import alerts_by_id
from bot.store.chats import read_chat
from bot.store.database import insert_ignoring
from bot.store.tables import alert, alert_topic, chat, delivery, item, source_choice, subscription

SCAN = 1_000  # due rows looked at in one claim
OPEN = (DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNCERTAIN.value)
MUTE = "mute"


async def address(conn: AsyncConnection, alert_id: int, not_before: datetime, now: datetime) -> int:
    """One delivery for each chat that follows one of the alert's topics; returns how many.

    Paused chats are addressed too (their alerts wait and come as one message); stopped and blocked ones are not. A chat
    that muted the outlet or its class gets none. One statement, whatever the number of subscribers.
    """
    muted = select(source_choice.c.chat_id).where(
        source_choice.c.chat_id == chat.c.id,
        source_choice.c.choice == MUTE,
        source_choice.c.source.in_(["outlet:" + item.c.outlet, "class:" + item.c.source_class]),
    )
    chosen = (
        select(
            alert.c.id,
            chat.c.id,
            func.max(chat.c.thread_id),
            literal(DeliveryState.PENDING.value),
            literal(not_before, type_=delivery.c.not_before.type),
            literal(0),
            literal(0),
            literal(False),
            literal(""),
            literal(now, type_=delivery.c.created_at.type),
        )
        .select_from(alert)
        .join(item, item.c.id == alert.c.item_id)
        .join(alert_topic, alert_topic.c.alert_id == alert.c.id)
        .join(subscription, subscription.c.topic == alert_topic.c.topic)
        .join(chat, chat.c.id == subscription.c.chat_id)
        .where(
            alert.c.id == alert_id,
            chat.c.state.in_([ChatState.ACTIVE.value, ChatState.PAUSED.value]),
            ~muted.correlate(chat, item).exists(),
        )
        .group_by(alert.c.id, chat.c.id)
    )
    columns = [
        "alert_id",
        "chat_id",
        "thread_id",
        "state",
        "not_before",
        "attempts",
        "lost",
        "plain",
        "reason",
        "created_at",
    ]
    done = await conn.execute(insert_ignoring(conn, delivery).from_select(columns, chosen))
    return done.rowcount


async def claim_due(
    conn: AsyncConnection, now: datetime, lease: timedelta, chats: int
) -> Mapping[Chat, Sequence[Delivery]]:
    """Takes up to `chats` chats that something is due for, with everything due for each, oldest first.

    The chats are ours until `now + lease`. What a dead deliverer left `sending` comes back as `uncertain`, its lost
    answer counted.
    """
    due = await conn.execute(
        select(delivery.c.chat_id)
        .join(chat, chat.c.id == delivery.c.chat_id)
        .where(
            delivery.c.not_before <= now,
            chat.c.state == ChatState.ACTIVE.value,
            or_(chat.c.lease_until.is_(None), chat.c.lease_until <= now),
        )
        .order_by(delivery.c.not_before)
        .limit(SCAN)
        .with_for_update(skip_locked=True, of=chat)
    )
    chosen = list(dict.fromkeys(due.scalars()))[:chats]
    if not chosen:
        return {}
    await conn.execute(update(chat).where(chat.c.id.in_(chosen)).values(lease_until=now + lease))
    await conn.execute(
        update(delivery)
        .where(delivery.c.chat_id.in_(chosen), delivery.c.state == DeliveryState.SENDING.value)
        .values(state=DeliveryState.UNCERTAIN.value, lost=delivery.c.lost + 1, reason="crash")
    )
    return await _load(conn, chosen, now)


async def _load(conn: AsyncConnection, chosen: list[int], now: datetime) -> Mapping[Chat, Sequence[Delivery]]:
    rows = (
        await conn.execute(
            select(delivery)
            .where(delivery.c.chat_id.in_(chosen), delivery.c.not_before <= now)
            .order_by(delivery.c.chat_id, delivery.c.id)
        )
    ).all()
    found = await conn.execute(select(chat).where(chat.c.id.in_(chosen)))
    chats = {row.id: read_chat(row) for row in found}
    alerts = await alerts_by_id(conn, (row.alert_id for row in rows))
    work: dict[Chat, list[Delivery]] = {}
    for row in rows:
        told = Delivery(
            id=row.id,
            alert=alerts[row.alert_id],
            chat=chats[row.chat_id],
            thread_id=row.thread_id,
            state=DeliveryState(row.state),
            attempts=row.attempts,
            not_before=row.not_before,
            plain=row.plain,
            lost=row.lost,
        )
        work.setdefault(told.chat, []).append(told)
    return work


@dataclass(frozen=True, slots=True)
class Settled:
    """The new state of one delivery, as the decision said."""

    delivery_id: int
    state: DeliveryState
    not_before: datetime | None
    attempts: int
    lost: int
    plain: bool
    thread_id: int
    reason: str
    message_id: int | None = None
    sent_at: datetime | None = None


async def mark_sending(conn: AsyncConnection, ids: Sequence[int]) -> None:
    """Written before the call: if we die in it, the next claim knows."""
    await conn.execute(update(delivery).where(delivery.c.id.in_(ids)).values(state=DeliveryState.SENDING.value))


async def settle(conn: AsyncConnection, outcomes: Sequence[Settled]) -> None:
    """Writes what became of deliveries."""
    if not outcomes:
        return
    await conn.execute(
        update(delivery)
        .where(delivery.c.id == bindparam("row_id"))
        .values(
            {
                name: bindparam("new_" + name, type_=delivery.c[name].type)
                for name in (
                    ["state", "not_before", "attempts", "lost", "plain", "thread_id", "reason", "message_id", "sent_at"]
                )
            }
        ),
        [
            {
                "row_id": done.delivery_id,
                "new_state": done.state.value,
                "new_not_before": done.not_before,
                "new_attempts": done.attempts,
                "new_lost": done.lost,
                "new_plain": done.plain,
                "new_thread_id": done.thread_id,
                "new_reason": done.reason,
                "new_message_id": done.message_id,
                "new_sent_at": done.sent_at,
            }
            for done in outcomes
        ],
    )


async def postpone(conn: AsyncConnection, delivery_ids: Sequence[int], until: datetime, why: str) -> None:
    """Nothing was tried: quiet hours, a digest hour, a pace that is full."""
    await conn.execute(update(delivery).where(delivery.c.id.in_(delivery_ids)).values(not_before=until, reason=why))


async def drop(conn: AsyncConnection, delivery_ids: Sequence[int], why: str) -> None:
    """Never sent, with a named reason."""
    await conn.execute(
        update(delivery)
        .where(delivery.c.id.in_(delivery_ids))
        .values(state=DeliveryState.DROPPED.value, not_before=None, reason=why)
    )


async def hold_chat(conn: AsyncConnection, chat_id: int, until: datetime, why: str) -> None:
    """Telegram asked this chat to wait: everything open for it does."""
    await conn.execute(
        update(delivery)
        .where(delivery.c.chat_id == chat_id, delivery.c.not_before < until)
        .values(not_before=until, reason=why)
    )


async def release_chat(conn: AsyncConnection, chat_id: int) -> None:
    """The deliverer is done with the chat."""
    await conn.execute(update(chat).where(chat.c.id == chat_id).values(lease_until=None))


async def release_all(conn: AsyncConnection) -> None:
    """The one deliverer of this token starts: whatever an earlier one held is free at once."""
    await conn.execute(update(chat).where(chat.c.lease_until.is_not(None)).values(lease_until=None))


async def next_due_at(conn: AsyncConnection) -> datetime | None:
    """When the next delivery of an active chat is due; for a deliverer that sleeps."""
    found: datetime | None = (
        await conn.execute(
            select(delivery.c.not_before)
            .join(chat, chat.c.id == delivery.c.chat_id)
            .where(delivery.c.not_before.is_not(None), chat.c.state == ChatState.ACTIVE.value)
            .order_by(delivery.c.not_before)
            .limit(1)
        )
    ).scalar_one_or_none()
    return found


async def sent_since(conn: AsyncConnection, chat_ids: Sequence[int], since: datetime) -> Mapping[int, int]:
    """Alerts each chat got since then; for the hourly ceiling."""
    rows = await conn.execute(
        select(delivery.c.chat_id, func.count())
        .where(delivery.c.chat_id.in_(chat_ids), delivery.c.sent_at >= since)
        .group_by(delivery.c.chat_id)
    )
    return {row[0]: row[1] for row in rows}


async def forget_deliveries(conn: AsyncConnection, before: datetime) -> int:
    """Settled deliveries older than that; open ones stay however old."""
    done = await conn.execute(delivery.delete().where(delivery.c.created_at < before, delivery.c.state.not_in(OPEN)))
    return done.rowcount
