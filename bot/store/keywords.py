"""A chat's own keywords become rows of `personal_term`; those that stand in an item become deliveries to their chats.

A keyword is known to the index by the id of its row, so whatever becomes of its chat (moved, erased, stopped), this
table has the last word on who is told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, Mention, SourceClass, Text
from bot.store.database import insert_ignoring
from bot.store.deliveries import LISTENING
from bot.store.sources import is_muted
from bot.store.tables import chat, delivery, item, personal_term

CHUNK = 500  # values in one IN (…)


async def version(conn: AsyncConnection) -> tuple[Any, ...]:
    """Differs whenever a keyword was added or removed."""
    table = personal_term.c
    return tuple((await conn.execute(select(func.count(), func.max(table.id), func.max(table.added_at)))).one())


async def every_keyword(conn: AsyncConnection) -> Mapping[int, str]:
    """All keywords of all chats, by id."""
    rows = await conn.execute(select(personal_term.c.id, personal_term.c.term))
    return {row.id: row.term for row in rows}


async def keywords_of(conn: AsyncConnection, chat_id: int) -> Mapping[int, str]:
    """A chat's keywords by id, in the order they came."""
    mine = select(personal_term.c.id, personal_term.c.term).where(personal_term.c.chat_id == chat_id)
    rows = await conn.execute(mine.order_by(personal_term.c.added_at, personal_term.c.id))
    return {row.id: row.term for row in rows}


async def add_keyword(conn: AsyncConnection, chat_id: int, term: str, at_most: int, now: datetime) -> bool:
    """Whether the chat has the keyword then: False when it has `at_most` others. Adding twice is adding once."""
    mine = await keywords_of(conn, chat_id)
    if term in mine.values():
        return True
    if len(mine) >= at_most:
        return False
    await conn.execute(insert_ignoring(conn, personal_term).values(chat_id=chat_id, term=term, added_at=now))
    return True


async def drop_keyword(conn: AsyncConnection, chat_id: int, keyword_id: int) -> None:
    """A chat only drops its own."""
    await conn.execute(
        delete(personal_term).where(personal_term.c.id == keyword_id, personal_term.c.chat_id == chat_id)
    )


async def address_keywords(
    conn: AsyncConnection, alert_id: int, item_id: int, keyword_ids: Sequence[int], not_before: datetime, now: datetime
) -> int:
    """A delivery for each listening chat whose keywords stand in the item, with those keywords; returns how many.

    A chat that muted the item's source gets none, one that was told the alert already no other.
    """
    theirs: dict[int, list[str]] = {}
    threads: dict[int, int] = {}
    for start in range(0, len(keyword_ids), CHUNK):
        rows = await conn.execute(
            select(personal_term.c.chat_id, personal_term.c.term, chat.c.thread_id)
            .join(chat, chat.c.id == personal_term.c.chat_id)
            .join(item, item.c.id == item_id)
            .where(
                personal_term.c.id.in_(keyword_ids[start : start + CHUNK]),
                chat.c.state.in_(LISTENING),
                ~is_muted(item),
            )
            .order_by(personal_term.c.id)
        )
        for row in rows:
            theirs.setdefault(row.chat_id, []).append(row.term)
            threads[row.chat_id] = row.thread_id
    if not theirs:
        return 0
    told = set((await conn.execute(select(delivery.c.chat_id).where(delivery.c.alert_id == alert_id))).scalars())
    owed = [
        {
            "alert_id": alert_id,
            "chat_id": chat_id,
            "thread_id": threads[chat_id],
            "state": DeliveryState.PENDING.value,
            "not_before": not_before,
            "keywords": terms,
            "created_at": now,
        }
        for chat_id, terms in theirs.items()
        if chat_id not in told
    ]
    if owed:
        await conn.execute(insert(delivery), owed)
    return len(owed)


async def recent_texts(
    conn: AsyncConnection, since: datetime, before: int | None, limit: int
) -> list[tuple[int, Mention, Text]]:
    """Stored items found since then, newest first, with an id below `before`: how a message names one, what is read."""
    columns = ("id", "outlet", "source_class", "title", "summary", "body", "lang", "url", "published_at", "found_at")
    query = select(*(item.c[name] for name in columns)).where(item.c.found_at >= since)
    if before is not None:
        query = query.where(item.c.id < before)
    rows = await conn.execute(query.order_by(item.c.id.desc()).limit(limit))
    return [
        (
            row.id,
            Mention(row.outlet, SourceClass(row.source_class), row.title, row.url, row.published_at, row.found_at),
            Text(row.title, row.summary, row.body, row.lang, row.outlet),
        )
        for row in rows
    ]
