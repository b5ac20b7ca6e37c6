"""Telegram's updates that were handled: one delivered twice has one effect."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring
from bot.store.tables import update_seen


async def is_handled(conn: AsyncConnection, update_id: int) -> bool:
    found = await conn.execute(select(update_seen.c.update_id).where(update_seen.c.update_id == update_id))
    return found.one_or_none() is not None


async def mark_handled(conn: AsyncConnection, update_id: int, now: datetime) -> None:
    await conn.execute(insert_ignoring(conn, update_seen).values(update_id=update_id, at=now))


async def forget_updates(conn: AsyncConnection, before: datetime) -> int:
    """Updates handled before then."""
    return (await conn.execute(delete(update_seen).where(update_seen.c.at < before))).rowcount
