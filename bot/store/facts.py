"""Small facts of the whole, by name: the key of the log's chat hashes."""

import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring
from bot.store.tables import fact

LOG_KEY = "log_key"


async def log_key(conn: AsyncConnection) -> bytes:
    """The key under which chats are named in logs: made once, so that a chat keeps its name across restarts."""
    await conn.execute(insert_ignoring(conn, fact).values(name=LOG_KEY, value=secrets.token_hex(16)))
    value: str = (await conn.execute(select(fact.c.value).where(fact.c.name == LOG_KEY))).scalar_one()
    return bytes.fromhex(value)
