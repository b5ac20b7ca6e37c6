"""What the conversation's tests share: topics, a clock, and a bench with people, store and bot around it."""

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app import App
from bot.config import load_config
from bot.loops.easel import Easel
from bot.loops.office import Office
from bot.ops.botapi import BotApi
from bot.settings import Settings
from bot.store.desk import Desk
from bot.telegram.chat import Chat, run_chat
from bot.telegram.conversation import Conversation, make_dispatcher
from bot.telegram.keywords import Keywords
from bot.telegram.visit import House
from bot.text.urls import canonical_url

CONFIG = Path(__file__).parent / "config"
OPERATOR = 900
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # noon in Montréal, a Tuesday


@dataclass(frozen=True)
class Subject:
    id: str
    names: Mapping[str, str]
    emoji: str


TOPICS = [
    Subject("immigration", {"fr": "Immigration", "en": "Immigration"}, "🛂"),
    Subject("municipalities", {"fr": "Municipalités", "en": "Municipalities"}, "🏛️"),
    Subject("labour", {"fr": "Travail", "en": "Labour"}, "👷"),
]

OUTLETS = ["Le Courrier", *(f"Le Quotidien {number}" for number in range(1, 22))]

KEYWORDS = 3


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self):
        return self.now

    def passes(self, **span):
        self.now += timedelta(**span)


@dataclass
class Bench:
    """The conversation under test, and everything around it."""

    api: BotApi
    store: Desk
    chat: Chat
    clock: Clock
    topics: list
    outlets: list
    app: App
    office: Office
    events: list = field(default_factory=list)

    async def says(self, person, text, room=None, **extra):
        """Types, waits for the answer, gives the last message of the bot there."""
        person.says(text, room, **extra)
        await self.settles()
        inbox = (room or person.home).inbox
        return inbox[-1] if inbox else None

    async def presses(self, person, words, message=None):
        """Presses the button that holds `words` under the last message; gives the press once answered."""
        message = message or person.inbox[-1]
        press = person.presses(message.key(words))
        await self.settles()
        return press

    async def settles(self):
        """Waits until every update is confirmed and every answer given, those that take long too."""
        await self.api.quiet()
        while self.chat.lanes:
            await asyncio.wait(list(self.chat.lanes.values()), timeout=10)

    async def makes(self):
        """Waits for the screens that are still being made after their press was answered."""
        while self.chat.making:
            await asyncio.wait(list(self.chat.making.values()), timeout=60)


def make_bench(api, bot, database, clock, *, by_approval=False, folder=CONFIG, fetcher=None, parser=None):
    """The conversation with its real store and office, not running yet."""
    store = Desk(database, canonical_url, "America/Toronto")
    events, topics, outlets = [], list(TOPICS), list(OUTLETS)
    house = House({OPERATOR}, "guetteur_bot", "fr", by_approval)
    settings = Settings(_env_file=None, config_dir=folder, language="fr")
    app = App(settings, database, load_config(folder), asyncio.Event(), AsyncIOScheduler())
    easel = Easel(database, lambda: app.config.labels, events.append)
    office = Office(database, folder, lambda: app.config, app.follow, app.reload, fetcher, parser, easel)
    keywords = Keywords(lambda: app.config.index, app.keywords.refile, KEYWORDS)
    dispatcher = make_dispatcher(store, lambda: topics, events.append, lambda: outlets, office, keywords)
    chat = Chat(Conversation(bot, dispatcher, store, house, clock), events.append)
    return Bench(api, store, chat, clock, topics, outlets, app, office, events)


@asynccontextmanager
async def talking(chat, **options):
    """The bot polls and answers meanwhile; whatever it raises fails the test."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_chat(chat, stop, **options))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)
