"""The versions, run one by one, give exactly the tables that the statements speak to."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store.database import Database, StoreUnavailable, open_database
from bot.store.migrate import newest, upgrade
from bot.store.tables import metadata


async def test_the_migrated_schema_is_the_declared_schema(database: Database):
    def differences(conn):
        return compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata)

    async with database.read() as conn:
        assert await conn.run_sync(differences) == []


async def test_upgrading_twice_changes_nothing(database: Database):
    assert await upgrade(database) == (newest(), newest())


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
