"""The real bot, the demonstration's newsroom and a stand-in for Telegram become a chat in the browser; without a token.

The same line as `run` and `demo`: only the person's phone is a page. Everything listens on the loopback address, at
ports that the system chooses, lives in a temporary folder, and ends with Ctrl-C or after the seconds asked for.
"""

import asyncio
import io
import secrets
import signal
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from sys import stdout

from aiohttp import web

from bot.app import run_bot
from bot.errors import ConfigError
from bot.locales import say
from bot.ops.botapi import BotApi
from bot.ops.demo import everything_read, sample_settings
from bot.ops.newsroom import MOMENTS, Newsroom, open_newsroom
from bot.ops.play.room import Play, play_routes
from bot.settings import Settings, load_settings
from bot.store.database import open_database


def playground(seconds: float | None) -> int:
    """Serves the page until Ctrl-C, or for `seconds`; returns 0, or 1 with one line a problem of config/topics.yaml."""
    try:
        asyncio.run(_playground(seconds))
    except ConfigError as error:
        for problem in error.problems:
            print(problem)
        return 1
    return 0


async def _playground(seconds: float | None) -> None:
    language = load_settings().language
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with open_playground(language, ended.set) as url:
        print(say(language, "play.ready", url=url), say(language, "play.stop"), sep="\n", flush=True)
        if stdout.isatty():
            await asyncio.to_thread(webbrowser.open, url)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), seconds)


@asynccontextmanager
async def open_playground(language: str, on_end: Callable[[], None]) -> AsyncIterator[str]:
    """The page's address while open. `on_end` is called when the bot stops by itself; closing then tells why."""
    with tempfile.TemporaryDirectory(prefix="guetteur-playground-") as folder:
        async with open_newsroom(datetime.now(UTC)) as newsroom, BotApi() as telegram:
            person = telegram.person("Vous", language=language)
            settings = sample_settings(Path(folder), newsroom, telegram).model_copy(update={"admins": (person.id,)})
            stop = asyncio.Event()
            bot = asyncio.create_task(run_bot(settings, "all", stop, io.StringIO()))
            bot.add_done_callback(lambda _: on_end())
            try:
                play = Play(person, lambda moment: _turn(settings, newsroom, moment), len(MOMENTS))
                async with _serve(play, language) as url:
                    yield url
            finally:
                stop.set()
                await bot


async def _turn(settings: Settings, newsroom: Newsroom, moment: int) -> None:
    """News appears once what stood in the feeds before is recorded: otherwise it would be taken for old."""
    async with open_database(settings.database_url.get_secret_value()) as database:
        await everything_read(database)
    newsroom.turn(moment)


@asynccontextmanager
async def _serve(play: Play, language: str) -> AsyncIterator[str]:
    key = secrets.token_urlsafe(18)
    app = web.Application()
    app.add_routes(play_routes(play, key, language))
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/{key}/"
    finally:
        await runner.cleanup()
