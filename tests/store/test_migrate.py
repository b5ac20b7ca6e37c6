"""The versions, run one by one, give exactly the tables that the statements speak to."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import bindparam, case, select, text, update

from bot.store import items, migrate, stories
from bot.store.database import Database, StoreUnavailable, open_database
from bot.store.migrate import newest, upgrade
from bot.store.tables import alert, delivery, metadata, story_key
from tests.store.facts import add_chat, add_feed, item, tell


async def bring(opened: Database, revision: str) -> None:
    """To an older version than the newest, as an older program would have."""

    def run(conn):
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
        config.attributes["connection"] = conn
        command.upgrade(config, revision)

    async with opened.write() as conn:
        await conn.run_sync(run)


async def test_the_migrated_schema_is_the_declared_schema(database: Database):
    def differences(conn):
        return compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata)

    async with database.read() as conn:
        assert await conn.run_sync(differences) == []


async def test_upgrading_twice_changes_nothing(database: Database):
    assert await upgrade(database) == (newest(), newest())


async def test_alerts_that_had_been_told_keep_when_and_the_others_are_still_to_be_told(empty_url: str, now):
    async with open_database(empty_url) as opened:
        await bring(opened, "0001")
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


async def test_words_that_an_older_version_kept_once_an_item_are_kept_once_a_story(empty_url: str, now):
    later = now + timedelta(hours=1)
    held = [("belmon", now), ("sherva", now), ("belmon", later), ("belmon", now)]  # the last one by another story
    insert = text("INSERT INTO story_key (key, item_id, story_id, at) VALUES (:key, :item_id, :story_id, :at)")
    insert = insert.bindparams(bindparam("at", type_=story_key.c.at.type))
    async with open_database(empty_url) as opened:
        await bring(opened, "0002")
        await add_feed(opened, now)
        async with opened.write() as conn:
            kept = [await items.add_item(conn, item(now, f"k{n}"), f"https://x.example/{n}", "") for n in range(3)]
            one, other = [await stories.open_story(conn, now) for _ in range(2)]
            by = [(kept[0], one), (kept[0], one), (kept[1], one), (kept[2], other)]
            for (key, at), (item_id, story_id) in zip(held, by, strict=True):
                await conn.execute(insert, {"key": key, "item_id": item_id, "story_id": story_id, "at": at})
        await upgrade(opened)
        async with opened.read() as conn:
            rows = await conn.execute(select(story_key))
            assert set(map(tuple, rows)) == {("belmon", one, later), ("sherva", one, now), ("belmon", other, now)}


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
