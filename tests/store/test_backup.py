"""A copy of a database in use is whole, and never written over something."""

import pytest

from bot.store import feeds
from bot.store.backup import back_up
from bot.store.database import StoreUnavailable, open_database
from tests.store.facts import FEED, add_feed


async def test_a_backup_holds_what_was_committed(sqlite_database, tmp_path, now):
    await add_feed(sqlite_database, now)
    copy = tmp_path / "copie.db"
    await back_up(sqlite_database, copy)
    async with open_database(f"sqlite+aiosqlite:///{copy}") as opened, opened.read() as conn:
        assert [health.id for health in await feeds.feeds_health(conn, now)] == [FEED.id]


async def test_a_backup_never_replaces_a_file(sqlite_database, tmp_path):
    taken = tmp_path / "pris"
    taken.write_text("à moi")
    with pytest.raises(StoreUnavailable, match="existe déjà"):
        await back_up(sqlite_database, taken)
    assert taken.read_text() == "à moi"


async def test_a_backup_into_a_missing_folder_says_so(sqlite_database, tmp_path):
    with pytest.raises(StoreUnavailable, match="absent"):
        await back_up(sqlite_database, tmp_path / "absent" / "copie.db")
