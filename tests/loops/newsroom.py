"""Feeds of a few lines for poll tests: RSS as bytes, a poller that asks them, what the store then holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from sqlalchemy import select

from bot.config import Config, load_config
from bot.feeds.fetch import Fetcher
from bot.feeds.parse import ParseLimits, Parser
from bot.feeds.robots import Robots
from bot.loops.commit import Commits
from bot.loops.poll import Poller
from bot.loops.read import PATIENCE, Reader
from bot.loops.write import open_writer
from bot.settings import Settings
from bot.store import feeds
from bot.store.database import Database
from bot.store.tables import alert, delivery, item, story_item
from tests.feeds.conftest import limits
from tests.feeds.server import Site

TOPICS = """\
topics:
  immigration:
    names: {fr: Immigration, en: Immigration}
    emoji: "🌍"
    strong: [immigration, permis de travail]
  labour:
    names: {fr: Travail, en: Labour}
    emoji: "🛠"
    strong: [grève, syndicat]
"""
LONG = (
    "Les usines de transformation de crabe de Matane et de Gaspé demandaient cette mesure depuis deux ans. Quelque 640"
    " personnes sont touchées dans la région. La ministre en a fait l’annonce lundi à Rimouski, devant les élus. Les"
    " premiers dossiers seront traités avant la fin du mois de mai, promet le gouvernement."
)


def rss(now, *entries: tuple[str, ...], hours_ago: float = 1) -> bytes:
    """Entries as (guid, title) or (guid, title, description), dated `hours_ago`."""
    date = format_datetime(now - timedelta(hours=hours_ago))
    items = "".join(
        f"<item><guid isPermaLink='false'>{entry[0]}</guid><title>{escape(entry[1])}</title>"
        f"<link>https://courrier.example/{entry[0]}</link><pubDate>{date}</pubDate>"
        f"<description>{escape(entry[2] if len(entry) > 2 else LONG)}</description></item>"
        for entry in entries
    )
    return f"<rss version='2.0'><channel><title>Le Courrier</title>{items}</channel></rss>".encode()


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


class Watch:
    """A poller over the feeds of a site; `round` polls everything that is due an hour later."""

    def __init__(self, poller: Poller, database: Database, clock: Clock, facts: list) -> None:
        self.poller = poller
        self.database = database
        self.clock = clock
        self.facts = facts

    async def round(self, hours: float = 1) -> int:
        self.clock.now += timedelta(hours=hours)
        claimed = await self.poller.poll_due()
        await self.poller.drain()
        return claimed

    async def items(self) -> list[tuple[str, str]]:
        return await self._rows(select(item.c.title, item.c.fate).order_by(item.c.id))

    async def alerts(self) -> list[tuple[str, ...]]:
        titles = select(item.c.title).join(alert, alert.c.item_id == item.c.id).order_by(alert.c.id)
        return [row[0] for row in await self._rows(titles)]

    async def deliveries(self) -> list[tuple[int, int]]:
        return await self._rows(select(delivery.c.alert_id, delivery.c.chat_id).order_by(delivery.c.id))

    async def stories(self) -> list[int]:
        return [row[0] for row in await self._rows(select(story_item.c.story_id).order_by(story_item.c.item_id))]

    async def health(self, feed_id: str = "a"):
        async with self.database.read() as conn:
            return {one.id: one for one in await feeds.feeds_health(conn, self.clock.now)}[feed_id]

    async def _rows(self, query) -> list[tuple]:
        async with self.database.read() as conn:
            return [tuple(row) for row in await conn.execute(query)]


def configure(folder: Path, site: Site, paths: dict[str, str]) -> Config:
    """Feeds by id; each is an outlet of its own unless the path names one as "outlet|path"."""
    lines = ["feeds:"]
    for feed_id, path in paths.items():
        outlet, bar, address = path.partition("|")
        outlet, address = (outlet, address) if bar else (f"Outlet {feed_id}", path)
        lines.append(
            f"  - {{id: {feed_id}, url: '{site.url(address)}', outlet: {outlet}, language: fr, class: press, every: 5m}}"
        )
    (folder / "feeds.yaml").write_text("\n".join(lines), "utf-8")
    (folder / "topics.yaml").write_text(TOPICS, "utf-8")
    return load_config(folder)


@asynccontextmanager
async def watching(
    database: Database,
    site: Site,
    folder: Path,
    now,
    paths: dict[str, str],
    patience: float = PATIENCE,
    **settings: object,
) -> AsyncIterator[Watch]:
    """`patience` for pages, in seconds; `settings` as the operator would give them.

    `fetch_allow` adds to the site; limits of fetching replace those of tests.
    """
    config = configure(folder, site, paths)
    clock, facts = Clock(now), []
    async with database.write() as conn:
        await feeds.sync_feeds(conn, config.feeds.feeds, now)
    chosen = Settings(_env_file=None, **settings)
    names = {"total": "fetch_seconds", "idle": "fetch_idle_seconds", "max_bytes": "fetch_max_bytes"}
    names = {ours: getattr(chosen, name) for ours, name in names.items() if name in settings}
    fetching, parsing = limits(site.here, *chosen.fetch_allow, **names), ParseLimits(seconds=chosen.parse_seconds)
    writing = open_writer(chosen, database, facts.append, clock)
    async with Fetcher(fetching) as fetcher, Parser(parsing) as parser, Parser() as pages, writing as writer:
        reader = Reader(fetcher, pages, Robots(fetcher), patience)
        commits = Commits(chosen, database, clock)
        poller = Poller(chosen, database, fetcher, parser, reader, commits, lambda: config, facts.append, clock, writer)
        yield Watch(poller, database, clock, facts)
