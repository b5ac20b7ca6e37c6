"""Due feeds become items, stories, alerts and deliveries: fetch → parse → keep unseen → match → tell, one commit each.

The seen-marks, the items, the story, the alert, its deliveries and the feed's validators commit together, so a crash
anywhere means "poll again, same result"; feeds that finish in the same moment share a commit (`loops/commit`). Polls
that brought nothing are written together, once a tick. One feed's trouble never delays another's. Must never decide:
cadence, identity, fate, grouping and summary are decided elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from time import perf_counter
from typing import ParamSpec, TypeVar
from uuid import uuid4

from bot.alerts.decide import Facts, fate_of, keywords_owed
from bot.config import Config
from bot.errors import FetchFailed
from bot.events import Event, FeedFailed, FeedPolled, FeedRecovered, LoopFailed
from bot.feeds import cadence
from bot.feeds.answer import Body, HttpRefused, NotModified
from bot.feeds.blocks import known_blocks, remember_blocks
from bot.feeds.fetch import Fetcher, fetch_limits
from bot.feeds.identity import Keys, entry_keys, unseen
from bot.feeds.memory import FeedMemory, read_memory, write_memory
from bot.feeds.parse import Document, ParseLimits, Parser
from bot.feeds.robots import Robots
from bot.feeds.websub import read_offer
from bot.loops.breath import Breath
from bot.loops.commit import Commits, Findings
from bot.loops.read import Reader
from bot.loops.tell import News
from bot.loops.write import Writer, open_writer
from bot.model import Entry, Fate, Item, NoticeKind, Text
from bot.settings import Settings
from bot.store import feeds, notices, pushes
from bot.store.database import Connection, Database, StoreUnavailable
from bot.store.feeds import DueFeed, FeedTaken, NextPoll, Reading
from bot.store.items import Shown
from bot.stories.fingerprint import fingerprint

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")

FEW = 200  # entries that are dealt with in one go on the loop itself


@asynccontextmanager
async def open_poller(
    settings: Settings,
    database: Database,
    config: Callable[[], Config],
    emit: Callable[[Event], None],
    clock: Callable[[], datetime],
) -> AsyncIterator["Poller"]:
    """A Poller with its session and its parsing processes, closed with the block."""
    parsing = ParseLimits(seconds=settings.parse_seconds)
    reading = replace(parsing, processes=1)  # its own: a hostile page delays no feed
    async with (
        Fetcher(fetch_limits(settings)) as fetcher,
        Parser(parsing) as parser,
        Parser(reading) as pages,
        open_writer(settings, database, emit, clock) as writer,
    ):
        reader = Reader(fetcher, pages, Robots(fetcher))
        commits = Commits(settings, database, clock)
        yield Poller(settings, database, fetcher, parser, reader, commits, config, emit, clock, writer)


@dataclass(frozen=True, slots=True)
class Poller:
    """What the loop needs. `clock` gives aware UTC; `emit` takes facts after their commit."""

    settings: Settings
    database: Database
    fetcher: Fetcher
    parser: Parser
    reader: Reader
    commits: Commits
    config: Callable[[], Config]
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    writer: Writer | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    quiet: list[tuple[str, NextPoll, int]] = field(default_factory=list)  # polls that brought nothing, to be written
    recovered: list[str] = field(default_factory=list)  # of them, feeds whose failure operators were told of
    held: dict[str, str] = field(default_factory=dict)  # feeds at work, and the holder of each claim
    name: str = field(default_factory=lambda: uuid4().hex)
    claims: "count[int]" = field(default_factory=count)

    async def poll_due(self) -> int:
        """Writes the quiet polls, claims what is due and starts a task a feed; returns how many were claimed."""
        await self._write_quiet()
        room, now, lease = self.settings.fetch_at_once - len(self.tasks), self.clock(), self.lease
        async with self.database.write() as conn:
            await feeds.keep_feeds(conn, self.held, now + lease, now + lease * 0.75)
            due = await feeds.claim_due_feeds(conn, now, lease, room, self.claim()) if room > 0 else ()
        for feed in due:
            task = asyncio.create_task(self._serve(feed))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return len(due)

    @property
    def lease(self) -> timedelta:
        """A feed is ours for so long, and again while it is at work; then another process may have it."""
        return timedelta(seconds=self.settings.lease_seconds)

    @property
    def in_company(self) -> bool:
        """Other feeds are at work, that may finish in the same moment."""
        return len(self.tasks) > 1

    def claim(self) -> str:
        """A holder's name that nobody had."""
        return f"{self.name}/{next(self.claims)}"

    @contextmanager
    def at_work(self, feed: DueFeed) -> Iterator[None]:
        """Keeps the feed ours through the block, however long it takes."""
        self.held[feed.spec.id] = feed.holder
        try:
            yield
        finally:
            if self.held.get(feed.spec.id) == feed.holder:
                del self.held[feed.spec.id]

    async def drain(self) -> None:
        """Waits for the polls under way and writes them."""
        while self.tasks:
            await asyncio.wait(self.tasks)
        await self._write_quiet()

    async def _write_quiet(self) -> None:
        polls, recovered = self.quiet[:], self.recovered[:]
        if polls:
            async with self.database.write() as conn:
                await feeds.record_unchanged(conn, polls, self.clock())
                if recovered:
                    await notices.close_notices(conn, NoticeKind.FEED_FAILING, self.clock(), recovered)
            del self.quiet[: len(polls)], self.recovered[: len(recovered)]

    async def _serve(self, feed: DueFeed) -> None:
        """A broad catch: whatever goes wrong with a feed stays there, and its lease brings it back."""
        try:
            with self.at_work(feed):
                await self._poll(feed)
        except FetchFailed as error:
            await self._record_failure(feed, error)
        except FeedTaken:
            self.emit(FeedPolled(feed.spec.id, "taken", 0, 0, 0.0, 0.0))
        except StoreUnavailable as error:
            self.emit(LoopFailed("poll", str(error)))
        except Exception as error:  # noqa: BLE001 (one feed must not stop the others)
            self.emit(LoopFailed("poll", f"{feed.spec.id}: {type(error).__name__}", error))

    async def _poll(self, feed: DueFeed) -> None:
        started = perf_counter()
        answer = await self.fetcher.get(feed.spec.url, etag=feed.etag, last_modified=feed.last_modified)
        fetched = perf_counter() - started
        memory = read_memory(feed.memory)
        if isinstance(answer, NotModified):
            self._record_quiet(feed, memory, "not_modified", 0, fetched)
            return
        digest = answer.digest
        if digest == feed.body_hash and not answer.permanent_url:
            self._record_quiet(feed, memory, "same_body", len(answer.content), fetched)
            return
        started = perf_counter()
        known = known_blocks(memory, self.clock())
        document = await self.parser.parse(answer.content, answer.content_type, answer.url, known)
        await self._read(feed, memory, answer, digest, document, (fetched, perf_counter() - started))

    async def _read(
        self,
        feed: DueFeed,
        memory: FeedMemory,
        answer: Body,
        digest: str,
        document: Document,
        seconds: tuple[float, float],
    ) -> None:
        now = self.clock()
        sifted = await self._sift(feed, memory, document, now)
        hints = replace(document.hints, max_age=answer.max_age)
        memory = replace(remember_blocks(sifted.memory, document, now), hints=hints)
        news, missed = sifted.news, bool(sifted.news and feed.pushed_until)
        trusting = replace(feed, pushed_until=None) if missed else feed
        reading = Reading(
            feed_id=feed.spec.id,
            etag=answer.etag,
            last_modified=answer.last_modified,
            body_hash=digest,
            bytes_read=len(answer.content),
            parse_seconds=seconds[1],
            new_items=len(news),
            matched_items=sifted.matched,
            memory=write_memory(memory),
            moved_to=answer.permanent_url,
            next_poll=self._next(trusting, memory, now),
        )
        offer = read_offer(answer, document) if self.settings.webhook_url else None

        async def write_more(conn: Connection) -> None:
            if missed:
                await pushes.distrust(conn, feed.spec.id)
            if offer:
                await pushes.want_push(conn, feed.spec.id, offer.hub, offer.topic, self.settings.webhook_url, now)
            if cadence.should_tell_recovery(feed.failures):
                await notices.close_notices(conn, NoticeKind.FEED_FAILING, now, [feed.spec.id])

        facts = await self._keep(feed, document, sifted, reading, write_more)
        outcome = "read" if feed.primed else "primed"
        self.emit(FeedPolled(feed.spec.id, outcome, len(news), len(answer.content), *seconds, sifted.match_seconds))
        self._tell_recovery(feed)
        await self._emit_all(facts)

    async def read_pushed(self, feed: DueFeed, topic: str, content: bytes, content_type: str) -> None:
        """What its hub brought of a claimed feed, by the same line as a poll. Raises FetchFailed as parsing does.

        The next poll stays where it was: a hub that brings some of the news must not keep us from the rest.
        """
        memory = read_memory(feed.memory)
        started = perf_counter()
        document = await self.parser.parse(content, content_type, topic, known_blocks(memory, self.clock()))
        parsing, now = perf_counter() - started, self.clock()
        sifted = await self._sift(feed, memory, document, now)
        written = write_memory(sifted.memory)
        brought = pushes.Brought(feed.spec.id, len(content), len(sifted.news), sifted.matched, written)
        next_at = feed.next_poll_at if feed.next_poll_at and feed.next_poll_at > now else now

        async def write(conn: Connection) -> None:
            await pushes.record_push(conn, brought, next_at, now)

        facts = await self._keep(feed, document, sifted, None, write)
        polled = FeedPolled(feed.spec.id, "pushed", len(sifted.news), len(content), 0.0, parsing, sifted.match_seconds)
        self.emit(polled)
        await self._emit_all(facts)

    async def _sift(self, feed: DueFeed, memory: FeedMemory, document: Document, now: datetime) -> "_Sifted":
        """What of a document is new, decided as far as it can be before the commit."""
        keys, memory = await _apart(len(document.entries), entry_keys, document.entries, memory)
        names, urls = [name for one in keys for name in one.all], [one.url for one in keys if one.url]
        shown = Shown(feed.spec.id, feed.spec.outlet, names, urls)
        known = await self.commits.known(shown, company=self.in_company)
        fresh = await _apart(len(keys), unseen, keys, known.seen.keys(), known.urls)
        entries = [document.entries[position] for position in fresh]
        news = await self._prepare(feed, entries, [keys[position] for position in fresh], now)
        memory = replace(memory, pulse=cadence.learn_pulse(memory.pulse, entries, now))
        new_keys = [name for name in names if name not in known.seen]
        return _Sifted(keys, fresh, news, memory, new_keys, known.stale(now))

    async def _keep(
        self,
        feed: DueFeed,
        document: Document,
        sifted: "_Sifted",
        reading: Reading | None,
        write_more: Callable[[Connection], Awaitable[None]],
    ) -> Sequence[Event]:
        """The one commit: news, edits, seen-marks and what stays on the feed; the facts to emit after it."""
        texts = _texts(document, sifted.keys, sifted.fresh)
        entries, new, stale = len(document.entries), sifted.new_keys, sifted.stale_keys
        findings = Findings(feed, entries, sifted.news, texts, new, stale, reading, write_more)
        return await self.commits.keep(findings, company=self.in_company)

    async def _emit_all(self, facts: Sequence[Event]) -> None:
        for number, fact in enumerate(facts):
            self.emit(fact)
            if number % FEW == FEW - 1:
                await asyncio.sleep(0)

    async def _prepare(
        self, feed: DueFeed, entries: Sequence[Entry], keys: Sequence[Keys], now: datetime
    ) -> list[News]:
        """Matches each entry, oldest first, and reads and summarises what will be told."""
        news: list[News] = []
        breath = Breath()
        until = asyncio.get_running_loop().time() + self.reader.patience
        for entry, names in reversed(list(zip(entries, keys, strict=True))):
            news.append(await self._decide(feed, entry, names, now, until))
            await breath.after(len(entry.title) + len(entry.summary) + len(entry.body))
        return news

    async def _decide(self, feed: DueFeed, entry: Entry, keys: Keys, now: datetime, until: float) -> News:
        spec = feed.spec
        lang = entry.language or spec.language
        started = perf_counter()
        reading = self.config().index.read(Text(entry.title, entry.summary, entry.body, lang, spec.outlet))
        matched, seconds = reading.matched, perf_counter() - started
        facts = Facts(feed.primed, entry.published_at, matched.verdicts)
        item = Item(
            id=0,
            feed_id=spec.id,
            outlet=spec.outlet,
            source_class=spec.source_class,
            key=keys.key,
            url=entry.link or spec.url,
            title=entry.title,
            summary=entry.summary,
            body=entry.body,
            lang=matched.lang,
            published_at=entry.published_at,
            found_at=now,
            fate=fate_of(facts, self.settings.fresh_window, now),
            verdicts=matched.verdicts,
            places=matched.places,
        )
        keywords = keywords_owed(item.fate, reading.personal)
        if item.fate is not Fate.ALERTED and not keywords:
            return News(item, keys, matched.topics, match_seconds=seconds)
        told = await self.reader.read(entry, matched, until)
        item = replace(item, digest=told.summary, paywalled=told.paywalled)
        print_ = fingerprint(entry.title, entry.summary or item.digest, matched.lang, spec.outlet, now)
        if self.writer is not None:
            item = await self.writer.rewrite(item, told.text, print_, until)
        return News(item, keys, matched.topics, print_, keywords, seconds)

    def _record_quiet(self, feed: DueFeed, memory: FeedMemory, outcome: str, read: int, seconds: float) -> None:
        self.quiet.append((feed.spec.id, self._next(feed, memory, self.clock()), read))
        if cadence.should_tell_recovery(feed.failures):
            self.recovered.append(feed.spec.id)
        self.emit(FeedPolled(feed.spec.id, outcome, 0, read, seconds, 0.0))
        self._tell_recovery(feed)

    async def _record_failure(self, feed: DueFeed, error: FetchFailed) -> None:
        now = self.clock()
        failures = feed.failures + 1
        limits = self.config().feeds.poll
        asked = error.retry_after if isinstance(error, HttpRefused) else None
        wait, why = cadence.backoff(failures, error.cause, asked, feed.spec, limits)
        try:
            async with self.database.write() as conn:
                next_poll = NextPoll(now + wait, wait, why)
                await feeds.record_failure(conn, feed.spec.id, error.cause, error.detail, next_poll, now)
                if cadence.should_tell_admins(failures, error.cause):
                    await _open_notice(conn, feed, failures, error.cause, now)
        except StoreUnavailable as unavailable:
            self.emit(LoopFailed("poll", str(unavailable)))
            return
        self.emit(FeedFailed(feed.spec.id, error.cause, error.detail, failures, wait))

    def _next(self, feed: DueFeed, memory: FeedMemory, now: datetime) -> NextPoll:
        limits = self.config().feeds.poll
        wait, why = cadence.next_poll(feed.spec, memory.hints, memory.pulse, now, limits, feed.pushed_until)
        return NextPoll(now + wait, wait, why)

    def _tell_recovery(self, feed: DueFeed) -> None:
        if feed.failures:
            self.emit(FeedRecovered(feed.spec.id, feed.failures))


async def _apart(size: int, decide: Callable[_Given, _Answer], *args: _Given.args, **named: _Given.kwargs) -> _Answer:
    """What `decide` says; of a long document in a thread, so that the loop is not held."""
    return decide(*args, **named) if size <= FEW else await asyncio.to_thread(decide, *args, **named)


@dataclass(frozen=True, slots=True)
class _Sifted:
    """A document's keys, the positions of its new entries, what they became, and what is to be remembered."""

    keys: Sequence[Keys]
    fresh: Sequence[int]
    news: Sequence[News]
    memory: FeedMemory
    new_keys: Sequence[str]
    stale_keys: Sequence[str]

    @property
    def matched(self) -> int:
        return sum(bool(one.topics) for one in self.news)

    @property
    def match_seconds(self) -> tuple[float, ...]:
        return tuple(one.match_seconds for one in self.news)


def _texts(document: Document, keys: Sequence[Keys], fresh: Sequence[int]) -> dict[str, tuple[str, str]]:
    """The words of the entries that are known already, by the key they are stored under."""
    old = set(range(len(keys))).difference(fresh)
    return {keys[at].key: (document.entries[at].title, document.entries[at].summary) for at in old}


async def _open_notice(conn: Connection, feed: DueFeed, failures: int, cause: str, now: datetime) -> None:
    """Commits with the failure it tells of."""
    kind = NoticeKind.FEED_GONE if cadence.is_final(cause) else NoticeKind.FEED_FAILING
    values = {"outlet": feed.spec.outlet, "cause": cause, "n": str(failures)}
    await notices.open_notice(conn, kind, feed.spec.id, values, now)
