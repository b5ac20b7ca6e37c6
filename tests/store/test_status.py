"""What the status page reads: alerts a topic and day, the newest ones."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import update

from bot.model import FeedSpec
from bot.store import alerts, feeds
from bot.store.feeds import NextPoll
from bot.store.overview import alerts_per_day, counts
from bot.store.tables import feed
from tests.store.facts import add_chat, add_feed, tell


async def test_alerts_are_counted_by_topic_between_the_edges_of_days(database, now):
    await add_feed(database, now)
    edges = [now - timedelta(days=2), now - timedelta(days=1), now]
    for key, at in (("old", edges[0] - timedelta(seconds=1)), ("a", edges[0]), ("b", edges[1]), ("c", edges[2])):
        await tell(database, at, key)
    await tell(database, now + timedelta(hours=1), "d")
    async with database.read() as conn:
        counted = await alerts_per_day(conn, edges)
    assert list(counted.values()) == [(1, 1, 2)]


async def test_feeds_are_counted_by_health_and_cause_as_their_own_rows_say_whatever_their_number(database, now):
    ill = {"dns-1": "dns", "dns-2": "dns", "gone": "http_410", "missing": "http_404"}
    off = FeedSpec("off", "https://off.example/rss", "Fermé", "fr", enabled=False)
    specs = [FeedSpec(name, f"https://{name}.example/rss", name, "fr") for name in ("well-1", "well-2", "moved", *ill)]
    later = NextPoll(now + timedelta(hours=1), timedelta(hours=1), "own")
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [*specs, off], now)
        for name, cause in ill.items():
            await feeds.record_failure(conn, name, cause, "", later, now)
        await conn.execute(
            update(feed).where(feed.c.id == "moved").values(merged_into="well-1", failures=3, cause="tls")
        )
    async with database.read() as conn:
        counted, rows = await counts(conn, now), await feeds.feeds_health(conn, now)
    failing = Counter(row.cause for row in rows if row.enabled and row.failures)
    assert counted.causes == failing == {"dns": 2, "http_404": 1}
    assert counted.feeds == {"well": 2, "failing": 3, "disabled": sum(not row.enabled for row in rows)}
    assert sum(counted.feeds.values()) == len(rows) == 7


async def test_deliveries_chats_and_subscriptions_are_counted_by_kind(database, now):
    await add_feed(database, now)
    for chat_id in (5, 6):
        await add_chat(database, chat_id, now)
    await tell(database, now)
    async with database.read() as conn:
        counted = await counts(conn, now)
    assert (counted.chats, counted.queue) == ({"active": 2}, {"pending": 2})
    assert (counted.subscriptions, counted.oldest_due_at) == ({"immigration": 2}, now)


async def test_the_newest_alerts_come_first_and_no_more_than_asked(database, now):
    await add_feed(database, now)
    told = [(await tell(database, now + timedelta(minutes=at), f"k{at}"))[0] for at in range(3)]
    async with database.read() as conn:
        newest = await alerts.newest(conn, 2)
    assert [one.id for one in newest] == sorted(told, reverse=True)[:2]
