"""A database URL becomes transactions: `read()` and `write()`, on SQLite or PostgreSQL.

SQLite has one writer: `write()` takes its turn on a lock of ours and begins with BEGIN IMMEDIATE, so that a transaction
never fails half-way with "database is locked" (https://sqlite.org/lang_transaction.html). WAL with synchronous=FULL: a
commit survives a power cut (https://sqlite.org/pragma.html#pragma_synchronous). secure_delete: what is erased is gone.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection as SyncConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import GuetteurError

Connection = AsyncConnection  # what loops hand from `write()` to statements, without knowing SQLAlchemy
PATIENCE = 30.0  # seconds for a statement; a network that swallows packets says nothing, ever
CONNECTING = 5.0
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=3000", "secure_delete=ON")

# What the engines say, and the name of the catalogue `cause` (sqlite3_errstr; PostgreSQL 53100, 25006).
CAUSES = (
    ("full", "store_full"),
    ("no space", "store_full"),
    ("readonly", "store_readonly"),
    ("read-only", "store_readonly"),
    ("locked", "store_locked"),
    ("malformed", "store_broken"),
    ("not a database", "store_broken"),
)


class StoreUnavailable(GuetteurError):
    """The database does not answer, is full, locked or read-only; the cause is chained and in the text."""


class Database:
    """One engine. Open with `async with open_database(url) as database`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._turn = asyncio.Lock() if self.is_sqlite else None
        self.failures = 0  # since the start, for whoever tells operators
        self.last_cause = ""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that must not write."""
        try:
            async with self.engine.connect() as conn:
                yield conn
        except (DBAPIError, OSError) as error:
            raise self._failed(error) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose every read is of one moment, however long it takes; it must not write."""
        async with self.read() as conn:
            if not self.is_sqlite:  # there, a transaction is a snapshot
                await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: commits at the end of the block, rolls back on any exception."""
        async with self._turn or nullcontext():
            try:
                async with self.engine.connect() as conn:
                    await conn.execution_options(guetteur_writes=True)
                    async with conn.begin():
                        yield conn
            except (DBAPIError, OSError) as error:
                raise self._failed(error) from error

    def _failed(self, error: Exception) -> StoreUnavailable:
        unavailable = as_unavailable(error)
        self.failures += 1
        self.last_cause = next((cause for known, cause in CAUSES if known in str(unavailable).lower()), "store_away")
        return unavailable

    async def forget_pages(self) -> bool:
        """Empties SQLite's log, which keeps pages as they were before something was erased from them.

        False: somebody was reading an older page, so it must be done again later
        (https://sqlite.org/pragma.html#pragma_wal_checkpoint). PostgreSQL has VACUUM and its own log for this.
        """
        if not self.is_sqlite:
            return True
        async with self._turn or nullcontext():
            try:
                async with self.engine.connect() as conn:
                    raw: Any = (await conn.get_raw_connection()).driver_connection
                    async with raw.execute("PRAGMA wal_checkpoint(TRUNCATE)") as answer:
                        return not (await answer.fetchone())[0]
            except (DBAPIError, sqlite3.Error, OSError) as error:
                raise self._failed(error) from error

    async def answers(self) -> bool:
        """Whether a trivial question is answered; for /healthz."""
        try:
            async with self.read() as conn:
                await conn.execute(text("SELECT 1"))
        except StoreUnavailable:
            return False
        return True


def as_unavailable(error: Exception) -> StoreUnavailable:
    """The engine's own short sentence, without the statement and its values."""
    return StoreUnavailable(str(getattr(error, "orig", None) or error or type(error).__name__).splitlines()[0])


@asynccontextmanager
async def open_database(url: str, patience: float = PATIENCE) -> AsyncIterator[Database]:
    """Opens, hands out and disposes; creates the folder of a SQLite file. Migrations are `upgrade`'s work.

    `patience`: seconds that a statement may take on a server; past them the line is taken for cut. Raises
    StoreUnavailable when there can be no such file; a server that does not answer is found out at the first use.
    """
    engine = _engine(url, patience)
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


async def shared_now(conn: AsyncConnection, now: datetime) -> datetime:
    """An instant all processes agree on: PostgreSQL's own, as the clocks of two machines differ; `now` on SQLite."""
    if conn.dialect.name == "sqlite":
        return now
    said: datetime = (await conn.execute(select(func.clock_timestamp()))).scalar_one()
    return said


async def take_turn(conn: AsyncConnection, work: str) -> None:
    """Until this transaction ends, nobody else does this `work`: a word of eight letters at most.

    PostgreSQL: an advisory lock (docs, § 13.3.5) numbered by the word's ASCII. SQLite has one writer anyway.
    """
    if conn.dialect.name == "postgresql":
        await conn.execute(text("SELECT pg_advisory_xact_lock(:work)"), {"work": int.from_bytes(work.encode("ascii"))})


def insert_ignoring(conn: AsyncConnection, table: Table) -> Any:
    """INSERT … ON CONFLICT DO NOTHING for whichever engine `conn` speaks to."""
    dialect: Any = sqlite if conn.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


def _engine(url: str, patience: float) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        waits = {"timeout": min(CONNECTING, patience), "command_timeout": patience}
        return create_async_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=10, connect_args=waits)
    _make_room(Path(str(parsed.database)))
    engine = create_async_engine(parsed)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _make_room(file: Path) -> None:
    """The folder of a SQLite file; what stands in the way is said before anything is opened."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{file.parent} : {error.strerror}") from error
    if file.is_dir():
        raise StoreUnavailable(f"{file} est un dossier : écrivez le nom d’un fichier")


def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # we say BEGIN ourselves
    cursor = dbapi_connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(conn: SyncConnection) -> None:
    writes = conn.get_execution_options().get("guetteur_writes")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
