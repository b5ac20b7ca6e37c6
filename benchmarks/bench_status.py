"""How soon the status page begins to come, with a thousand feeds and a hundred thousand items; target 100 ms.

python benchmarks/bench_status.py [feeds] [items]            SQLite, in a temporary folder; median of 15
"""

import asyncio
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from aiohttp import ClientSession
from sqlalchemy import insert

from bot.alerts.render import TopicLabel
from bot.model import FeedSpec
from bot.ops.status import PATH, status_routes
from bot.ops.status_page import Status
from bot.ops.web import serve_web
from bot.pages import read_status
from bot.store import feeds
from bot.store.database import Database, open_database
from bot.store.migrate import upgrade
from bot.store.tables import alert, alert_topic, item, item_topic, story, story_item

TOPICS = ("immigration", "municipalities", "labour")
CHUNK = 5_000
EVERY = 20  # one item in so many is told
TARGET_MS = 100
ROUNDS = 15


async def fill(database: Database, feed_count: int, item_count: int, now: datetime) -> None:
    """Items over four months, as retention keeps them; one in twenty flagged and told."""
    specs = [FeedSpec(f"f{at}", f"https://f{at}.example/rss", f"Journal {at}", "fr") for at in range(feed_count)]
    async with database.write() as conn:
        await feeds.sync_feeds(conn, specs, now)
    step = timedelta(days=120) / item_count
    for start in range(1, item_count + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, item_count + 1))
        at = {number: now - step * (item_count - number) for number in numbers}
        told = [number for number in numbers if number % EVERY == 0]
        async with database.write() as conn:
            await conn.execute(insert(item), [_item(number, feed_count, at[number]) for number in numbers])
            topic = {number: TOPICS[number // EVERY % 3] for number in told}
            await conn.execute(
                insert(item_topic), [{"item_id": n, "topic": topic[n], "score": 1.25, "flagged": True} for n in told]
            )
            await conn.execute(insert(story), [{"id": n, "opened_at": at[n], "grew_at": at[n]} for n in told])
            parts = [{"item_id": n, "story_id": n, "at": at[n], "fingerprint": [], "tied_by": []} for n in told]
            await conn.execute(insert(story_item), parts)
            raised = [
                {"id": n, "story_id": n, "item_id": n, "raised_at": at[n], "score": 1.25, "topics": [topic[n]]}
                for n in told
            ]
            await conn.execute(insert(alert), raised)
            await conn.execute(insert(alert_topic), [{"alert_id": n, "topic": topic[n]} for n in told])


def _item(number: int, feed_count: int, at: datetime) -> dict[str, object]:
    reason = {"topic": "labour", "term": "grève", "field": "title", "text": "grève", "weight": 1.25}
    verdict = {"topic": "labour", "score": 1.25, "threshold": 1.0, "flagged": True, "lacking": ""}
    return {
        "id": number,
        "feed_id": f"f{number % feed_count}",
        "outlet": f"Journal {number % feed_count}",
        "source_class": "press",
        "key": f"k{number}",
        "url": f"https://f.example/{number}",
        "canonical_url": f"https://f.example/{number}",
        "title": f"La grève numéro {number} commence dans une ville de la région",
        "summary": "Un résumé de longueur ordinaire, " * 6,
        "body": "",
        "lang": "fr",
        "found_at": at,
        "fate": "alerted" if number % EVERY == 0 else "no_topic",
        "verdicts": [verdict | {"reasons": [reason | {"start": 3, "end": 8, "group": "strong"}]}],
        "places": [],
        "digest": "Un résumé.",
        "search_text": "",
    }


async def measure(database: Database, now: datetime) -> list[float]:
    """Milliseconds to the first byte of the body, one request after another over one connection."""

    async def load() -> Status:
        labels = {topic: TopicLabel({"fr": topic.title()}) for topic in TOPICS}
        return await read_status(database, labels, "America/Toronto", now)

    async def yes() -> bool:
        return True

    taken = []
    routes = status_routes("", load, "fr", "America/Toronto")
    async with serve_web("127.0.0.1:0", yes, routes=routes) as base, ClientSession() as session:
        for _ in range(ROUNDS + 1):
            begun = perf_counter()
            async with session.get(base + PATH) as answer:
                await answer.content.readany()
                taken.append(1000 * (perf_counter() - begun))
                assert answer.status == 200
                await answer.read()
    return taken[1:]


async def main(feed_count: int, item_count: int) -> None:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as database:
            await upgrade(database)
            await fill(database, feed_count, item_count, now)
            taken = await measure(database, now)
    median = statistics.median(taken)
    print(
        f"{feed_count} feeds, {item_count} items: first byte {median:.0f} ms (worst {max(taken):.0f}, "
        f"target {TARGET_MS})"
    )


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in [*sys.argv[1:], "1000", "100000"][:2])))
