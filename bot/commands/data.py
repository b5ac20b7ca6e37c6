"""The database, from a terminal: upgrade, back up, and try a term on what it keeps."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.errors import ConfigError, Problem
from bot.model import Item, Text
from bot.settings import Settings, with_driver

HOURS = 6 * 3600.0  # seconds for one statement of a copy

if TYPE_CHECKING:
    from rich.progress import TaskID


def upgrade_database(settings: Settings) -> int:
    """Brings the schema to the newest version and says from where to where."""
    from bot.store.database import open_database
    from bot.store.migrate import upgrade

    async def work() -> tuple[str | None, str]:
        async with open_database(settings.database_url.get_secret_value()) as database:
            return await upgrade(database)

    before, after = asyncio.run(work())
    print(f"schéma {before or 'absent'} → {after}")
    return 0


def backup_database(settings: Settings, file: Path) -> int:
    """A consistent copy of a SQLite database in use (https://sqlite.org/lang_vacuum.html#vacuuminto)."""
    from bot.store.backup import back_up
    from bot.store.database import open_database

    async def work() -> None:
        async with open_database(settings.database_url.get_secret_value()) as database:
            await back_up(database, file)

    asyncio.run(work())
    print(f"copie écrite : {file} ({file.stat().st_size / 1e6:.1f} Mo)")
    return 0


def copy_database(origin: str, destination: str, found: Literal["refuse", "replace"]) -> int:
    """Copies every row from one address to another, compared row by row; says how many, table by table."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.store.copy import copy_rows
    from bot.store.database import open_database

    source, target = (_address(url, name) for url, name in ((origin, "FROM"), (destination, "TO")))
    if source == target:
        raise ConfigError((Problem("TO", 0, "c’est la base à copier", "donnez une autre adresse"),))

    async def work(tell: Callable[[str, int, int], None]) -> dict[str, int]:
        async with open_database(source, HOURS) as theirs, open_database(target, HOURS) as ours:
            return await copy_rows(theirs, ours, datetime.now(UTC), tell, found=found)

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def tell(table: str, done: int, total: int) -> None:
            if table not in bars:
                bars[table] = progress.add_task(table, total=total)
            progress.update(bars[table], completed=done)

        copied = asyncio.run(work(tell))
    for table, rows in copied.items():
        if rows:
            print(f"{table}\t{rows}")
    print(f"{sum(copied.values())} lignes copiées et comparées une à une : tout est pareil")
    return 0


def _address(url: str, name: str) -> str:
    """A database as a person writes its address; a SQLite file to copy must be there, lest an empty one be made."""
    try:
        driven = with_driver(url)
    except ValueError as error:
        raise ConfigError((Problem(name, 0, str(error)),)) from error
    file = driven.removeprefix("sqlite+aiosqlite:///")
    if name == "FROM" and file != driven and not Path(file).is_file():
        raise ConfigError((Problem(name, 0, f"aucun fichier {file}", "sqlite:////chemin/absolu ou sqlite:///relatif"),))
    return driven


def try_term(settings: Settings, query: str, days: int) -> int:
    """Prints what a term would have flagged among the items kept for the last `days` days."""
    from bot.commands.topics import try_term as show
    from bot.store.database import open_database
    from bot.store.items import items_since
    from bot.store.migrate import upgrade

    async def work() -> Sequence[tuple[Item, Text]]:
        async with open_database(settings.database_url.get_secret_value()) as database:
            await upgrade(database)
            async with database.read() as conn:
                return await items_since(conn, datetime.now(UTC) - timedelta(days=days))

    return show(settings.config_dir, query, asyncio.run(work()), days)
