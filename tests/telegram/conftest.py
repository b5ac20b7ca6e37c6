"""A Bot API server at the wire, a bot that speaks to it."""

import pytest
from pydantic import SecretStr

from bot.ops.botapi import BotApi
from bot.telegram.client import make_bot


@pytest.fixture
async def api():
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api):
    bot = make_bot(SecretStr(api.token), api.url)
    yield bot
    await bot.session.close()
