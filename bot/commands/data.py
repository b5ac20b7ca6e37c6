"""The database, from a terminal: upgrade, back up, and try a term on what it keeps."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.model import Item, Text
from bot.settings import Settings


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
