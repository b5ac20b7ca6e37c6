"""Settings become a running bot: the composition root, the only place where every room meets.

    files, database, web ──► ticks (APScheduler): poll · deliver · housekeep · keep the token
    AlertRaised ──► doorbell ──► deliver at once            stop ──► take no more work, drain, close

A tick starts work that its loop owns, and the loop drains it; nothing that matters lives here. The Telegram library is
imported only by the roles that speak to it.
"""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from watchfiles import awatch

from bot.config import Config, load_config, merge
from bot.errors import ConfigError, Problem
from bot.events import AlertRaised, ConfigRefused, ConfigReloaded, Event, LoopFailed
from bot.feeds.fetch import Fetcher, limits_to
from bot.feeds.websub import PATH as CALLBACKS
from bot.loops.agree import Agreement
from bot.loops.bell import Bell
from bot.loops.housekeep import housekeep
from bot.loops.notices import Notebook
from bot.loops.poll import Poller, open_poller
from bot.loops.post import Poster
from bot.loops.push import Pusher
from bot.loops.refile import Filer
from bot.model import NoticeKind
from bot.ops import logs, metrics
from bot.ops.keys import webhook_secret
from bot.settings import Settings, signing_key
from bot.store import changes, facts, feeds, notices, pushes
from bot.store.backup import check_whole
from bot.store.database import Database, StoreUnavailable, open_database
from bot.store.migrate import upgrade

DRAIN_SECONDS = 8.5  # the whole stop takes under ten: what Docker gives before it kills
NOTICES_SECONDS = 2.0
HUBS_SECONDS = 5.0
POSTS_SECONDS = 2.0
OVERLAY_SECONDS = 5.0  # what an admin changed through another process
KEYWORDS_SECONDS = 5.0  # what another process changed; this one's own changes are filed at once
ALERTS, OVERLAY, KEYWORDS = "alerts", "overlay", "keywords"  # what other processes are told to look at
ROLES_THAT_TALK = ("all", "deliver", "chat")


def utc_now() -> datetime:
    """The one clock of a running bot."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """What the parts of one process share. `config` is replaced whole, never changed.

    It is `files` with the admins' changes, as of `version`, laid over them.
    """

    settings: Settings
    database: Database
    files: Config
    stop: asyncio.Event
    scheduler: AsyncIOScheduler
    doorbell: asyncio.Event = field(default_factory=asyncio.Event)
    drains: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    ready: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    routes: list[Any] = field(default_factory=list)  # pages of the web server, beside its own
    failed: bool = False
    config: Config = field(init=False)
    version: int = 0
    swapping: asyncio.Lock = field(default_factory=asyncio.Lock)
    ticks: dict[str, Job] = field(default_factory=dict)
    bell: Bell = field(init=False)
    keywords: Filer = field(init=False)
    notebook: Notebook = field(init=False)
    place: str = field(default_factory=socket.gethostname)  # this machine, to operators
    agreement: Agreement = field(init=False)

    def __post_init__(self) -> None:
        self.notebook = Notebook(self.database, utc_now)
        self.config = self.files
        self.bell = Bell(self.database, (ALERTS, OVERLAY, KEYWORDS), self.hear)
        self.keywords = Filer(self.database, lambda: self.config.index)
        self.agreement = Agreement(self.database, self.place, lambda: self.files.digest, self.react, utc_now)

    def react(self, event: Event) -> None:
        """A fact after its commit: logged, counted, and for a few of them acted on or told to operators."""
        logs.log_event(event)
        metrics.count(event)
        self.notebook.hear(event)
        if isinstance(event, AlertRaised):
            self.doorbell.set()
            self.bell.ring(ALERTS)
        if isinstance(event, ConfigReloaded):
            self.bell.ring(OVERLAY)

    def hear(self, ring: str) -> None:
        """Another process has something for us: the tick that would find it comes at once."""
        if ring == ALERTS:
            self.doorbell.set()
        elif ring in self.ticks and not self.stop.is_set():
            self.ticks[ring].modify(next_run_time=utc_now())

    async def refile(self) -> None:
        """A person changed a keyword: it counts here at once, and in the other processes."""
        await self.keywords.refile()
        self.bell.ring(KEYWORDS)

    def every(self, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """A tick: work that starts again after `seconds`, however its last time ended."""
        self.ticks[name] = self.scheduler.add_job(
            self.guarded,
            "interval",
            args=(name, work),
            seconds=seconds,
            name=name,
            coalesce=True,
            misfire_grace_time=None,  # late is better than an hour later
            max_instances=1,
            next_run_time=utc_now(),
        )

    async def guarded(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """A broad catch around one round of a loop: it is told, and the next round tries again."""
        try:
            await work()
        except StoreUnavailable as error:
            self.react(LoopFailed(name, str(error)))
        except Exception as error:  # noqa: BLE001 (one bad round must not be the last)
            self.react(LoopFailed(name, type(error).__name__, error))

    async def pause(self, seconds: float) -> None:
        """Sleeps, but not past the moment the bot stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)

    def fail(self, task: asyncio.Task[None]) -> None:
        """A part that should live as long as the bot has ended: told, and the bot with it, to be started afresh."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.react(LoopFailed("talk", type(error).__name__, error))
            self.failed = True
            self.stop.set()

    async def reload(self) -> tuple[Problem, ...]:
        """A file changed: all of it is applied, or none and every problem is told."""
        try:
            files = load_config(self.settings.config_dir)
        except ConfigError as error:
            self.react(ConfigRefused(tuple(map(str, error.problems))))
            return error.problems
        await self.apply(files)
        self.react(ConfigReloaded(len(self.config.feeds.feeds), len(self.config.topics.topics)))
        return ()

    async def apply(self, files: Config, *, anew: bool = True) -> None:
        """Lays what stands of the admins' changes over the files, and swaps once everything that can fail is done.

        `anew`: the files were just read, and count for the other machines too.
        """
        async with self.swapping:
            async with self.database.read() as conn:
                version, overlay = await changes.version(conn), await changes.overlay(conn)
            config = merge(files, overlay)
            async with self.database.write() as conn:
                await feeds.sync_feeds(conn, config.feeds.feeds, utc_now())
                if anew:
                    await self.agreement.declare(conn, files.digest)
            await self.keywords.fill(config.index)
            self.files, self.config, self.version = files, config, version

    async def follow(self) -> None:
        """What an admin changed, here or through another process; and whether other machines have our files."""
        async with self.database.read() as conn:
            version = await changes.version(conn)
        if version != self.version:
            await self.apply(self.files, anew=False)
            self.react(ConfigReloaded(len(self.config.feeds.feeds), len(self.config.topics.topics)))
        await self.agreement.compare()


async def run_bot(settings: Settings, role: str, stop: asyncio.Event, stream: TextIO | None = None) -> int:
    """Runs until `stop` is set, then drains; logs go to `stream`, or to standard error.

    Raises ConfigError before anything starts when a file is wrong. Returns 1 when a part died, for a supervisor.
    """
    logs.configure(settings.log, stream=stream)
    if role in ROLES_THAT_TALK and not settings.bot_token.get_secret_value():
        raise ConfigError((Problem("GUETTEUR_BOT_TOKEN", 0, "jeton absent", "demandez-en un à @BotFather"),))
    files = load_config(settings.config_dir)
    scheduler = AsyncIOScheduler(timezone=UTC)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_open(settings))
        await check_whole(database)
        await upgrade(database)
        app = App(settings, database, files, stop, scheduler)
        await app.apply(files)
        async with database.write() as conn:
            await notices.close_notices(conn, NoticeKind.CONFIG_REFUSED, utc_now())
            key = await facts.log_key(conn)
        secrets = secrets_of(settings)
        logs.configure(settings.log, key, secrets, stream)
        app.every(NOTICES_SECONDS, "notices", app.notebook.write)
        app.every(3600, "old notices", app.notebook.forget)
        app.drains.append(app.notebook.write)
        if role in {"all", "poll"}:
            await _start_polling(app, stack)
        if role in ROLES_THAT_TALK:
            from bot.talk import start_talking

            await start_talking(app, role, stack)
        app.every(OVERLAY_SECONDS, OVERLAY, app.follow)
        ringing = asyncio.create_task(app.bell.run())
        stack.callback(ringing.cancel)
        watcher = asyncio.create_task(_watch(app))
        stack.callback(watcher.cancel)
        await _start_web(app, stack)
        scheduler.start()
        settle_memory()
        await stop.wait()
        scheduler.remove_all_jobs()
        app.doorbell.set()  # wakes who waits for it, to see that it is over
        await _drain(app)
        scheduler.shutdown(wait=False)
    return int(app.failed)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """What no line of the log may hold."""
    token = settings.bot_token.get_secret_value()
    keys = (settings.database_url, settings.summary_key, settings.status_token, settings.post_secret)
    return token, webhook_secret(token), *(key.get_secret_value() for key in keys)


def _open(settings: Settings) -> AbstractAsyncContextManager[Database]:
    return open_database(settings.database_url.get_secret_value(), settings.database_seconds)


def settle_memory() -> None:
    """What was loaded is never garbage, and all memory is looked through less often: both would hold the loop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 100)


async def _start_polling(app: App, stack: AsyncExitStack) -> None:
    if app.database.is_sqlite:  # one machine, so one poller; elsewhere leases end by themselves
        async with app.database.write() as conn:
            await feeds.release_all_feeds(conn)
    poller = await stack.enter_async_context(
        open_poller(app.settings, app.database, lambda: app.config, app.react, utc_now)
    )
    app.drains.append(poller.drain)
    app.every(app.settings.tick_seconds, "poll", poller.poll_due)
    await _start_pushes(app, poller)
    await _start_posts(app, stack)
    await app.keywords.refile()
    app.every(KEYWORDS_SECONDS, KEYWORDS, app.keywords.refile)
    app.every(3600, "housekeep", lambda: housekeep(app.database, app.settings, utc_now()))


async def _start_posts(app: App, stack: AsyncExitStack) -> None:
    """The operator's own program receives each alert, where one was named."""
    address, seconds = app.settings.post_url, app.settings.fetch_idle_seconds
    if address:
        fetcher = await stack.enter_async_context(Fetcher(limits_to(app.settings, address, seconds)))
        poster = Poster(app.database, fetcher, address, signing_key(app.settings.post_secret), app.react, utc_now)
        app.every(POSTS_SECONDS, "posts", poster.post_due)


async def _start_pushes(app: App, poller: Poller) -> None:
    """Hubs bring news in a second where they can reach us; without a public address every feed is polled as usual."""
    base = app.settings.webhook_url
    async with app.database.write() as conn:
        await pushes.start_pushes(conn, base, utc_now())
    if app.settings.hears_by_webhook:
        from bot.ops.hub import hub_routes

        pusher = Pusher(app.database, poller.fetcher, poller, base, app.react, utc_now)
        app.routes += hub_routes(pusher, CALLBACKS, app.settings.fetch_max_bytes)
        app.every(HUBS_SECONDS, "hubs", pusher.ask_due)


async def _watch(app: App) -> None:
    """The folder, not the files: editors and Kubernetes replace files rather than write them."""
    async for _ in awatch(app.settings.config_dir, stop_event=app.stop):
        while not app.stop.is_set():
            try:
                await app.reload()
                break
            except StoreUnavailable as error:  # the files have changed all the same
                app.react(LoopFailed("reload", str(error)))
                await app.pause(KEYWORDS_SECONDS)


async def _start_web(app: App, stack: AsyncExitStack) -> None:
    if not app.settings.http_listen:
        return
    from bot.ops.web import serve_web
    from bot.pages import open_pages
    from bot.store.overview import counts

    async def refresh() -> None:
        async with app.database.read() as conn:
            metrics.observe(await counts(conn, utc_now()))

    open_pages(app)
    web = serve_web(app.settings.http_listen, app.database.answers, app.ready, refresh, app.routes)
    try:
        await stack.enter_async_context(web)
    except (OSError, ValueError) as error:
        raise ConfigError((Problem("GUETTEUR_HTTP_LISTEN", 0, str(error), "choisissez une autre adresse"),)) from error


async def _drain(app: App) -> None:
    """What is in flight may finish, within a limit: past it, leases and states say what happened."""
    work = [asyncio.ensure_future(drain()) for drain in app.drains]
    if work:
        _, late = await asyncio.wait(work, timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()
