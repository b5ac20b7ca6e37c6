"""A Bot API server at the wire, the real conversation with its real store, and people with phones."""

import pytest
from pydantic import SecretStr

from bot.ops.botapi import BotApi
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


@pytest.fixture
def bench(api, bot, sqlite_database, clock):
    return make_bench(api, bot, sqlite_database, clock)


@pytest.fixture
async def room(bench):
    """The bench, with the bot at work. A failure nobody expected fails the test at its end."""
    async with talking(bench.chat):
        yield bench
    failed = [event for event in bench.events if type(event).__name__ == "LoopFailed"]
    assert failed == []
