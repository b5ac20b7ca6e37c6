"""What people choose becomes rows of `chat` and `subscription`, and comes back as Chat and Subscriber."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Chat, ChatKind, ChatState, DeliveryState, Rhythm, Standing, Subscriber, TopicRhythm
from bot.store.database import insert_ignoring
from bot.store.tables import (
    broadcast_to,
    chat,
    delivery,
    message,
    personal_term,
    reply,
    source_choice,
    subscription,
    vote,
)


def read_chat(row: Row[Any]) -> Chat:
    """A row of `chat` as the word everyone shares."""
    return Chat(row.id, ChatKind(row.kind), row.language, ChatState(row.state), row.timezone, read_rhythm(row.rhythm))


def read_rhythm(stored: Mapping[str, Any]) -> Rhythm:
    """A rhythm from its JSON; what it does not name has the default."""
    return Rhythm(
        digest_hours=tuple(map(time.fromisoformat, stored.get("digest_hours", ()))),
        digest_weekdays=tuple(stored.get("digest_weekdays", ())),
        quiet_from=_read_time(stored.get("quiet_from")),
        quiet_to=_read_time(stored.get("quiet_to")),
        days_off=tuple(stored.get("days_off", ())),
        silent_when_quiet=stored.get("silent_when_quiet", False),
        hourly_ceiling=stored.get("hourly_ceiling", 0),
        topics=tuple(
            TopicRhythm(topic, tuple(map(time.fromisoformat, other["digest_hours"])), tuple(other["digest_weekdays"]))
            for topic, other in stored.get("topics", {}).items()
        ),
    )


def write_rhythm(rhythm: Rhythm) -> dict[str, Any]:
    """A rhythm as JSON."""
    return {
        **_write_digest(rhythm),
        "quiet_from": rhythm.quiet_from and rhythm.quiet_from.isoformat("minutes"),
        "quiet_to": rhythm.quiet_to and rhythm.quiet_to.isoformat("minutes"),
        "days_off": list(rhythm.days_off),
        "silent_when_quiet": rhythm.silent_when_quiet,
        "hourly_ceiling": rhythm.hourly_ceiling,
        "topics": {other.topic: _write_digest(other) for other in rhythm.topics},
    }


def _write_digest(rhythm: Rhythm | TopicRhythm) -> dict[str, Any]:
    return {
        "digest_hours": [hour.isoformat("minutes") for hour in rhythm.digest_hours],
        "digest_weekdays": list(rhythm.digest_weekdays),
    }


async def subscriber(conn: AsyncConnection, chat_id: int) -> Subscriber | None:
    """A chat and what it follows; None when we do not know it."""
    row = (await conn.execute(select(chat).where(chat.c.id == chat_id))).one_or_none()
    if row is None:
        return None
    topics = await conn.execute(select(subscription.c.topic).where(subscription.c.chat_id == chat_id))
    return Subscriber(read_chat(row), frozenset(topics.scalars()), row.joined_at, row.thread_id)


async def add_chat(conn: AsyncConnection, new: Chat, title: str, thread_id: int, now: datetime) -> bool:
    """True when the chat was unknown."""
    done = await conn.execute(
        insert_ignoring(conn, chat).values(
            id=new.id,
            kind=new.kind.value,
            language=new.language,
            state=new.state.value,
            state_at=now,
            timezone=new.timezone,
            rhythm=write_rhythm(new.rhythm),
            title=title,
            thread_id=thread_id,
            joined_at=now,
        )
    )
    return bool(done.rowcount)


async def set_chat(conn: AsyncConnection, chat_id: int, **values: object) -> bool:
    """Sets columns of one chat; False when we do not know it."""
    return bool((await conn.execute(update(chat).where(chat.c.id == chat_id).values(**values))).rowcount)


async def set_state(conn: AsyncConnection, chat_id: int, state: ChatState, cause: str, now: datetime) -> bool:
    """A chat that stops drops what waits for it, with the reason; one that is away finds it due on its return."""
    if state is ChatState.ACTIVE:
        set_aside = delivery.c.reason.in_([ChatState.PAUSED.value, ChatState.BLOCKED.value])
        await conn.execute(
            update(delivery)
            .where(delivery.c.chat_id == chat_id, delivery.c.not_before > now, set_aside)
            .values(not_before=now)
        )
    if state is ChatState.STOPPED:
        await conn.execute(
            update(delivery)
            .where(delivery.c.chat_id == chat_id, delivery.c.not_before.is_not(None))
            .values(state=DeliveryState.DROPPED.value, not_before=None, reason=cause)
        )
    return await set_chat(conn, chat_id, state=state.value, state_cause=cause, state_at=now)


async def lose_thread(conn: AsyncConnection, chat_id: int) -> None:
    """The forum topic is gone: what the chat is owed, and what comes later, goes to General."""
    await set_chat(conn, chat_id, thread_id=0)
    owed = (delivery.c.chat_id == chat_id, delivery.c.not_before.is_not(None))
    await conn.execute(update(delivery).where(*owed).values(thread_id=0))


async def reconsider(conn: AsyncConnection, chat_id: int, now: datetime) -> None:
    """What waits for a digest hour or the end of the quiet is due now: the deliverer decides again when."""
    waiting = (delivery.c.chat_id == chat_id, delivery.c.state == DeliveryState.PENDING.value)
    await conn.execute(
        update(delivery).where(*waiting, delivery.c.attempts == 0, delivery.c.not_before > now).values(not_before=now)
    )


async def follow(conn: AsyncConnection, chat_id: int, topic: str, now: datetime) -> None:
    """Idempotent: following twice is following once."""
    await conn.execute(insert_ignoring(conn, subscription).values(chat_id=chat_id, topic=topic, since=now))


async def unfollow(conn: AsyncConnection, chat_id: int, topic: str) -> None:
    await conn.execute(delete(subscription).where(subscription.c.chat_id == chat_id, subscription.c.topic == topic))


async def move_chat(conn: AsyncConnection, old_id: int, new_id: int, now: datetime) -> None:
    """A group became a supergroup: every row follows. When the new id is known already, nothing is doubled."""
    row = (await conn.execute(select(chat).where(chat.c.id == old_id))).one_or_none()
    if row is None:
        return
    moved = {**row._mapping, "id": new_id, "state_at": now, "lease_until": None}  # noqa: SLF001 (public, by its documentation)
    await conn.execute(insert_ignoring(conn, chat).values(moved))
    for table in (subscription, personal_term, source_choice, delivery, broadcast_to):
        taken = _twin_exists(table, new_id)
        await conn.execute(update(table).where(table.c.chat_id == old_id, ~taken).values(chat_id=new_id))
    await conn.execute(delete(chat).where(chat.c.id == old_id))


def _twin_exists(table: Any, new_id: int) -> Any:
    """Whether the new chat already has the same row."""
    key = {"subscription": "topic", "personal_term": "term", "source_choice": "source", "delivery": "alert_id"}.get(
        table.name, "broadcast_id"
    )
    twin = table.alias()
    return select(twin.c.chat_id).where(twin.c.chat_id == new_id, twin.c[key] == table.c[key]).exists()


async def standing(conn: AsyncConnection, who: Subscriber, now: datetime) -> Standing:
    """What a chat sees of itself in /etat."""
    mine = delivery.c.chat_id == who.chat.id
    waiting, next_at = (
        await conn.execute(
            select(func.count(), func.min(delivery.c.not_before)).where(mine, delivery.c.not_before.is_not(None))
        )
    ).one()
    sent, last = (
        await conn.execute(
            select(
                func.count().filter(delivery.c.sent_at >= now - timedelta(days=7)), func.max(delivery.c.sent_at)
            ).where(mine)
        )
    ).one()
    return Standing(who, waiting, next_at, sent, last)


async def personal_data(conn: AsyncConnection, chat_id: int) -> Mapping[str, object] | None:
    """Everything we hold about a chat, as JSON can write it; votes are a person's, whose chat we may not know."""
    held: dict[str, object] = {}
    row = (await conn.execute(select(chat).where(chat.c.id == chat_id))).one_or_none()
    if row is not None:
        held["chat"] = _plain(row, without={"lease_until"})
        for table in (subscription, personal_term, source_choice, delivery, message, reply, broadcast_to):
            rows = await conn.execute(select(table).where(table.c.chat_id == chat_id))
            held[table.name] = [_plain(part, without={"chat_id", "id"}) for part in rows]
    votes = (await conn.execute(select(vote).where(vote.c.person_id == chat_id))).all()
    if held or votes:
        held["vote"] = [_plain(part, without={"person_id"}) for part in votes]
    return held or None


async def erase(conn: AsyncConnection, chat_id: int) -> None:
    """The chat and everything that hangs on it, outbox rows included (secure_delete overwrites them on SQLite)."""
    for table in (delivery, subscription, personal_term, source_choice):
        await conn.execute(delete(table).where(table.c.chat_id == chat_id))
    await conn.execute(delete(vote).where(vote.c.person_id == chat_id))
    await conn.execute(delete(chat).where(chat.c.id == chat_id))


def _plain(row: Row[Any], without: set[str]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row._mapping.items()  # noqa: SLF001 (public, by its documentation)
        if name not in without
    }


def _read_time(stored: str | None) -> time | None:
    return time.fromisoformat(stored) if stored else None
