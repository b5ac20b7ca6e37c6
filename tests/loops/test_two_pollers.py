"""Two pollers with databases of their own on one PostgreSQL: each feed is asked by one at a time, each item kept once."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.loops.poll import open_poller
from bot.settings import Settings
from bot.store import feeds
from bot.store.database import open_database
from bot.store.migrate import upgrade
from bot.store.tables import item
from tests.feeds.server import page
from tests.loops.newsroom import Clock, configure, rss

FEEDS = 30
ROUNDS = 6
ANSWER_SECONDS = 0.05  # long enough for both to be at work together


def growing(now, feed_id):
    """A feed that has one more item at each request."""
    asked = 0

    async def answer(request, out):
        nonlocal asked
        asked += 1
        mine = asked
        await asyncio.sleep(ANSWER_SECONDS)
        entries = [(f"{feed_id}-{n}", f"Nouvelle {n} du fil {feed_id} : permis de travail") for n in range(mine)]
        await page(rss(now, *entries))(request, out)

    return answer


async def run(poller, site, asked):
    """Claims as the tick does, many times a round, until the site was asked so often; how many it claimed."""
    claimed = 0
    while sum(site.hits.values()) < asked:
        claimed += await poller.poll_due()
        await asyncio.sleep(0.01)
    await poller.drain()
    return claimed


async def round_of(site, asked, **pollers):
    """All at once."""
    claims = await asyncio.gather(*(run(each, site, asked) for each in pollers.values()))
    return dict(zip(pollers, claims, strict=True))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_two_pollers_never_ask_a_feed_at_once_and_keep_no_item_twice(empty_url, site, tmp_path, now):
    paths = {f"f{n}": f"/f{n}" for n in range(FEEDS)}
    for feed_id, path in paths.items():
        site.on(path, growing(now, feed_id))
    config, clock, facts = configure(tmp_path, site, paths), Clock(now), []
    settings = Settings(_env_file=None, fetch_allow=[site.here], fetch_per_host=20, fetch_at_once=8)
    async with open_database(empty_url) as mine, open_database(empty_url) as theirs:
        await upgrade(mine)
        async with mine.write() as conn:
            await feeds.sync_feeds(conn, config.feeds.feeds, now)
        async with (
            open_poller(settings, mine, lambda: config, facts.append, clock) as first,
            open_poller(settings, theirs, lambda: config, facts.append, clock) as second,
        ):
            shares = Counter()
            for number in range(1, ROUNDS + 1):
                asked = FEEDS * number
                async with asyncio.timeout(60):
                    shares += Counter(await round_of(site, asked, first=first, second=second))
                assert set(site.hits.values()) == {number}
                clock.now += timedelta(minutes=10)
        async with mine.read() as conn:
            twice = select(item.c.feed_id).group_by(item.c.feed_id, item.c.key).having(func.count() > 1)
            assert (await conn.execute(twice)).all() == []
            assert await conn.scalar(select(func.count()).select_from(item)) == FEEDS * ROUNDS
    assert site.most == dict.fromkeys(paths.values(), 1)
    assert shares["first"] + shares["second"] == FEEDS * ROUNDS
    assert min(shares["first"], shares["second"]) > FEEDS
    assert {fact.outcome for fact in facts if hasattr(fact, "outcome")} == {"primed", "read"}
