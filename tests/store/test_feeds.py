"""Due feeds, leases and health, on both engines."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.model import FeedSpec
from bot.store import feeds
from bot.store.feeds import NextPoll, Reading
from tests.store.facts import FEED, add_feed

LEASE = timedelta(minutes=2)
HOUR = timedelta(hours=1)


def reading(now, **changes):
    values = {
        "feed_id": FEED.id,
        "etag": '"a"',
        "last_modified": None,
        "body_hash": "h",
        "bytes_read": 10,
        "parse_seconds": 0.01,
        "new_items": 2,
        "matched_items": 1,
        "memory": {"guids": "trusted"},
        "moved_to": None,
        "next_poll": NextPoll(now + HOUR, HOUR, "rhythm"),
    }
    return Reading(**{**values, **changes})


async def claim(database, now):
    async with database.write() as conn:
        return await feeds.claim_due_feeds(conn, now, LEASE, 10)


async def test_a_new_feed_is_due_at_once_and_claimed_only_once(database, now):
    await add_feed(database, now)
    assert [due.spec for due in await claim(database, now)] == [FEED]
    assert await claim(database, now) == []


async def test_the_feeds_of_a_poller_that_died_come_back_when_its_lease_ends(database, now):
    await add_feed(database, now)
    await claim(database, now)
    assert await claim(database, now + LEASE - timedelta(seconds=1)) == []
    assert len(await claim(database, now + LEASE)) == 1


async def test_a_reading_keeps_validators_and_memory_for_the_next_poll(database, now):
    await add_feed(database, now)
    [first] = await claim(database, now)
    assert not first.primed
    async with database.write() as conn:
        await feeds.record_reads(conn, [reading(now)], now)
    assert await claim(database, now) == []
    [due] = await claim(database, now + HOUR)
    assert (due.etag, due.body_hash, due.memory, due.primed) == ('"a"', "h", {"guids": "trusted"}, True)


async def test_failures_are_counted_named_and_reset_by_success(database, now):
    await add_feed(database, now)
    soon = NextPoll(now, timedelta(minutes=1), "backoff")
    async with database.write() as conn:
        await feeds.record_failure(conn, FEED.id, "dns", "no such host", soon, now)
        await feeds.record_failure(conn, FEED.id, "dns", "no such host", soon, now)
        [health] = await feeds.feeds_health(conn, now)
        assert (health.failures, health.cause, health.polls) == (2, "dns", 2)
        await feeds.record_unchanged(conn, [(FEED.id, soon, 5)], now)
        [health] = await feeds.feeds_health(conn, now)
    assert (health.failures, health.cause, health.not_modified, health.bytes_read) == (0, "", 1, 5)
    assert health.last_success_at == now


async def test_a_gone_feed_is_never_polled_again_but_still_shown(database, now):
    await add_feed(database, now)
    async with database.write() as conn:
        await feeds.record_failure(conn, FEED.id, "http_410", "", NextPoll(now, HOUR, "gone"), now)
        [health] = await feeds.feeds_health(conn, now)
    assert not health.enabled
    assert await claim(database, now + HOUR) == []


async def test_the_table_follows_the_file_and_forgets_nothing_of_the_past(database, now):
    other = FeedSpec("autre", "https://autre.example/", "Autre", "en")
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [FEED, other], now)
        await feeds.record_reads(conn, [reading(now)], now)
        await feeds.sync_feeds(conn, [replace(FEED, outlet="Le Courrier du Sud")], now)
        [health] = await feeds.feeds_health(conn, now)
    assert (health.outlet, health.items_total, health.next_poll_at) == ("Le Courrier du Sud", 2, now + HOUR)


async def test_processes_that_start_together_write_the_file_once(database, now):
    async def start():
        async with database.write() as conn:
            await feeds.sync_feeds(conn, [FEED], now)

    await asyncio.gather(*(start() for _ in range(6)))
    async with database.read() as conn:
        assert [one.id for one in await feeds.feeds_health(conn, now)] == [FEED.id]


async def test_a_feed_whose_address_changed_forgets_the_old_validators(database, now):
    await add_feed(database, now)
    async with database.write() as conn:
        await feeds.record_reads(conn, [reading(now)], now)
        await feeds.sync_feeds(conn, [replace(FEED, url="https://courrier.example/nouveau")], now)
    [due] = await claim(database, now)
    assert (due.etag, due.body_hash, due.primed) == (None, None, True)


async def test_readings_of_several_feeds_are_written_together_each_with_its_own(database, now):
    other, moved = replace(FEED, id="autre"), replace(FEED, id="parti", url="https://parti.example/rss")
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [FEED, other, moved], now)
        readings = [
            reading(now),
            reading(now, feed_id=other.id, new_items=0, matched_items=0, etag=None),
            reading(now, feed_id=moved.id, moved_to="https://ici.example/rss"),
        ]
        await feeds.record_reads(conn, readings, now)
        await feeds.record_reads(conn, [], now)
        autre, courrier, parti = await feeds.feeds_health(conn, now)
    assert (autre.last_new_at, autre.items_total) == (None, 0)
    assert (courrier.last_new_at, courrier.items_total, courrier.items_matched) == (now, 2, 1)
    assert (parti.url, courrier.url) == ("https://ici.example/rss", FEED.url)
