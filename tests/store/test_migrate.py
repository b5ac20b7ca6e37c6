"""The versions, run one by one, give exactly the tables that the statements speak to."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import case, select, update

from bot.store import migrate
from bot.store.database import Database, StoreUnavailable, open_database
from bot.store.migrate import newest, upgrade
from bot.store.tables import alert, delivery, metadata
from tests.store.facts import add_chat, add_feed, tell


async def test_the_migrated_schema_is_the_declared_schema(database: Database):
    def differences(conn):
        return compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata)

    async with database.read() as conn:
        assert await conn.run_sync(differences) == []


async def test_upgrading_twice_changes_nothing(database: Database):
    assert await upgrade(database) == (newest(), newest())


async def test_alerts_that_had_been_told_keep_when_and_the_others_are_still_to_be_told(empty_url: str, now):
    def to_the_first(conn):
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")

    async with open_database(empty_url) as opened:
        async with opened.write() as conn:
            await conn.run_sync(to_the_first)
        await add_feed(opened, now)
        for chat_id in (5, 6):
            await add_chat(opened, chat_id, now)
        told, _ = await tell(opened, now)
        waiting, _ = await tell(opened, now, "k2")
        async with opened.write() as conn:
            at = case((delivery.c.chat_id == 5, now), else_=now + timedelta(hours=1))
            await conn.execute(update(delivery).where(delivery.c.alert_id == told).values(sent_at=at))
        await upgrade(opened)
        async with opened.read() as conn:
            rows = await conn.execute(select(alert.c.id, alert.c.told_at))
            assert {row.id: row.told_at for row in rows} == {told: now, waiting: None}


async def test_an_empty_database_says_it_had_no_version(empty_url: str):
    async with open_database(empty_url) as opened:
        assert await upgrade(opened) == (None, newest())


async def test_a_folder_where_the_file_should_be_is_a_clear_error(tmp_path):
    with pytest.raises(StoreUnavailable, match="est un dossier"):
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}"):
            pass


async def test_a_server_that_is_away_is_a_clear_error():
    async with open_database("postgresql+asyncpg://nobody@127.0.0.1:1/absent") as opened:
        with pytest.raises(StoreUnavailable):
            await upgrade(opened)
        assert not await opened.answers()
