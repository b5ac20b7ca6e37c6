"""Sample feeds become alerts in the terminal: the real bot, a local newsroom and a local Telegram, offline, no token.

Three moments: yesterday's items stand in the feeds and are only recorded; the day's news arrives; one feed changes, and
only the new story comes. Nothing here is the demo's own: what is printed is what the phone of a subscriber shows, and
the reasons are what the bot answers when she presses « Pourquoi ? ».
"""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.app import run_bot
from bot.config import FEEDS, TOPICS, load_config
from bot.errors import ConfigError
from bot.ops.botapi import BotApi
from bot.ops.botapi_people import Person, Posted
from bot.ops.newsroom import Newsroom, open_newsroom
from bot.settings import Settings, load_settings

SETTLED_SECONDS = 2.0  # without a new message
PATIENCE_SECONDS = 30.0
WIDTH = 88


def demo() -> int:
    """Prints the whole line at work; returns 0, or 1 with one line a problem when config/topics.yaml is refused."""
    console = Console(highlight=False, width=min(WIDTH, Console().width))
    try:
        asyncio.run(_demo(console))
    except ConfigError as error:
        for problem in error.problems:
            console.print(str(problem), markup=False)
        return 1
    return 0


async def _demo(console: Console) -> None:
    logging.disable(logging.CRITICAL)  # the terminal shows what a subscriber reads, nothing else
    with tempfile.TemporaryDirectory(prefix="guetteur-demo-") as folder:
        async with open_newsroom(datetime.now(UTC)) as newsroom, BotApi() as telegram:
            settings = _settings(Path(folder), newsroom, telegram)
            stop = asyncio.Event()
            bot = asyncio.create_task(run_bot(settings, "all", stop))
            story = asyncio.create_task(_show(console, settings, newsroom, telegram))
            await asyncio.wait({bot, story}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            await bot
            await story


def _settings(folder: Path, newsroom: Newsroom, telegram: BotApi) -> Settings:
    """The project's own topics, the sample feeds, a database that lives as long as the demo."""
    config = folder / "config"
    config.mkdir()
    shutil.copy(load_settings().config_dir / TOPICS, config / TOPICS)
    (config / FEEDS).write_text(newsroom.feeds_yaml(), "utf-8")
    return Settings(
        bot_token=SecretStr(telegram.token),
        admins=(),
        database_url=SecretStr(f"sqlite:///{folder}/demo.db"),
        config_dir=config,
        telegram_api_url=telegram.url,
        fetch_allow=("127.0.0.0/8",),
        http_listen="",
        webhook_url="",
    )


async def _show(console: Console, settings: Settings, newsroom: Newsroom, telegram: BotApi) -> None:
    """The three moments, as one subscriber lives them."""
    config = load_config(settings.config_dir)
    watched = len(config.feeds.feeds)
    ana = telegram.person("Ana")
    _narrate(console, "Une abonnée ouvre le robot et choisit ses sujets.")
    ana.says("/start " + "-".join(topic.id for topic in config.topics.topics))
    _print(console, await ana.hears(1, PATIENCE_SECONDS))

    _narrate(console, f"Hier : {watched} fils sont lus pour la première fois. Tout est noté, rien n’est envoyé.")
    await _everything_read(newsroom, watched)
    heard = len(ana.inbox)

    _narrate(console, "Ce matin : les nouvelles du jour arrivent dans les fils.")
    newsroom.turn(2)
    heard = await _tell(console, ana, newsroom, watched, heard)

    _narrate(console, "À midi : un seul fil change. Seule la nouvelle qui est neuve est envoyée.")
    newsroom.turn(3)
    heard = await _tell(console, ana, newsroom, watched, heard)
    _narrate(console, "Rien n’a été envoyé deux fois. Pour votre propre robot : README, « Un premier robot ».")


async def _tell(console: Console, ana: Person, newsroom: Newsroom, watched: int, heard: int) -> int:
    """Prints what arrived since `heard`, and why; returns the new length of the inbox."""
    await _everything_read(newsroom, watched)
    while len(ana.inbox) > heard or not heard:
        before = len(ana.inbox)
        await asyncio.sleep(SETTLED_SECONDS)
        if len(ana.inbox) == before:
            break
    alerts = ana.inbox[heard:]
    _print(console, alerts)
    for message in alerts:
        await _ask_why(console, ana, message)
    return len(ana.inbox)


async def _ask_why(console: Console, ana: Person, message: Posted) -> None:
    """Presses each « Pourquoi ? » and prints the reasons."""
    for key in [key for key in message.keys if key.data]:
        heard = len(ana.inbox)
        ana.presses(key)
        answers = await ana.hears(heard + 1, PATIENCE_SECONDS)
        console.print(Padding(Text(answers[-1].text, style="dim"), (0, 2, 1, 4)))


async def _everything_read(newsroom: Newsroom, watched: int) -> None:
    """Returns once every feed has been asked again, twice: the first answer may have left before the turn."""
    before = newsroom.hits.copy()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            again = sum(count >= before[path] + 2 for path, count in newsroom.hits.items() if path.startswith("/flux/"))
            if again >= watched:
                return
            await asyncio.sleep(0.1)


def _narrate(console: Console, sentence: str) -> None:
    console.print()
    console.rule(Text(sentence, style="bold"), align="left")


def _print(console: Console, messages: Sequence[Posted]) -> None:
    """A message a panel, buttons underneath, links underlined as on a phone."""
    for message in messages:
        body = Text(message.text)
        for entity in message.entities:
            style = {"bold": "bold", "italic": "italic", "text_link": "underline"}.get(entity["type"])
            if style:
                start, end = _characters(message.text, entity)
                body.stylize(style, start, end)
        for row in message.keyboard:
            body.append("\n" + "  ".join(f"[ {key['text']} ]" for key in row), style="cyan")
        console.print(Panel(body, title="Guetteur", title_align="left", border_style="blue"))


def _characters(text: str, entity: dict[str, int]) -> tuple[int, int]:
    """Telegram counts UTF-16 code units (Bot API, MessageEntity)."""
    units = text.encode("utf-16-le")
    start = len(units[: 2 * entity["offset"]].decode("utf-16-le"))
    return start, start + len(
        units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
    )
