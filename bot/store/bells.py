"""A ring in one process is heard in every other that uses the database: NOTIFY and LISTEN of PostgreSQL.

A ring says which tick has something to do, never what. One may be lost (nobody was connected), so nothing may depend on
it: every tick looks at the tables anyway. Source: https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
from collections.abc import Callable

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database, StoreUnavailable, as_unavailable

CHANNEL = "guetteur"
ALIVE_SECONDS = 5.0  # between two looks at whether the line still stands


async def ring(conn: AsyncConnection, name: str) -> None:
    """Heard once this transaction has committed."""
    await conn.execute(select(func.pg_notify(CHANNEL, name)))


async def listen(database: Database, heard: Callable[[str], None], connected: Callable[[], None]) -> None:
    """Calls `heard(name)` for each ring, for ever; `connected` once it hears. Raises StoreUnavailable when the line
    is cut: rings may have been lost since its last sign of life.
    """
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as conn:
            line = (await conn.get_raw_connection()).driver_connection
            if line is None:
                raise StoreUnavailable("no connection")
            await line.add_listener(CHANNEL, lambda *ring: heard(str(ring[-1])))
            try:
                connected()
                while True:
                    await asyncio.sleep(ALIVE_SECONDS)
                    await conn.execute(text("SELECT 1"))
            finally:
                await conn.invalidate()  # a line that listens must not serve others
    except (DBAPIError, OSError) as error:
        raise as_unavailable(error) from error
