"""How long /chercher takes among many stored items: words that stand everywhere, rarely, and nowhere.

python benchmarks/bench_search.py [items]            SQLite, in a temporary folder
"""

import asyncio
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from bot.model import FeedSpec
from bot.store import feeds
from bot.store.database import Database, open_database
from bot.store.migrate import upgrade
from bot.store.search import find_items
from bot.store.tables import item
from bot.text.search import searchable

CHUNK = 5_000


def rows(rnd: random.Random, words: list[str], count: int, now: datetime) -> list[dict[str, object]]:
    made = []
    for number in range(count):
        title, summary = " ".join(rnd.choices(words, k=10)), " ".join(rnd.choices(words, k=35))
        body = " ".join(rnd.choices(words, k=300)) if number % 3 == 0 else ""
        texts = {"title": title, "summary": summary, "body": body, "search_text": searchable(f"{title} {summary}")}
        places = {"feed_id": "f", "outlet": "O", "source_class": "press", "key": "k", "url": "u", "canonical_url": "u"}
        decided = {"lang": "fr", "found_at": now, "fate": "no_topic", "verdicts": [], "places": [], "digest": ""}
        made.append(texts | places | decided)
    return made


async def fill(database: Database, count: int, words: list[str]) -> None:
    rnd, now = random.Random(1), datetime.now(UTC)
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [FeedSpec("f", "https://o.example/rss", "O", "fr")], now)
    for start in range(0, count, CHUNK):
        async with database.write() as conn:
            await conn.execute(insert(item), rows(rnd, words, min(CHUNK, count - start), now))


async def main(count: int) -> None:
    rnd = random.Random(2)
    words = ["".join(rnd.choices("abcdefghijklmnopqrstuvwxyz", k=rnd.randint(3, 11))) for _ in range(20_000)]
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as database:
            await upgrade(database)
            await fill(database, count, words)
            for name, sought in (("common", ("ab",)), ("rare", (words[7],)), ("absent", ("zzzzzzzzzzzz", "ab"))):
                started = perf_counter()
                async with database.read() as conn:
                    found = await find_items(conn, sought, 6, None)
                print(f"{name:8} {len(found)} found in {perf_counter() - started:.3f} s among {count}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
