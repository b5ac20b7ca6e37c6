"""Small facts of the whole, by name: the key of the log's chat hashes, whose files were read last."""

import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring
from bot.store.tables import fact

LOG_KEY = "log_key"
CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Declared:
    """The digest of feeds.yaml and topics.yaml, and the machine that read them."""

    digest: str
    place: str


async def log_key(conn: AsyncConnection) -> bytes:
    """The key under which chats are named in logs: made once, so that a chat keeps its name across restarts."""
    await conn.execute(insert_ignoring(conn, fact).values(name=LOG_KEY, value=secrets.token_hex(16)))
    value: str = (await conn.execute(select(fact.c.value).where(fact.c.name == LOG_KEY))).scalar_one()
    return bytes.fromhex(value)


async def declare(conn: AsyncConnection, files: Declared) -> None:
    """These are the files now; the machine that had equal ones first stays named."""
    new = (await conn.execute(insert_ignoring(conn, fact).values(name=CONFIG, value=asdict(files)))).rowcount
    if not new:
        standing = await declared(conn)
        if standing is None or standing.digest != files.digest:
            await conn.execute(update(fact).where(fact.c.name == CONFIG).values(value=asdict(files)))


async def declared(conn: AsyncConnection) -> Declared | None:
    """What was declared last; None before the first start."""
    value = await conn.scalar(select(fact.c.value).where(fact.c.name == CONFIG))
    return Declared(**value) if value else None
