"""A SQLite database in use becomes a file that can be put in its place."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.database import Database, StoreUnavailable


async def back_up(database: Database, file: Path) -> None:
    """VACUUM INTO: one consistent moment, compact, while others write (https://sqlite.org/lang_vacuum.html).

    Raises StoreUnavailable when the file exists, cannot be written, or the engine is PostgreSQL (pg_dump does that).
    """
    if not database.is_sqlite:
        raise StoreUnavailable("PostgreSQL : utilisez pg_dump")
    source = str(database.engine.url.database)
    try:
        await asyncio.to_thread(_vacuum_into, source, file)
    except FileExistsError as error:
        raise StoreUnavailable(f"{file} existe déjà : choisissez un autre nom") from error
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{file} : {error}") from error


def _vacuum_into(source: str, file: Path) -> None:
    if file.exists():  # SQLite would write into an empty file
        raise FileExistsError(file)
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(file),))
