"""A Bot API server at the wire, the real conversation with its real store, and people with phones."""

import asyncio
import shutil

import pytest
from pydantic import SecretStr

from bot.ops.botapi import BotApi
from bot.store.database import open_database
from bot.store.migrate import upgrade
from bot.telegram.client import make_bot
from tests.telegram.bench import Clock, make_bench, talking


@pytest.fixture
async def api():
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api):
    bot = make_bot(SecretStr(api.token), api.url)
    yield bot
    await bot.session.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory):
    """A migrated SQLite file to copy: migrating one for each of these tests would take longer than the tests."""
    file = tmp_path_factory.mktemp("template") / "guetteur.db"

    async def make():
        async with open_database(f"sqlite+aiosqlite:///{file}") as database:
            await upgrade(database)

    asyncio.run(make())
    return file


@pytest.fixture
async def database(empty_file, tmp_path):
    shutil.copy(empty_file, tmp_path / "guetteur.db")
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/guetteur.db") as database:
        yield database


@pytest.fixture
def bench(api, bot, database, clock):
    return make_bench(api, bot, database, clock)


@pytest.fixture
async def room(bench):
    """The bench, with the bot at work. A failure nobody expected fails the test at its end."""
    async with talking(bench.chat):
        yield bench
    failed = [event for event in bench.events if type(event).__name__ == "LoopFailed"]
    assert failed == []
