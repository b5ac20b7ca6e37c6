"""Subscriptions to hubs on both engines: asked once, verified, renewed, and believed by what they bring."""

from datetime import timedelta

import pytest

from bot.store import feeds, pushes
from bot.store.feeds import NextPoll, Reading
from bot.store.pushes import Brought
from tests.store.facts import FEED

HOUR = timedelta(hours=1)
HUB, TOPIC, BASE = "https://hub.example/", "https://journal.example/rss", "https://bot.example"


@pytest.fixture
async def conn(database, now):
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [FEED], now)
        reading = Reading(FEED.id, None, None, "h", 1, 0.0, 0, 0, {}, None, NextPoll(now + HOUR, HOUR, "rhythm"))
        await feeds.record_reads(conn, [reading], now)
        await pushes.want_push(conn, FEED.id, HUB, TOPIC, BASE, now)
        yield conn


async def ask(conn, now):
    return await pushes.claim_asks(conn, now, lambda asks: HOUR * asks, 10)


async def health(conn, now):
    [one] = await feeds.feeds_health(conn, now)
    return one


async def test_a_hub_is_asked_once_until_it_is_time_to_ask_again(conn, now):
    [first] = await ask(conn, now)
    assert (first.hub, first.topic, first.asks) == (HUB, TOPIC, 0)
    assert await ask(conn, now) == []
    [second] = await ask(conn, now + HOUR)
    assert (second.path, second.secret, second.asks) == (first.path, first.secret, 1)
    assert await ask(conn, now + 2 * HOUR) == []
    assert len(await ask(conn, now + 3 * HOUR)) == 1


async def test_a_feed_that_names_its_hub_again_changes_nothing_and_another_hub_everything(conn, now):
    [first] = await ask(conn, now)
    await pushes.want_push(conn, FEED.id, HUB, TOPIC, BASE, now)
    assert await ask(conn, now) == []
    await pushes.want_push(conn, FEED.id, "https://second.example/", TOPIC, BASE, now)
    [second] = await ask(conn, now)
    assert {first.path, first.secret}.isdisjoint({second.path, second.secret})
    assert await pushes.find_push(conn, first.path) is None
    assert await pushes.find_push(conn, second.path) is not None


async def test_trust_comes_with_the_first_news_and_goes_with_what_a_poll_finds_first(conn, now):
    await ask(conn, now)
    await pushes.verify_push(conn, FEED.id, now + 10 * HOUR, now + 7 * HOUR)
    assert (await health(conn, now)).pushed_until is None
    await pushes.record_push(conn, Brought(FEED.id, 5, 0, 0, {}), now + HOUR, now)
    assert (await health(conn, now)).pushed_until is None
    await pushes.record_push(conn, Brought(FEED.id, 5, 2, 1, {"k": 1}), now + HOUR, now)
    one = await health(conn, now)
    assert (one.pushed_until, one.pushes, one.items_total, one.last_new_at) == (now + 10 * HOUR, 2, 2, now)
    await pushes.verify_push(conn, FEED.id, now + 17 * HOUR, now + 14 * HOUR)
    assert (await health(conn, now)).pushed_until == now + 17 * HOUR
    assert (await health(conn, now + 17 * HOUR)).pushed_until is None
    await pushes.distrust(conn, FEED.id)
    assert (await health(conn, now)).pushed_until is None


async def test_a_claimed_feed_is_nobody_elses_and_due_at_once_if_its_body_is_lost(conn, now):
    feed = await feeds.claim_pushed_feed(conn, FEED.id, now, HOUR)
    assert feed is not None
    assert (feed.primed, feed.next_poll_at) == (True, now + HOUR)
    assert await feeds.claim_pushed_feed(conn, FEED.id, now, HOUR) is None
    assert await feeds.claim_due_feeds(conn, now, HOUR, 10) == []
    await pushes.give_back(conn, FEED.id, now)
    assert len(await feeds.claim_due_feeds(conn, now, HOUR, 10)) == 1


async def test_without_an_address_no_feed_waits_for_its_hub(conn, now):
    await ask(conn, now)
    await pushes.verify_push(conn, FEED.id, now + 10 * HOUR, now + 7 * HOUR)
    await pushes.record_push(conn, Brought(FEED.id, 5, 2, 1, {}), now + HOUR, now)
    await pushes.start_pushes(conn, "", now)
    one = await health(conn, now)
    assert (one.pushed_until, one.next_poll_at) == (None, now)


async def test_a_hub_that_denied_is_asked_again_later(conn, now):
    await ask(conn, now)
    await pushes.deny_push(conn, FEED.id, now + 5 * HOUR)
    assert await ask(conn, now + 4 * HOUR) == []
    assert len(await ask(conn, now + 5 * HOUR)) == 1
