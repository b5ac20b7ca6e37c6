"""One database's rows become another's, on whichever engine: read at one moment, written whole or not at all, compared.

The schema of both is today's, so tables are taken as `tables.py` has them, parents before children. Every row is read
back from the target, in its transaction, and compared with the source's: it commits only when all are equal. Must never
write into the source, nor leave a target half filled.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Integer, String, Table, collate, delete, exists, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import GuetteurError
from bot.store.database import Database
from bot.store.migrate import newest, upgrade, version
from bot.store.tables import lease, metadata

BATCH = 1_000  # rows
TABLES: Sequence[Table] = metadata.sorted_tables  # parents first

Tell = Callable[[str, int, int], None]


class CopyRefused(GuetteurError):
    """Nothing was copied; the text says why and what to do."""


async def copy_rows(
    source: Database, target: Database, now: datetime, tell: Tell, *, found: Literal["refuse", "replace"] = "refuse"
) -> dict[str, int]:
    """Fills the target; returns the rows of each table. `tell(table, done, total)` counts them written, then compared.

    `found`: what to do with rows that the target holds already. Raises CopyRefused when it does hold some, when the
    source has another schema than this program's, or when a bot speaks for its token.
    """
    await _look_at(source)
    await upgrade(target)
    copied: dict[str, int] = {}
    async with source.snapshot() as theirs, target.write() as ours:
        await _expect_silence(theirs, now)
        if found == "replace":
            await _empty(ours)
        await _expect_nothing(ours)
        for table in TABLES:
            copied[table.name] = await _copy_table(theirs, ours, table, tell)
        await _number_on(ours)
    return copied


async def _look_at(source: Database) -> None:
    async with source.read() as conn:
        found = await conn.run_sync(version)
    if found is None:
        raise CopyRefused(f"{_name(source)} : aucune base de Guetteur à cette adresse")
    if found != newest():
        mend = "lancez d’abord « guetteur db upgrade » sur elle (GUETTEUR_DATABASE_URL)"
        raise CopyRefused(f"{_name(source)} : schéma {found}, ce programme écrit {newest()} → {mend}")


async def _expect_silence(conn: AsyncConnection, now: datetime) -> None:
    """What a running bot does after the first row was read would be lost."""
    owner = await conn.scalar(select(lease.c.owner).where(lease.c.until > now).limit(1))
    if owner is not None:
        raise CopyRefused(f"le robot tourne sur la base à copier ({owner}) → arrêtez-le ; ce qu’il ferait serait perdu")


async def _empty(conn: AsyncConnection) -> None:
    for table in reversed(TABLES):
        await conn.execute(delete(table))


async def _expect_nothing(conn: AsyncConnection) -> None:
    for table in TABLES:
        if await conn.scalar(select(exists().select_from(table))):
            raise CopyRefused(
                f"la base d’arrivée a déjà des lignes ({table.name}) → choisissez-en une vide, ou --replace"
            )


async def _copy_table(theirs: AsyncConnection, ours: AsyncConnection, table: Table, tell: Tell) -> int:
    total = await theirs.scalar(select(func.count()).select_from(table)) or 0
    done = 0
    tell(table.name, 0, 2 * total)
    async for rows in _batches(theirs, table):
        await _write(ours, table, rows)
        done += len(rows)
        tell(table.name, done, 2 * total)
    copies = _batches(ours, table)
    async for rows in _batches(theirs, table):
        if rows != await anext(copies, None):
            raise CopyRefused(f"{table.name} : une ligne relue n’est pas celle qui fut écrite → rien n’a été gardé")
        done += len(rows)
        tell(table.name, done, 2 * total)
    if await anext(copies, None) is not None:
        raise CopyRefused(f"{table.name} : plus de lignes à l’arrivée qu’au départ → rien n’a été gardé")
    return total


async def _batches(conn: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    """All rows in the order of their key, which is the same on both engines."""
    by_bytes = "BINARY" if conn.dialect.name == "sqlite" else "C"  # a server's own collation says otherwise
    order = [collate(key, by_bytes) if isinstance(key.type, String) else key for key in table.primary_key.columns]
    result = await conn.stream(select(table).order_by(*order))
    async for rows in result.mappings().partitions(BATCH):
        yield [dict(row) for row in rows]


async def _write(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    try:
        await conn.execute(insert(table), rows)
    except DBAPIError as error:
        words = str(error.orig).splitlines()[0]
        raise CopyRefused(
            f"{table.name} : la base d’arrivée refuse une ligne ({words}) → rien n’a été gardé"
        ) from error


async def _number_on(conn: AsyncConnection) -> None:
    """PostgreSQL's counters go on from the last number; SQLite's follow the rows by themselves."""
    if conn.dialect.name == "sqlite":
        return
    for table in TABLES:
        column = table.autoincrement_column
        if column is None or not isinstance(column.type, Integer):
            continue
        sequence = await conn.scalar(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name})
        last = await conn.scalar(select(func.max(column)))
        if sequence and last is not None:
            await conn.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _name(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=True)
