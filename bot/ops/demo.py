"""Sample feeds become alerts in the terminal: the real bot, a local newsroom and a local Telegram, offline, no token.

Three moments: yesterday's items stand in the feeds and are only recorded; the day's news arrives; one feed changes, and
only the new story comes. Nothing here is the demo's own: what is printed is what the phone of a subscriber shows, and
the reasons are what the bot answers when she presses « Pourquoi? ».
"""

import asyncio
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
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
from bot.store.database import Database, open_database
from bot.store.feeds import feeds_health
from bot.store.overview import overview

PATIENCE_SECONDS = 90.0  # of a very busy machine
WHY = "w1:"  # what the callback data of « Pourquoi? » begins with
ASKED = 2  # reasons printed of one message
WIDTH = 88
SHOWN = {"bold": "bold", "italic": "italic", "text_link": "underline"}
COUNTED = {"bold": "underline"}


def demo() -> int:
    """Prints the whole line at work; returns 0, or 1 and says why: topics.yaml is refused, or the machine too busy."""
    console = Console(highlight=False, width=min(WIDTH, Console().width))
    try:
        asyncio.run(_demo(console))
    except ConfigError as error:
        for problem in error.problems:
            console.print(str(problem), markup=False)
        return 1
    except TimeoutError:
        console.print(f"Rien n’est venu en {PATIENCE_SECONDS:.0f} s : la machine est trop occupée. Réessayez.")
        return 1
    return 0


async def _demo(console: Console) -> None:
    with tempfile.TemporaryDirectory(prefix="guetteur-demo-") as folder:
        async with open_newsroom(datetime.now(UTC)) as newsroom, BotApi() as telegram:
            settings = sample_settings(Path(folder), newsroom, telegram)
            stop = asyncio.Event()
            bot = asyncio.create_task(run_bot(settings, "all", stop, io.StringIO()))
            story = asyncio.create_task(_live(console, settings, newsroom, telegram))
            await asyncio.wait({bot, story}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            await bot
            await story


def sample_settings(folder: Path, newsroom: Newsroom, telegram: BotApi) -> Settings:
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
        wait_seconds=1,  # outlets that tell the same story share its message
        tick_seconds=0.2,
    )


async def _live(console: Console, settings: Settings, newsroom: Newsroom, telegram: BotApi) -> None:
    """The three moments, as one subscriber lives them."""
    config = load_config(settings.config_dir)
    ana = telegram.person("Ana")
    _narrate(console, "Une abonnée ouvre le robot et choisit ses sujets.")
    ana.says("/start " + "-".join(topic.id for topic in config.topics.topics))
    _print(console, await ana.hears(1, PATIENCE_SECONDS))

    count = len(config.feeds.feeds)
    _narrate(console, f"Hier : {count} fils sont lus pour la première fois. Tout est noté, rien n’est envoyé.")
    async with open_database(settings.database_url.get_secret_value()) as database:
        await everything_read(database)
        _narrate(console, "Ce matin : les nouvelles du jour arrivent dans les fils.")
        newsroom.turn(2)
        await _tell(console, ana, database)
        _narrate(console, "À midi : un seul fil change. Seule la nouvelle qui est neuve est envoyée.")
        newsroom.turn(3)
        await _tell(console, ana, database)
    _narrate(
        console, "Rien n’a été envoyé deux fois. Pour votre propre robot : README, « Your own bot in five minutes »."
    )


async def _tell(console: Console, ana: Person, database: Database) -> None:
    """Prints what arrives until nothing more does, and why it came."""
    known = len(ana.inbox)
    await everything_read(database)
    await _everything_told(database)
    for message in ana.inbox[known:]:
        _print(console, [message])
        await _ask_why(console, ana, message)


async def _ask_why(console: Console, ana: Person, message: Posted) -> None:
    """Presses the first « Pourquoi? » keys and prints the reasons; Telegram's pace is one answer a second."""
    for key in [key for key in message.keys if key.data.startswith(WHY)][:ASKED]:
        heard = len(ana.inbox)
        ana.presses(key)
        answers = await ana.hears(heard + 1, PATIENCE_SECONDS)
        console.print(Padding(_in_short(answers[-1]), (0, 2, 0, 4)))


def _in_short(why: Posted) -> Text:
    """The title and the words that counted, which are underlined; the rest is on the phone."""
    lines = [line for line in _styled(why, COUNTED).split("\n") if line][1:]
    kept = [
        *lines[:1],
        *(line for line in lines[1:] if " : " in line.plain.replace("\u00a0", " ") or "•" in line.plain[:1]),
    ]
    return Text("\n", style="dim").join(kept)


async def everything_read(database: Database) -> None:
    """Returns once every feed was polled anew from beginning to end, but for those that fail and rest.

    Twice, since a poll that was under way may end now with what stood in the feed before.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(2):
            turned_at = datetime.now(UTC)
            while True:
                if await _all_read(database, turned_at):
                    break
                await asyncio.sleep(0.1)


async def _all_read(database: Database, since: datetime) -> bool:
    async with database.read() as conn:
        health = await feeds_health(conn, datetime.now(UTC))
    return bool(health) and all(one.failures or (one.last_polled_at or since) > since for one in health)


async def _everything_told(database: Database) -> None:
    """Returns once nothing is owed to anybody."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with database.read() as conn:
                if (await overview(conn, datetime.now(UTC))).oldest_due_at is None:
                    return
            await asyncio.sleep(0.1)


def _narrate(console: Console, sentence: str) -> None:
    console.print(Padding(Text(f"── {sentence}", style="bold"), (1, 0)))


def _print(console: Console, messages: Sequence[Posted]) -> None:
    """A message a panel, buttons underneath, links underlined as on a phone."""
    for message in messages:
        body = _styled(message, SHOWN)
        for row in message.keyboard:
            body.append("\n" + "  ".join(f"[ {key['text']} ]" for key in row), style="cyan")
        console.print(Panel(body, title="Guetteur", title_align="left", border_style="blue"))


def _styled(message: Posted, styles: Mapping[str, str]) -> Text:
    """The text with each kind of entity in its style."""
    body = Text(message.text)
    for entity in message.entities:
        if style := styles.get(entity["type"]):
            body.stylize(style, *_characters(message.text, entity))
    return body


def _characters(text: str, entity: dict[str, int]) -> tuple[int, int]:
    """Telegram counts UTF-16 code units (Bot API, MessageEntity)."""
    units = text.encode("utf-16-le")
    start = len(units[: 2 * entity["offset"]].decode("utf-16-le"))
    return start, start + len(
        units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
    )
