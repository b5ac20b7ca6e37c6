"""Alerts become deliveries (the outbox); due deliveries become work, and outcomes become their last word.

A delivery's states and their meaning stand in `model.DeliveryState`. `sending` is committed before the call and the
outcome after it, so a crash between the two is known and becomes `uncertain`. One deliverer at a time holds a chat
(`chat.lease_until`), which keeps the order of a chat's messages.

SQLite has one writer, so nothing here may hold it long: an alert is addressed a chunk of chats a commit (the first one
with the alert itself), and its row in `addressing` says where to go on, now or after a crash.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.sources import SourceChoice, as_told
from bot.model import Chat, ChatState, Delivery, DeliveryState
from bot.store.alerts import alerts_by_id, topics_of
from bot.store.chats import read_chat
from bot.store.database import insert_ignoring
from bot.store.sources import choices_of, is_muted
from bot.store.tables import addressing, alert, alert_topic, chat, delivery, item, source_choice, subscription

CHUNK = 2_000  # chats addressed, or old rows forgotten, in one commit: a few hundredths of a second
SCAN = 1_000  # due rows looked at in one step of a claim
STEPS = 4  # of a claim, so that it stays short when many chats are away
AT_ONCE, WAITED = 0, 1  # ranks: what is told at once goes before what waited for its hour
ASK_AGAIN = timedelta(hours=1)  # what is owed to a chat that is away; its return makes it due at once
OPEN = (DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNCERTAIN.value)
LISTENING = (ChatState.ACTIVE.value, ChatState.PAUSED.value)
BEFORE_ALL = -(2**63)


async def address(conn: AsyncConnection, alert_id: int, not_before: datetime, now: datetime) -> int:
    """A delivery for each chat that follows one of the alert's topics: the first CHUNK of them; returns how many.

    The rest is remembered in the same transaction, and `address_more` goes on from there. Paused chats are addressed
    too (their alerts wait and come as one message); stopped and blocked ones are not. A chat that muted the outlet or
    its class gets none. Addressing again, after the alert gained a topic, starts over and doubles nothing.
    """
    return await _address_chunk(conn, alert_id, BEFORE_ALL, not_before, now)


async def address_more(conn: AsyncConnection, now: datetime) -> int | None:
    """The next CHUNK of an alert that is not addressed to its end; None when there is no such alert."""
    found = await conn.execute(
        select(addressing).order_by(addressing.c.alert_id).limit(1).with_for_update(skip_locked=True)
    )
    row = found.one_or_none()
    if row is None:
        return None
    return await _address_chunk(conn, row.alert_id, row.after_chat_id, row.not_before, now)


async def _address_chunk(
    conn: AsyncConnection, alert_id: int, after_chat_id: int, not_before: datetime, now: datetime
) -> int:
    """Chats in the order of their ids, from `after_chat_id` on; remembers where it stopped."""
    last = await _end_of_chunk(conn, alert_id, after_chat_id)
    await conn.execute(delete(addressing).where(addressing.c.alert_id == alert_id))
    if last is not None:
        remembered = {"alert_id": alert_id, "after_chat_id": last, "not_before": not_before}
        await conn.execute(addressing.insert().values(remembered))
    followers = [subscription.c.chat_id > after_chat_id, ~is_muted(item)]
    if last is not None:
        followers.append(subscription.c.chat_id <= last)
    return await _address_followers(conn, alert_id, followers, not_before, now)


async def address_unmuted(
    conn: AsyncConnection, alert_id: int, item_id: int, not_before: datetime, now: datetime
) -> int:
    """A story told by an outlet that some chats muted is carried by another one now: those chats are owed it."""
    joined = item.alias()
    carried = select(joined.c.id).where(joined.c.id == item_id, ~is_muted(joined)).correlate(chat).exists()
    muting = select(source_choice.c.chat_id).where(source_choice.c.choice == SourceChoice.MUTE.value)
    followers = [subscription.c.chat_id.in_(muting), is_muted(item), carried]
    return await _address_followers(conn, alert_id, followers, not_before, now)


async def _address_followers(
    conn: AsyncConnection,
    alert_id: int,
    followers: Sequence[ColumnElement[bool]],
    not_before: datetime,
    now: datetime,
) -> int:
    """A delivery for each listening chat that follows a topic of the alert and is among `followers`."""
    values = {
        "alert_id": alert.c.id,
        "chat_id": chat.c.id,
        "thread_id": func.max(chat.c.thread_id),
        "state": literal(DeliveryState.PENDING.value),
        "rank": literal(AT_ONCE),
        "not_before": literal(not_before, type_=delivery.c.not_before.type),
        "attempts": literal(0),
        "lost": literal(0),
        "plain": literal(False),
        "reason": literal(""),
        "created_at": literal(now, type_=delivery.c.created_at.type),
    }
    chosen = (
        select(*values.values())
        .select_from(alert)
        .join(item, item.c.id == alert.c.item_id)
        .join(alert_topic, alert_topic.c.alert_id == alert.c.id)
        .join(subscription, subscription.c.topic == alert_topic.c.topic)
        .join(chat, chat.c.id == subscription.c.chat_id)
        .where(alert.c.id == alert_id, chat.c.state.in_(LISTENING), *followers)
        .group_by(alert.c.id, chat.c.id)
    )
    done = await conn.execute(insert_ignoring(conn, delivery).from_select(list(values), chosen))
    return done.rowcount


async def _end_of_chunk(conn: AsyncConnection, alert_id: int, after_chat_id: int) -> int | None:
    """The chat up to which no topic of the alert has more than CHUNK followers; None: up to the last one."""
    ends = []
    for topic in await topics_of(conn, alert_id):
        followers = select(subscription.c.chat_id).where(
            subscription.c.topic == topic, subscription.c.chat_id > after_chat_id
        )
        ends.append(await conn.scalar(followers.order_by(subscription.c.chat_id).offset(CHUNK - 1).limit(1)))
    return min((end for end in ends if end is not None), default=None)


@dataclass(frozen=True, slots=True)
class Claim:
    """Everything due for each claimed chat, oldest first. `away`: chats whose due rows were set aside meanwhile."""

    work: Mapping[Chat, Sequence[Delivery]]
    away: int


async def claim_due(
    conn: AsyncConnection, now: datetime, lease: timedelta, chats: int, busy: Collection[int] = ()
) -> Claim:
    """Takes up to `chats` chats that something is due for, what is told at once first, none of `busy`.

    The chats are ours until `now + lease`. What a dead deliverer left `sending` comes back as `uncertain`, its lost
    answer counted. What is due for a chat that is paused or blocked is set aside for a while, so that a claim costs the
    same however many chats are away.
    """
    chosen: dict[int, None] = {}
    away = 0
    for rank in (AT_ONCE, WAITED):
        for _ in range(STEPS):
            rows = await _due(conn, now, rank, [*busy, *chosen]) if len(chosen) < chats else []
            gone = {row.chat_id: row.state for row in rows if row.state != ChatState.ACTIVE.value}
            chosen |= dict.fromkeys(row.chat_id for row in rows if row.chat_id not in gone)
            if not gone:
                break
            away += len(gone)
            await _set_aside(conn, gone, now)
    taken = list(chosen)[:chats]
    if not taken:
        return Claim({}, away)
    await conn.execute(update(chat).where(chat.c.id.in_(taken)).values(lease_until=now + lease))
    await conn.execute(
        update(delivery)
        .where(delivery.c.chat_id.in_(taken), delivery.c.state == DeliveryState.SENDING.value)
        .values(state=DeliveryState.UNCERTAIN.value, lost=delivery.c.lost + 1, reason="crash")
    )
    return Claim(await _load(conn, taken, now), away)


async def _due(conn: AsyncConnection, now: datetime, rank: int, but: list[int]) -> Sequence[Row[int, str]]:
    found = await conn.execute(
        select(delivery.c.chat_id, chat.c.state)
        .join(chat, chat.c.id == delivery.c.chat_id)
        .where(
            delivery.c.rank == rank,
            delivery.c.not_before <= now,
            or_(chat.c.lease_until.is_(None), chat.c.lease_until <= now),
            chat.c.id.not_in(but),
        )
        .order_by(delivery.c.not_before)
        .limit(SCAN)
        .with_for_update(skip_locked=True, of=chat)
    )
    return found.all()


async def _set_aside(conn: AsyncConnection, gone: Mapping[int, str], now: datetime) -> None:
    """The reason is the chat's state, by which `chats.set_state` finds them again."""
    for state in set(gone.values()):
        await conn.execute(
            update(delivery)
            .where(
                delivery.c.chat_id.in_([chat_id for chat_id, its in gone.items() if its == state]),
                delivery.c.not_before <= now,
            )
            .values(not_before=now + ASK_AGAIN, rank=WAITED, reason=state)
        )


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
    choices = await choices_of(conn, chosen)
    followed = await _followed(conn, [each.id for each in chats.values() if each.rhythm.topics])
    work: dict[Chat, list[Delivery]] = {}
    for row in rows:
        told = Delivery(
            id=row.id,
            alert=replace(as_told(alerts[row.alert_id], choices.get(row.chat_id, {})), keywords=tuple(row.keywords)),
            chat=chats[row.chat_id],
            thread_id=row.thread_id,
            state=DeliveryState(row.state),
            attempts=row.attempts,
            not_before=row.not_before,
            plain=row.plain,
            lost=row.lost,
            followed=tuple(t for t in alerts[row.alert_id].topics if t in followed.get(row.chat_id, ())),
        )
        work.setdefault(told.chat, []).append(told)
    return work


async def _followed(conn: AsyncConnection, chat_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """The topics each of these chats follows."""
    if not chat_ids:
        return {}
    rows = await conn.execute(
        select(subscription.c.chat_id, subscription.c.topic).where(subscription.c.chat_id.in_(chat_ids))
    )
    found: dict[int, set[str]] = {}
    for chat_id, topic in rows:
        found.setdefault(chat_id, set()).add(topic)
    return {chat_id: frozenset(topics) for chat_id, topics in found.items()}


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
    """Nothing was tried: quiet hours, a digest hour, a ceiling that is reached."""
    await conn.execute(
        update(delivery).where(delivery.c.id.in_(delivery_ids)).values(not_before=until, rank=WAITED, reason=why)
    )


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


async def release_chats(conn: AsyncConnection, chat_ids: Sequence[int]) -> None:
    """The deliverer is done with these chats."""
    await conn.execute(update(chat).where(chat.c.id.in_(chat_ids)).values(lease_until=None))


async def release_all(conn: AsyncConnection) -> None:
    """The one deliverer of this token starts: whatever an earlier one held is free at once."""
    await conn.execute(update(chat).where(chat.c.lease_until.is_not(None)).values(lease_until=None))


async def sent_since(conn: AsyncConnection, chat_ids: Sequence[int], since: datetime) -> Mapping[int, int]:
    """Alerts each chat got since then; for the hourly ceiling."""
    rows = await conn.execute(
        select(delivery.c.chat_id, func.count())
        .where(delivery.c.chat_id.in_(chat_ids), delivery.c.sent_at >= since)
        .group_by(delivery.c.chat_id)
    )
    return {row[0]: row[1] for row in rows}


async def forget_deliveries(conn: AsyncConnection, before: datetime) -> int:
    """At most CHUNK settled deliveries older than that, oldest first; open ones stay however old. How many went.

    Ids grow with time, so that what is young is never looked at.
    """
    young = select(delivery.c.id).where(delivery.c.created_at >= before).order_by(delivery.c.id).limit(1)
    first_young = await conn.scalar(young)
    old = select(delivery.c.id).where(delivery.c.state.not_in(OPEN))
    if first_young is not None:
        old = old.where(delivery.c.id < first_young)
    done = await conn.execute(delete(delivery).where(delivery.c.id.in_(old.order_by(delivery.c.id).limit(CHUNK))))
    return done.rowcount
