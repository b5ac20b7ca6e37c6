"""What the status page reads: alerts a topic and day, the newest ones."""

from datetime import timedelta

from bot.store import alerts
from bot.store.overview import alerts_per_day
from tests.store.facts import add_feed, tell


async def test_alerts_are_counted_by_topic_between_the_edges_of_days(database, now):
    await add_feed(database, now)
    edges = [now - timedelta(days=2), now - timedelta(days=1), now]
    for key, at in (("old", edges[0] - timedelta(seconds=1)), ("a", edges[0]), ("b", edges[1]), ("c", edges[2])):
        await tell(database, at, key)
    await tell(database, now + timedelta(hours=1), "d")
    async with database.read() as conn:
        counted = await alerts_per_day(conn, edges)
    assert list(counted.values()) == [(1, 1, 2)]


async def test_the_newest_alerts_come_first_and_no_more_than_asked(database, now):
    await add_feed(database, now)
    told = [(await tell(database, now + timedelta(minutes=at), f"k{at}"))[0] for at in range(3)]
    async with database.read() as conn:
        newest = await alerts.newest(conn, 2)
    assert [one.id for one in newest] == sorted(told, reverse=True)[:2]
