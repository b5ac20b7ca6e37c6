"""What a poll costs beside a bare conditional GET, and whether anything ever holds the event loop; ratios in one run.

A server in a process of its own gives 2,000 feeds of 30 kB and 40 items, made up here in the shape of a newspaper's (a
description in HTML, an author, categories, a picture); 5 % of them change from one round to the next. Each feed has a
host of its own, an address of the loopback network, and connections are closed after each answer. CPU is that of this
process and of its parsing processes, never the server's; the cheapest round counts, since the others had company on the
machine. Four ways over the same server:

    bare    aiohttp, ETag sent back, body read, nothing else: the floor
    feeds   our fetch, digest, cut, parse, keys and cadence, without a database
    whole   the poll loop as it runs, with matching and a SQLite file
    blind   feeds again, from a server that sends no validators
    reader  lemon24/reader's `update_feeds` (package `reader`) on the same feeds, where it is installed beside us

Then a tick of the loop with 100,000 feeds in the table; and what is long or hostile comes in through the loop while a
watcher measures how long it is ever held, and how much memory. A pause counts the CPU of the loop's own thread as well
as the clock: on a machine that others use, the clock also shows their turns.

    python benchmarks/bench_poll.py [--check] [--feeds 2000] [--rounds 3]   --check: exit 1 when a promise is missed
    python benchmarks/bench_poll.py --serve                                 the server alone, to measure others on it
"""

import argparse
import asyncio
import gc
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import aiohttp

from bot.events import Event, FeedFailed, FeedPolled
from bot.feeds.answer import Body, NotModified
from bot.feeds.blocks import known_blocks, remember_blocks
from bot.feeds.cadence import learn_pulse, next_poll
from bot.feeds.fetch import Fetcher, FetchLimits
from bot.feeds.file import PollLimits
from bot.feeds.identity import entry_keys, unseen
from bot.feeds.memory import FeedMemory
from bot.feeds.parse import Parser
from bot.model import FeedSpec

if TYPE_CHECKING:
    from bot.loops.poll import Poller

Round = Callable[[], Awaitable[None]]
Way = AbstractAsyncContextManager[Round]

AT_ONCE = 40
ITEMS = 40
CHANGED = 20  # one feed in twenty changes each round
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
MOST = {
    "whole / bare": 1.5,
    "blind / feeds": 1.3,
    "tick at 100,000 feeds, ms of CPU": 10.0,
    "longest pause, ms of CPU": 50.0,
    "memory over idle, MB": 150.0,
}
LEAST = {"reader / whole": 8.0, "polls a second": 300.0}
TABLE = 100_000
NAMESPACES = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/'"
SENTENCE = "Le conseil a adopté la résolution à l’unanimité après deux heures de discussion et de questions du public. "


# ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────


def make_item(feed: int, number: int) -> str:
    link = f"https://ville{feed}.example/a/{number}"
    return (
        f"<item><title>Séance {number} du conseil de la ville {feed}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{feed}-{number}</guid><dc:creator>Ariane Roy</dc:creator>'
        f"<pubDate>Tue, 10 Mar 2026 {number % 24:02}:05:00 -0400</pubDate>"
        f"<category>conseil</category><category>budget</category>"
        f'<media:content url="{link}.jpg" type="image/jpeg"/>'
        f'<description><![CDATA[<p><img src="{link}.jpg" alt=""/>{SENTENCE}</p>'
        f'<p>{SENTENCE}<a href="{link}">Lire la suite</a></p>]]></description></item>\n'
    )


def make_feed(feed: int, version: int) -> bytes:
    """Feed `feed` after `version` changes: each brings one item and pushes one out."""
    items = "".join(make_item(feed, number) for number in range(version + ITEMS, version, -1))
    channel = f"<title>Ville {feed}</title><link>https://ville{feed}.example/</link><ttl>{version}</ttl>"
    rss = f"<rss version='2.0' {NAMESPACES}><channel>{channel}\n{items}</channel></rss>"
    return f"<?xml version='1.0'?>\n{rss}".encode()


def version_of(feed: int, round_: int) -> int:
    return sum((feed * 7_919 + r) % CHANGED == 0 for r in range(1, round_ + 1))


class Server(asyncio.Protocol):
    """/round/N sets the round; /feed/N?… answers with validators, /blind/N without."""

    round = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            self.transport.write(self.answer(path, head))
            if not path.startswith(b"/round"):
                self.transport.close()

    def answer(self, path: bytes, head: bytes) -> bytes:
        kind, _, number = path.strip(b"/").partition(b"/")
        if kind == b"round":
            Server.round = int(number)
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        if kind == b"hostile":
            return respond(list(HOSTILE.values())[int(number)]())
        feed = int(number)
        version = version_of(feed, Server.round)
        if kind == b"blind":
            return respond(make_feed(feed, version))
        tag = b'"%d-%d"' % (feed, version)
        held = re.search(rb"(?i)if-none-match: (\S+)", head)
        if held and held[1] == tag:
            return b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\nETag: %s\r\n\r\n" % tag
        return respond(make_feed(feed, version), b"ETag: %s\r\n" % tag)


def respond(body: bytes, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/rss+xml\r\n"
    return head + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


def long_feed(items: int, words: int = 4) -> bytes:
    listed = "".join(make_item(0, n).replace(SENTENCE, SENTENCE * words, 1) for n in range(items))
    return f'<rss version="2.0" {NAMESPACES}><channel><title>Long</title>{listed}</channel></rss>'.encode()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "10,000 items": lambda: long_feed(10_000, 1),
    "5 MB in 400 items": lambda: long_feed(400, 110),
    "one item of 5 MB": lambda: long_feed(1, 50_000),
    "200,000 nested tags": lambda: b'<rss version="2.0"><channel>' + b"<a>" * 200_000,
    "100,000 comments": lambda: b'<rss version="2.0"><channel>' + b"<!--" * 100_000,
    "5 MB of entities": lambda: b"<rss><item><title>" + b"&amp;" * 1_000_000 + b"</title></item></rss>",
    "5 MB of nothing": lambda: b" " * 5_000_000,
}


@asynccontextmanager
async def server_process() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(sys.executable, __file__, "--serve", stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    base = (await process.stdout.readline()).decode().strip()
    try:
        yield base
    finally:
        process.terminate()
        await process.wait()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "0.0.0.0", 0)  # every address of the loopback
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


# ── the ways to poll ────────────────────────────────────────────────────────────────────────────────────────────────


LOOPBACK = "127.0.0.0/8"


def address(base: str, kind: str, number: int) -> str:
    """The address of a feed, on a host of its own."""
    port = base.rpartition(":")[2]
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/{kind}/{number}"


async def in_turn(feeds: int, poll: Callable[[int], Awaitable[None]]) -> None:
    numbers = iter(range(feeds))

    async def work() -> None:
        for number in numbers:
            await poll(number)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


@asynccontextmanager
async def bare(base: str, feeds: int) -> AsyncIterator[Round]:
    """The floor: a shared session, the ETag sent back, the body read."""
    tags: dict[int, str] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def poll(number: int) -> None:
            held = tags.get(number)
            headers = {"If-None-Match": held} if held else {}
            async with session.get(address(base, "feed", number), headers=headers) as response:
                await response.read()
                tags[number] = response.headers["ETag"]

        yield lambda: in_turn(feeds, poll)


@asynccontextmanager
async def our_feeds(base: str, feeds: int, kind: str) -> AsyncIterator[Round]:
    """Fetch, digest, cut, parse, keys, cadence: everything the feeds' room does for a poll."""
    etags: dict[int, str | None] = {}
    digests: dict[int, str] = {}
    memories: dict[int, FeedMemory] = {}
    seen: dict[int, set[str]] = {}
    slowest = PollLimits()
    limits = FetchLimits("bench", allow=(LOOPBACK,), overall=AT_ONCE)
    async with Fetcher(limits) as fetcher, Parser() as parser:

        async def poll(number: int) -> None:
            spec = FeedSpec(f"ville-{number}", address(base, kind, number), "Ville", "fr")
            answer = await fetcher.get(spec.url, etags.get(number))
            memory = memories.get(number, FeedMemory())
            if isinstance(answer, Body) and (digest := answer.digest) != digests.get(number):
                digests[number], etags[number] = digest, answer.etag
                known = known_blocks(memory, NOW)
                document = await parser.parse(answer.content, answer.content_type, answer.url, known)
                keys, memory = entry_keys(document.entries, remember_blocks(memory, document, NOW))
                marks = seen.setdefault(number, set())
                fresh = unseen(keys, marks)
                marks.update(name for one in keys for name in one.all)
                pulse = learn_pulse(memory.pulse, [document.entries[place] for place in fresh], NOW)
                memories[number] = FeedMemory(blocks=memory.blocks, whole_at=memory.whole_at, pulse=pulse)
            else:
                assert isinstance(answer, Body | NotModified)
            next_poll(spec, memory.hints, memory.pulse, NOW, slowest)

        yield lambda: in_turn(feeds, poll)


TOPICS = """\
topics:
  labour:
    names: {fr: Travail, en: Labour}
    emoji: "🛠"
    strong: [grève, syndicat, convention collective]
"""


@asynccontextmanager
async def our_line(
    urls: list[str], at_once: int, emit: Callable[[Event], None]
) -> AsyncIterator[tuple["Poller", list[datetime]]]:
    """The poll loop over a SQLite file, and its clock."""
    from bot.config import load_config
    from bot.loops.poll import open_poller
    from bot.settings import Settings
    from bot.store.database import open_database
    from bot.store.feeds import sync_feeds
    from bot.store.migrate import upgrade

    clock = [NOW]
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            f"  - {{id: ville-{n}, url: {url}, outlet: V {n}, language: fr, class: press, every: 1h}}\n"
            for n, url in enumerate(urls)
        ]
        (Path(folder) / "feeds.yaml").write_text("feeds:\n" + "".join(lines))
        (Path(folder) / "topics.yaml").write_text(TOPICS)
        config = load_config(Path(folder))
        settings = Settings(
            config_dir=Path(folder),
            fetch_allow=(LOOPBACK,),
            fetch_at_once=at_once,
        )
        async with open_database(f"sqlite+aiosqlite:///{folder}/bench.db") as database:
            await upgrade(database)
            async with database.write() as conn:
                await sync_feeds(conn, config.feeds.feeds, clock[0])
            async with open_poller(settings, database, lambda: config, emit, lambda: clock[0]) as poller:
                yield poller, clock


@asynccontextmanager
async def whole(base: str, feeds: int) -> AsyncIterator[Round]:
    """The poll loop itself: due feeds from a SQLite file, matched, committed."""
    urls = [address(base, "feed", number) for number in range(feeds)]
    async with our_line(urls, 400, lambda _: None) as (poller, clock):

        async def round_() -> None:
            clock[0] += timedelta(hours=2)
            polled = 0
            while polled < feeds:
                polled += await poller.poll_due()
                await asyncio.sleep(0.02)
            await poller.drain()

        yield round_


def read_others(base: str, feeds: int, rounds: int) -> float | None:
    """CPU seconds of the cheapest round of lemon24/reader over `feeds` feeds; None where it is not installed."""
    try:
        make_reader = import_module("reader").make_reader
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as folder:
        theirs = make_reader(f"{folder}/reader.db")
        for number in range(feeds):
            theirs.add_feed(address(base, "feed", number))
        spent = []
        for number in range(rounds + 1):
            urlopen(f"{base}/round/{number}").close()
            before = time.process_time()
            theirs.update_feeds(scheduled=False)
            spent.append(time.process_time() - before)
        theirs.close()
    return min(spent[1:])


# ── measuring ───────────────────────────────────────────────────────────────────────────────────────────────────────


def child_seconds() -> float:
    """CPU of the children that are alive: the parsing processes are not waited for before they end."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(") ")[2].split()
                if int(fields[1]) == os.getpid() and b"worker" in (folder / "cmdline").read_bytes():
                    total += int(fields[11]) + int(fields[12])
    return total / ticks


async def cost(way: Way, base: str, rounds: int) -> tuple[float, float]:
    """CPU and wall seconds of the cheapest of `rounds` rounds, after a first one that is not counted."""
    async with aiohttp.ClientSession() as control:
        await control.get(f"{base}/round/0")
        spent = []
        async with way as round_:
            await round_()
            gc.collect()
            gc.freeze()
            for number in range(1, rounds + 1):
                await control.get(f"{base}/round/{number}")
                cpu, wall = time.process_time() + child_seconds(), time.perf_counter()
                await round_()
                spent.append((time.process_time() + child_seconds() - cpu, time.perf_counter() - wall))
    return min(spent)


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def tick(base: str) -> float:
    """Milliseconds of CPU of the median tick that finds forty feeds due among a hundred thousand and claims them."""
    from sqlalchemy import insert, update

    from bot.store.feeds import claim_due_feeds
    from bot.store.tables import feed

    async with our_line([address(base, "feed", 0)], AT_ONCE, lambda _: None) as (poller, clock):
        row = {"language": "fr", "source_class": "press", "enabled": True, "outlet": "V"}
        later = [clock[0] + timedelta(hours=3, seconds=number % 3_600) for number in range(TABLE)]
        async with poller.database.write() as conn:
            rows = [
                {**row, "id": f"f{n}", "url": address(base, "feed", n), "written_url": "x", "next_poll_at": later[n]}
                for n in range(TABLE)
            ]
            await conn.execute(insert(feed), rows)
        took = []
        for number in range(20):
            due = [f"f{n}" for n in range(number * AT_ONCE, (number + 1) * AT_ONCE)]
            async with poller.database.write() as conn:
                await conn.execute(update(feed).where(feed.c.id.in_(due)).values(next_poll_at=clock[0]))
            started = time.process_time()
            async with poller.database.write() as conn:
                found = await claim_due_feeds(conn, clock[0], timedelta(minutes=5), AT_ONCE)
            took.append(time.process_time() - started)
            assert number == 0 or len(found) == AT_ONCE
    return 1_000 * sorted(took)[len(took) // 2]


async def pauses(base: str) -> tuple[float, float]:
    """The longest the loop was held, in ms of its thread's CPU, and the most memory over the idle process, in MB."""
    held: list[tuple[float, float]] = []
    peak = 0.0
    outcomes: list[str] = []

    async def watch() -> None:
        nonlocal peak
        while True:
            clock, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            held.append((1_000 * (time.thread_time() - cpu), 1_000 * (time.perf_counter() - clock) - 1))
            peak = max(peak, resident_mb())

    def note(event: Event) -> None:
        if isinstance(event, FeedPolled):
            outcomes.append(f"{event.new_items} items")
        elif isinstance(event, FeedFailed):
            outcomes.append(f"{event.cause} {event.detail}")

    from bot.app import settle_memory

    longest = idle = 0.0
    watcher = asyncio.create_task(watch())
    for number, name in enumerate(HOSTILE):
        async with our_line([f"{base}/hostile/{number}"], 1, note) as (poller, _):
            await poller.parser.parse(make_feed(0, 0), "", base)
            settle_memory()
            held.clear()
            if number == 0:
                idle, peak = resident_mb(), 0.0
            await poller.poll_due()
            await poller.drain()
            cpu, clock = max(ms for ms, _ in held), max(ms for _, ms in held)
            longest = max(longest, cpu)
            print(f"  {name:22} {outcomes[-1]:32} loop held {cpu:5.1f} ms of CPU, {clock:5.1f} ms by the clock")
    watcher.cancel()
    return longest, peak - idle


async def main(feeds: int, rounds: int) -> dict[str, float]:
    async with server_process() as base:
        size = len(make_feed(0, 0)) // 1_000
        print(f"{feeds} feeds of {size} kB and {ITEMS} items, 1 in {CHANGED} changed, the best of {rounds} rounds")
        ways = {
            "bare": bare(base, feeds),
            "feeds": our_feeds(base, feeds, "feed"),
            "whole": whole(base, feeds),
            "blind": our_feeds(base, feeds, "blind"),
        }
        found: dict[str, float] = {}
        rate = 0.0
        for name, way in ways.items():
            cpu, wall = await cost(way, base, rounds)
            found[name] = cpu
            ratio = cpu / found["bare"]
            print(f"  {name:6} {1e3 * cpu / feeds:6.3f} ms CPU a poll {ratio:5.2f} × bare  {feeds / wall:6.0f} polls/s")
            if name == "whole":
                rate = feeds / wall
        theirs = await asyncio.to_thread(read_others, base, feeds, rounds)
        if theirs is None:
            print("  reader is not installed: not compared")
        else:
            print(f"  reader {1e3 * theirs / feeds:6.3f} ms CPU a poll")
            found["reader / whole"] = theirs / found["whole"]
        ticked = await tick(base)
        longest, memory = await pauses(base)
    measured = {name: found[name] for name in ("reader / whole",) if name in found}
    return measured | {
        "whole / bare": found["whole"] / found["bare"],
        "blind / feeds": found["blind"] / found["feeds"],
        "polls a second": rate,
        "tick at 100,000 feeds, ms of CPU": ticked,
        "longest pause, ms of CPU": longest,
        "memory over idle, MB": memory,
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--check", action="store_true")
    options.add_argument("--serve", action="store_true")
    options.add_argument("--feeds", type=int, default=2_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    if chosen.serve:
        asyncio.run(serve())
        sys.exit()
    missed = 0
    for what, value in asyncio.run(main(chosen.feeds, chosen.rounds)).items():
        kept = value <= MOST[what] if what in MOST else value >= LEAST[what]
        missed += not kept
        promise = f"≤ {MOST[what]:g}" if what in MOST else f"≥ {LEAST[what]:g}"
        print(f"{'kept  ' if kept else 'MISSED'} {what}: {value:.2f} (promised {promise})")
    sys.exit(missed if chosen.check else 0)
