"""A site to poll."""

from collections.abc import AsyncIterator

import pytest

from tests.feeds.server import Site, open_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened
