"""A Bot API server at the wire, the real conversation with its real store, and people with phones."""

import asyncio
import shutil

import pytest
from pydantic import SecretStr

from bot.feeds.fetch import Fetcher
from bot.feeds.parse import Parser
from bot.ops.botapi import BotApi
from bot.store.database import open_database
from bot.store.migrate import upgrade
from bot.telegram.client import make_bot
from tests.feeds.conftest import limits
from tests.feeds.server import open_site
from tests.telegram.bench import CONFIG, Clock, make_bench, talking


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


@pytest.fixture
async def newsdesk(api, bot, database, clock, tmp_path):
    """A bench at work whose office has files of its own, a site to read and the real fetcher and parser."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    async with open_site() as site, Fetcher(limits(site.here)) as fetcher, Parser() as parser:
        bench = make_bench(api, bot, database, clock, folder=folder, fetcher=fetcher, parser=parser)
        bench.site = site
        async with talking(bench.chat):
            yield bench
    assert [event for event in bench.events if type(event).__name__ == "LoopFailed"] == []
