"""Feeds, from a terminal: read them without telling anyone, and try every address of feeds.yaml.

`guetteur poll` prints one item a line; its JSON lines are what `match` and `stories` take. What was read goes to
standard output, what went wrong to standard error, with the cause a person can act on.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.errors import ConfigError, FetchFailed, Problem
from bot.feeds.answer import Body, HttpRefused
from bot.feeds.cadence import backoff, learn_pulse, next_poll
from bot.feeds.discovery import discover
from bot.feeds.fetch import Fetcher, fetch_limits
from bot.feeds.file import FeedFile, PollLimits, load_feeds
from bot.feeds.identity import Keys, entry_keys, unseen
from bot.feeds.memory import FeedMemory
from bot.feeds.parse import Document, ParseLimits, Parser
from bot.locales import known, say
from bot.model import Entry, FeedSpec
from bot.settings import Settings

Show = Callable[[FeedSpec, Sequence[Entry], Sequence[Keys]], None]

_ADDRESS = ("http://", "https://")
_FOUND_ELSEWHERE = frozenset({"http_404", "http_410", "html_page", "not_a_feed"})  # where its site may name another


@dataclass(frozen=True, slots=True)
class Doors:
    """What reading a feed takes."""

    fetcher: Fetcher
    parser: Parser


@dataclass(slots=True)
class Watch:
    """One feed that is followed: what it has shown, in memory only."""

    spec: FeedSpec
    memory: FeedMemory = field(default_factory=FeedMemory)
    seen: set[str] = field(default_factory=set)


def poll(settings: Settings, feed: str | None, *, follow: bool, as_json: bool) -> int:
    """Prints the items of one feed (an id of feeds.yaml, an address or a file) or of all; 1 when one cannot be read.

    With `follow`, goes on at each feed's own cadence with what is new, until interrupted.
    """
    show = _lines(settings, as_json=as_json)
    try:
        if feed and Path(feed).is_file():
            return asyncio.run(_read_file(settings, Path(feed), show))
        by_address = feed is not None and feed.startswith(_ADDRESS)
        file = FeedFile(()) if by_address else load_feeds(settings.config_dir / "feeds.yaml")
        specs = _chosen(file, feed)
        if not follow:
            return asyncio.run(_read_once(settings, specs, show))
        asyncio.run(_follow(settings, specs, file.poll, show))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def check_online(settings: Settings, feeds: FeedFile) -> int:
    """Fetches every feed that is on and names those that are dead, with the remedy; 1 when there are any."""
    return asyncio.run(_try_all(settings, [spec for spec in feeds.feeds if spec.enabled]))


def _chosen(file: FeedFile, feed: str | None) -> list[FeedSpec]:
    """The feeds meant. Raises ConfigError for an id that no line of feeds.yaml has."""
    if feed is None:
        return [spec for spec in file.feeds if spec.enabled]
    if feed.startswith(_ADDRESS):
        host = urlsplit(feed).hostname or feed
        return [FeedSpec(id=host, url=feed, outlet=host, language="fr")]
    chosen = [spec for spec in file.feeds if spec.id == feed]
    if not chosen:
        raise ConfigError(
            (Problem("feeds.yaml", 0, f"aucun fil « {feed} »", "donnez un id, une adresse ou un fichier"),)
        )
    return chosen


@asynccontextmanager
async def _open_doors(settings: Settings) -> AsyncIterator[Doors]:
    async with (
        Fetcher(fetch_limits(settings)) as fetcher,
        Parser(ParseLimits(seconds=settings.parse_seconds)) as parser,
    ):
        yield Doors(fetcher, parser)


async def _read_file(settings: Settings, path: Path, show: Show) -> int:
    spec = FeedSpec(id=path.stem, url="", outlet=path.name, language="fr")
    async with Parser(ParseLimits(seconds=settings.parse_seconds)) as parser:
        try:
            document = await parser.parse(path.read_bytes(), "", "")  # noqa: ASYNC240 (one file, nothing else waits)
        except FetchFailed as failure:
            _complain(spec.id, failure)
            return 1
    show(spec, document.entries, entry_keys(document.entries, FeedMemory())[0])
    return 0


async def _read_once(settings: Settings, specs: Sequence[FeedSpec], show: Show) -> int:
    async def read(spec: FeedSpec) -> bool:
        try:
            _, document = await _fetch(spec, doors)
        except FetchFailed as failure:
            _complain(spec.id, failure)
            return False
        show(spec, document.entries, entry_keys(document.entries, FeedMemory())[0])
        return True

    async with _open_doors(settings) as doors:
        return int(not all(await asyncio.gather(*map(read, specs))))


async def _follow(settings: Settings, specs: Sequence[FeedSpec], limits: PollLimits, show: Show) -> None:
    """Every feed at its own cadence, until interrupted; an item is shown once."""

    async def follow(watch: Watch) -> None:
        failures = 0
        while True:
            now = datetime.now(UTC)
            try:
                _, document = await _fetch(watch.spec, doors)
                fresh = _learn(watch, document, now)
                show(watch.spec, [entry for entry, _ in fresh], [keys for _, keys in fresh])
                failures = 0
                wait, _ = next_poll(watch.spec, watch.memory.hints, watch.memory.pulse, now, limits)
            except FetchFailed as failure:
                failures += 1
                _complain(watch.spec.id, failure)
                asked = failure.retry_after if isinstance(failure, HttpRefused) else None
                wait, _ = backoff(failures, failure.cause, asked, watch.spec, limits)
            await asyncio.sleep(wait.total_seconds())

    async with _open_doors(settings) as doors:
        await asyncio.gather(*(follow(Watch(spec)) for spec in specs))


def _learn(watch: Watch, document: Document, now: datetime) -> list[tuple[Entry, Keys]]:
    """The entries that were not shown yet; the watch knows them from now on."""
    keys, memory = entry_keys(document.entries, watch.memory)
    fresh = [(document.entries[place], keys[place]) for place in unseen(keys, watch.seen)]
    watch.seen.update(name for one in keys for name in one.all)
    pulse = learn_pulse(memory.pulse, [entry for entry, _ in fresh], now)
    watch.memory = FeedMemory(memory.guids_lie, memory.links_lie, hints=document.hints, pulse=pulse)
    return fresh


async def _fetch(spec: FeedSpec, doors: Doors) -> tuple[Body, Document]:
    answer = await doors.fetcher.get(spec.url)
    if not isinstance(answer, Body):
        raise FetchFailed("unasked_304")
    return answer, await doors.parser.parse(answer.content, answer.content_type, answer.url)


async def _try_all(settings: Settings, specs: Sequence[FeedSpec]) -> int:
    async def is_well(spec: FeedSpec) -> bool:
        try:
            answer, document = await _fetch(spec, doors)
        except FetchFailed as failure:
            instead = await _elsewhere(spec, failure, doors)
            _complain(f"{spec.id} ({spec.url})", failure, f" Ce site propose {instead}" if instead else "")
            return False
        if answer.permanent_url:
            print(f"{spec.id} : a déménagé, écrivez {answer.permanent_url}")
        if not document.total:
            print(f"{spec.id} : répond, sans aucun article pour l’instant")
        return True

    async with _open_doors(settings) as doors:
        well = await asyncio.gather(*map(is_well, specs))
    dead = well.count(False)
    mend = f" ; {dead} à corriger ou à mettre au repos (enabled: false)" if dead else ""
    print(f"{len(well) - dead} fils répondent sur {len(well)}{mend}.")
    return int(dead > 0)


async def _elsewhere(spec: FeedSpec, failure: FetchFailed, doors: Doors) -> str:
    """The first feed that the site of a dead one names, "" when it names none."""
    if failure.cause not in _FOUND_ELSEWHERE:
        return ""
    parts = urlsplit(spec.url)
    try:
        found = await discover(f"{parts.scheme}://{parts.netloc}/", doors.fetcher, doors.parser)
    except FetchFailed:
        return ""
    return found[0].url if found else ""


def _complain(where: str, failure: FetchFailed, more: str = "") -> None:
    key = f"cause.{failure.cause}"
    why = say("fr", key) if known("fr", key) else failure.cause
    detail = f" ({failure.detail})" if failure.detail else ""
    print(f"{where} : {why}{detail}{more}", file=sys.stderr)


def _lines(settings: Settings, *, as_json: bool) -> Show:
    """Prints one item a line. The JSON fields are those that `match` and `stories` read, and the link."""
    zone = ZoneInfo(settings.timezone)

    def as_text(spec: FeedSpec, entry: Entry) -> str:
        date = f"{entry.published_at.astimezone(zone):%Y-%m-%d %H:%M}" if entry.published_at else " " * 16
        return f"{date}  {spec.outlet}  {entry.title or '(sans titre)'}  {entry.link or ''}".rstrip()

    def as_object(spec: FeedSpec, entry: Entry, keys: Keys) -> str:
        line = {
            "id": keys.key,
            "feed": spec.id,
            "source": spec.outlet,
            "lang": entry.language or spec.language,
            "title": entry.title,
            "summary": entry.summary,
            "body": entry.body,
            "link": entry.link,
            "date": entry.published_at.isoformat() if entry.published_at else None,
        }
        return json.dumps(line, ensure_ascii=False)

    def show(spec: FeedSpec, entries: Sequence[Entry], keys: Sequence[Keys]) -> None:
        for entry, names in zip(entries, keys, strict=True):
            print(as_object(spec, entry, names) if as_json else as_text(spec, entry), flush=True)

    return show
