"""An older database becomes today's: Alembic, run at start and by `guetteur db upgrade`.

Each version upgrades inside one transaction on an open connection; two processes that start together take turns
(SQLite: BEGIN IMMEDIATE; PostgreSQL: an advisory lock).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.store.database import Database, take_turn


async def upgrade(database: Database) -> tuple[str | None, str]:
    """Brings the schema to the newest version; returns the versions before (None: empty) and after."""
    async with database.write() as conn:
        await take_turn(conn, "guetteur")
        before = await conn.run_sync(version)
        await conn.run_sync(_upgrade)
        after = await conn.run_sync(version)
    return before, str(after)


def version(conn: Connection) -> str | None:
    """The schema version a database is at; None when it is empty."""
    return MigrationContext.configure(conn).get_current_revision()


def newest() -> str:
    """The schema version this program writes."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _upgrade(conn: Connection) -> None:
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
