"""The roles that speak to Telegram, put together: the token's lease, the deliverer, the conversation.

Imported only by `run` in those roles, because the Telegram library takes seconds to load. One process at a time uses a
token: a second one says who holds it, and waits. A token that is refused, or a Telegram that is away, stops nothing
else: feeds go on being read and the queue is kept.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from bot.app import App, utc_now
from bot.events import LoopFailed, TokenRefused, TokenTaken
from bot.feeds.fetch import Fetcher, fetch_limits
from bot.feeds.parse import ParseLimits, Parser
from bot.loops.broadcast import Broadcaster
from bot.loops.deliver import Deliverer
from bot.loops.easel import Easel
from bot.loops.grow import Grower
from bot.loops.ledger import Ledger
from bot.loops.notices import Informer
from bot.loops.office import Office
from bot.loops.pace import Priority, Shared, Turns
from bot.model import Unauthorised
from bot.ops.hook import PATH, hook_routes
from bot.ops.keys import webhook_secret
from bot.ops.metrics import observe_pace
from bot.store import deliveries, leases
from bot.store.database import Connection, StoreUnavailable
from bot.store.desk import Desk
from bot.telegram.chat import Chat, run_chat
from bot.telegram.client import Bot, make_bot
from bot.telegram.conversation import Conversation, make_dispatcher
from bot.telegram.keywords import Keywords
from bot.telegram.pace import limits_of
from bot.telegram.send import Sender, own_name
from bot.telegram.visit import House
from bot.telegram.webhook import Address, Letterbox, run_webhook
from bot.text.urls import canonical_url

RETRY_SECONDS = 30.0
STORE_SECONDS = 2.0  # until a database that was away is tried again
GROW_SECONDS = 2.0
INFORM_SECONDS = 5.0
BROADCAST_SECONDS = 1.0
DELIVER_SECONDS = 1.0  # when no doorbell rings
CHATS_AT_ONCE = 60  # two seconds of the pace: what is claimed is told soon, and the rest merges meanwhile


async def start_talking(app: App, role: str, stack: AsyncExitStack) -> None:
    """Starts what this role says to Telegram. Raises ConfigError when the token cannot be one."""
    bot = make_bot(app.settings.bot_token, app.settings.telegram_api_url)
    stack.push_async_callback(bot.session.close)
    held = _Token(app, tuple(f"{name}:{_fingerprint(app)}" for name in ("deliver", "chat") if role in {"all", name}))
    stack.push_async_callback(held.let_go)
    hook = _open_letterbox(app) if role in {"all", "chat"} and app.settings.hears_by_webhook else None
    task = asyncio.create_task(_talk(app, role, bot, held, hook))
    app.drains.append(lambda: asyncio.wait([task]))
    task.add_done_callback(app.fail)


async def _talk(app: App, role: str, bot: Bot, token: "_Token", hook: Letterbox | None) -> None:
    """Until the bot stops."""
    if not await token.wait():
        return
    app.every(token.length.total_seconds() / 4, "token", token.renew)
    alone = role == "all" and app.database.is_sqlite  # one process, one machine
    shared = None if alone else Shared(app.database, _fingerprint(app), utc_now)
    limits = limits_of(app.settings.send_per_second, app.settings.send_group_per_minute)
    turns = Turns(limits, utc_now, shared, observe_pace)
    sender, work = Sender(bot, app.settings.paid_broadcast), []
    if role in {"all", "deliver"}:
        work.append(_deliver(app, sender, turns, token))
        work.append(_grow(app, sender, turns))
        work.append(_inform(app, sender, turns))
        work.append(_broadcast(app, sender, turns))
    if role in {"all", "chat"}:
        work.append(_converse(app, bot, turns, hook))
    await asyncio.gather(*work)


async def _deliver(app: App, sender: Sender, turns: Turns, token: "_Token") -> None:
    """Delivers when the doorbell rings, and each second in case a ring was lost."""
    at_once = max(CHATS_AT_ONCE, round(2 * app.settings.send_per_second))
    ledger = Ledger(app.database, app.react, partial(token.expect_ours, f"deliver:{_fingerprint(app)}"))
    deliverer = Deliverer(
        app.database, sender, turns, lambda: app.config.labels, app.react, utc_now, ledger, at_once, app.doorbell.set
    )
    await _start_over(app)

    async def ring() -> None:
        app.doorbell.set()

    async def deliver() -> None:
        while await deliverer.deliver_due():
            pass

    app.every(DELIVER_SECONDS, "doorbell", ring)
    while not app.stop.is_set():
        await app.doorbell.wait()
        app.doorbell.clear()
        if not app.stop.is_set():
            await app.guarded("deliver", deliver)
    await deliverer.drain()


async def _start_over(app: App) -> None:
    """The token is ours, so nobody else is delivering: what an earlier process held is free at once."""
    while not app.stop.is_set():
        try:
            async with app.database.write() as conn:
                await deliveries.release_all(conn)
        except StoreUnavailable as error:
            app.react(LoopFailed("deliver", str(error)))
            await app.pause(STORE_SECONDS)
        else:
            return


async def _grow(app: App, sender: Sender, turns: Turns) -> None:
    """Keeps messages that stand up to date, when there is nothing better to do."""
    living = timedelta(hours=app.settings.edit_hours)
    labels = lambda: app.config.labels  # noqa: E731 (read anew each time)
    grower = Grower(app.database, sender, turns, labels, app.react, utc_now, app.settings.edit_wait, living)
    calls = 0

    async def tend() -> None:
        nonlocal calls
        calls = 0
        calls = await grower.tend()

    while not app.stop.is_set():
        await app.guarded("grow", tend)
        if not calls:
            await app.pause(GROW_SECONDS)


async def _broadcast(app: App, sender: Sender, turns: Turns) -> None:
    """Sends what admins write to everybody, after all that anybody waits for."""
    broadcaster = Broadcaster(app.database, sender, turns, app.react, utc_now, app.stop)
    tried = 0

    async def go_on() -> None:
        nonlocal tried
        tried = 0
        tried = await broadcaster.go_on()

    while not app.stop.is_set():
        await app.guarded("broadcast", go_on)
        if not tried:
            await app.pause(BROADCAST_SECONDS)


async def _inform(app: App, sender: Sender, turns: Turns) -> None:
    """Tells operators what they must know, in their private chats."""
    operators, language = app.settings.admins, app.settings.language
    informer = Informer(
        app.database, sender, turns, lambda: operators, language, app.settings.timezone, app.react, utc_now
    )
    while not app.stop.is_set():
        await app.guarded("inform", informer.inform)
        await app.pause(INFORM_SECONDS)


async def _converse(app: App, bot: Bot, turns: Turns, hook: Letterbox | None) -> None:
    """Answers people. Telegram is asked who we are until it says so."""
    username = await _own_name(app, bot)
    if username is None:
        return

    async def turn(chat_id: int) -> None:
        await turns.turn(chat_id, group=chat_id < 0, priority=Priority.ANSWER)

    kept = timedelta(days=app.settings.keep_backups_days)
    desk = Desk(app.database, canonical_url, app.settings.timezone, kept)
    by_approval = app.settings.access == "approval"
    house = House(app.settings.admins, username, app.settings.language, by_approval)
    keywords = Keywords(lambda: app.config.index, app.refile, app.settings.keywords_at_most)
    topics, outlets = (lambda: app.config.topics.topics), (lambda: app.config.outlets)
    async with _office(app) as office:
        dispatcher = make_dispatcher(desk, topics, app.react, outlets, office, keywords)
        chat = Chat(Conversation(bot, dispatcher, desk, house, utc_now), app.react, turn)
        if hook is None:
            await run_chat(chat, app.stop)
        else:
            await run_webhook(chat, hook, _address(app), app.stop)


@asynccontextmanager
async def _office(app: App) -> AsyncIterator[Office]:
    """What admins ask, with a way to the web of its own."""
    settings = app.settings
    parsing = ParseLimits(seconds=settings.parse_seconds)
    async with Fetcher(fetch_limits(settings)) as fetcher, Parser(parsing) as parser:
        easel = Easel(app.database, lambda: app.config.labels, app.react)
        yield Office(
            app.database, settings.config_dir, lambda: app.config, app.follow, app.reload, fetcher, parser, easel
        )


def _open_letterbox(app: App) -> Letterbox:
    """The web server's page for Telegram; it takes nothing until the conversation has begun."""
    box = Letterbox()
    app.routes += hook_routes(_address(app).secret, box.receive)
    return box


def _address(app: App) -> Address:
    url = app.settings.webhook_url.rstrip("/") + PATH
    return Address(url, webhook_secret(app.settings.bot_token.get_secret_value()))


async def _own_name(app: App, bot: Bot) -> str | None:
    """The bot's @name; None when the bot stops first. A refused token is said once and asked again."""
    told = ""
    while not app.stop.is_set():
        name = await own_name(bot)
        if isinstance(name, str):
            return name
        cause = str(getattr(name, "cause", type(name).__name__))
        if cause != told:
            told = cause
            app.react(TokenRefused(cause) if isinstance(name, Unauthorised) else LoopFailed("chat", cause))
        await app.pause(RETRY_SECONDS)
    return None


def _place() -> str:
    """Where a process number means one process: this machine, and on Linux this container of it (pid_namespaces(7))."""
    try:
        return f"{socket.gethostname()}/{str(Path('/proc/self/ns/pid').readlink()).strip('pid:[]')}"
    except OSError:
        return socket.gethostname()


class _Token:
    """The right to use the token, held under `names` by this process until it stops or dies."""

    def __init__(self, app: App, names: tuple[str, ...]) -> None:
        self._app = app
        self._names = names
        self._place = _place()
        self._owner = f"{self._place}/{os.getpid()}"
        self.length = timedelta(seconds=app.settings.lease_seconds)

    async def wait(self) -> bool:
        """Returns True once the token is ours, False when the bot stops first. Says once who else has it."""
        told = ""
        while not self._app.stop.is_set():
            try:
                holder = await self._take()
            except StoreUnavailable as error:
                self._app.react(LoopFailed("token", str(error)))
                await self._app.pause(STORE_SECONDS)
                continue
            if holder is None:
                return True
            if holder != told:
                told = holder
                self._app.react(TokenTaken(holder))
            await self._app.pause(min(1.0, self.length.total_seconds() / 4))
        return False

    async def expect_ours(self, name: str, conn: Connection) -> None:
        """Raises LeaseLost when another process has taken `name` over."""
        await leases.expect_ours(conn, name, self._owner)

    async def renew(self) -> None:
        """A process that slept past its lease and finds another at work must fall silent, and be started afresh."""
        holder = await self._take()
        if holder is not None:
            self._app.react(TokenTaken(holder))
            self._app.failed = True
            self._app.stop.set()

    async def let_go(self) -> None:
        """A clean stop hands over at once; without a database the lease ends by itself."""
        with suppress(StoreUnavailable):
            async with self._app.database.write() as conn:
                for name in self._names:
                    await leases.let_go(conn, name, self._owner)

    async def _take(self) -> str | None:
        now = utc_now()
        async with self._app.database.write() as conn:
            for name in self._names:
                holder = await leases.hold(conn, name, self._owner, now, self.length)
                if holder is not None and self._is_dead(holder):
                    await leases.let_go(conn, name, holder)
                    holder = await leases.hold(conn, name, self._owner, now, self.length)
                if holder is not None:
                    return holder
        return None

    def _is_dead(self, holder: str) -> bool:
        """A process of this machine that was killed does not make us wait for its lease to end."""
        place, _, number = holder.rpartition("/")
        if place != self._place or not number.isdecimal():
            return False
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


def _fingerprint(app: App) -> str:
    """Names the token in the database without telling it."""
    return sha256(app.settings.bot_token.get_secret_value().encode()).hexdigest()[:16]
