"""A SQLite database in use becomes a file that can be put in its place: on demand, and one a night kept for some days.

Backups hold what people asked to be erased until they are deleted themselves: `still_holding` names those that do.
PostgreSQL has pg_dump and its own archives; nothing here touches it.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.errors import ConfigError, Problem
from bot.store.database import Database, StoreUnavailable

NAME = "guetteur-%Y-%m-%d.db"


async def back_up(database: Database, file: Path) -> None:
    """VACUUM INTO: one consistent moment, compact, while others write (https://sqlite.org/lang_vacuum.html).

    Raises StoreUnavailable when the file exists, cannot be written, or the engine is PostgreSQL (pg_dump does that).
    """
    if not database.is_sqlite:
        raise StoreUnavailable("PostgreSQL : utilisez pg_dump")
    try:
        await asyncio.to_thread(_vacuum_into, _file_of(database), file)
    except FileExistsError as error:
        raise StoreUnavailable(f"{file} existe déjà : choisissez un autre nom") from error
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"{file} : {error}") from error


async def back_up_daily(database: Database, today: date, kept_days: int) -> bool:
    """The backup of `today`, if it is not there; then those of more than `kept_days` days ago go. True: it was made.

    They stand in `backups`, beside the database. A backup that fails takes no older one away. Raises StoreUnavailable.
    """
    file = backups_of(database) / today.strftime(NAME)
    made = not file.exists()
    if made:
        unfinished = file.with_suffix(".part")
        try:
            file.parent.mkdir(mode=0o700, exist_ok=True)
            unfinished.unlink(missing_ok=True)  # a night that was cut short
            await back_up(database, unfinished)
            unfinished.rename(file)
        except OSError as error:
            raise StoreUnavailable(f"{file} : {error.strerror}") from error
    for day in days_backed_up(database):
        if day < today - timedelta(days=kept_days - 1):
            (file.parent / day.strftime(NAME)).unlink(missing_ok=True)
    return made


def backups_of(database: Database) -> Path:
    """The folder of a SQLite database's backups."""
    return _file_of(database).with_name("backups")


def days_backed_up(database: Database) -> tuple[date, ...]:
    """The days of which there is a backup, oldest first; none on PostgreSQL."""
    if not database.is_sqlite or not backups_of(database).is_dir():
        return ()
    return tuple(sorted(filter(None, map(_day_of, backups_of(database).iterdir()))))


async def still_holding(database: Database, chat_id: int) -> tuple[date, ...]:
    """The days of the backups that know this chat, oldest first. One that cannot be read counts as one that does."""
    return await asyncio.to_thread(_still_holding, backups_of(database), days_backed_up(database), chat_id)


async def check_whole(database: Database) -> None:
    """Reads every page once (https://sqlite.org/pragma.html#pragma_quick_check), before anything relies on them.

    Raises ConfigError with what to do when the file is damaged or no database at all.
    """
    if not database.is_sqlite or not _file_of(database).exists():
        return
    file = _file_of(database)
    try:
        found = await asyncio.to_thread(_quick_check, file)
    except sqlite3.OperationalError:  # locked, read-only, out of reach: not damaged, and told by who needs it
        return
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        days = days_backed_up(database)
        copy = str(backups_of(database) / days[-1].strftime(NAME)) if days else "votre dernière copie"
        beside = f"{file.name}-wal, {file.name}-shm"
        mend = f"mettez le fichier de côté (avec {beside} s’ils existent), copiez {copy} à sa place, puis relancez"
        raise ConfigError((Problem(str(file), 0, f"base de données endommagée ({found})", mend),))


def _file_of(database: Database) -> Path:
    return Path(str(database.engine.url.database))


def _day_of(file: Path) -> date | None:
    try:
        return datetime.strptime(file.name, NAME).date()  # noqa: DTZ007 (a day, without an hour)
    except ValueError:
        return None


def _vacuum_into(source: Path, file: Path) -> None:
    if file.exists():  # SQLite would write into an empty file
        raise FileExistsError(file)
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(file),))


def _quick_check(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])


def _still_holding(folder: Path, days: Sequence[date], chat_id: int) -> tuple[date, ...]:
    return tuple(day for day in days if _knows(folder / day.strftime(NAME), chat_id))


def _knows(file: Path, chat_id: int) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM chat WHERE id = ?", (chat_id,)).fetchone() is not None
    except sqlite3.Error:
        return True
