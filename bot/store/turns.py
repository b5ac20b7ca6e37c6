"""The pace of a whole token becomes one row that every process which uses it reads and writes in turn.

The row is locked until the transaction ends (SQLite: the one writer), so two processes never take the same turn. How
long to wait is decided elsewhere (`telegram/pace`): this only remembers when the bucket is empty again.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring, shared_now
from bot.store.tables import pace


async def read_bucket(conn: AsyncConnection, name: str, now: datetime) -> tuple[datetime, datetime]:
    """When the bucket is empty again, and the instant to compare it with.

    That instant is `shared_now`, read once the row is ours.
    """
    await conn.execute(insert_ignoring(conn, pace).values(bucket=name, arrival_at=now))
    mine = select(pace.c.arrival_at).where(pace.c.bucket == name).with_for_update()
    empty_at = (await conn.execute(mine)).scalar_one()
    return empty_at, await shared_now(conn, now)


async def write_bucket(conn: AsyncConnection, name: str, empty_at: datetime) -> None:
    """Counts one message more."""
    await conn.execute(update(pace).where(pace.c.bucket == name).values(arrival_at=empty_at))
