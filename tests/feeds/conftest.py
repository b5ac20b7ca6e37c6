"""A site to poll and a fetcher that may go there, with limits a test can wait for."""

from collections.abc import AsyncIterator

import pytest

from bot.feeds.fetch import Fetcher, FetchLimits
from tests.feeds.server import Site, open_site


def limits(*allow: str, **changes: float) -> FetchLimits:
    short = {"total": 5, "connect": 2, "idle": 2, "retry_within": 0.01, "max_bytes": 1_000_000}
    return FetchLimits("Guetteur/test (+https://guetteur.example)", **{**short, **changes}, allow=allow)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened


@pytest.fixture
async def fetcher(site: Site) -> AsyncIterator[Fetcher]:
    async with Fetcher(limits(site.here)) as opened:
        yield opened
