"""An article that opens a story becomes a summary written by a machine, where the operator set one up; once a story.

    known story? → asked before? → room in the day's limits? → ask → check against the article → keep whatever came

Whatever fails, is late, is refused or is beyond a limit leaves the item as it is: with the extract, in the article's
own words. What may be sent is decided in `stories/machine`. The endpoint is reached through a guarded fetcher of its
own, which may go to that one address and is used for nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from bot.errors import FetchFailed
from bot.events import Event, SummaryAsked
from bot.feeds.fetch import Fetcher, limits_to
from bot.model import Item
from bot.settings import Settings
from bot.store import stories, summaries
from bot.store.database import Database
from bot.store.summaries import Allowance
from bot.stories.fingerprint import Fingerprint
from bot.stories.group import Joined, choose
from bot.stories.machine import MOST_SENT, Task, question, read_answer, refusal, speaks_to_model
from bot.stories.window import Window

REST: Final = timedelta(minutes=5)
_PROMPT_TOKENS: Final = 400 + MOST_SENT // 3  # reserved for what is sent, until the endpoint says what it was
_SHORTEST_TEXT: Final = 200  # characters: less is told as it is


@asynccontextmanager
async def open_writer(
    settings: Settings, database: Database, emit: Callable[[Event], None], clock: Callable[[], datetime]
) -> AsyncIterator["Writer | None"]:
    """The writer an operator set up, None where there is none."""
    if not settings.summary_url:
        yield None
        return
    async with Fetcher(limits_to(settings, settings.summary_url, settings.summary_seconds)) as fetcher:
        yield Writer(settings, database, fetcher, emit, clock)


@dataclass(slots=True)
class Writer:
    """`passed` holds what this process has seen, so that two feeds at the same moment ask once for one event.

    `rests_until`: an endpoint that failed is left alone for a while, because each alert would wait for it.
    """

    settings: Settings
    database: Database
    fetcher: Fetcher
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    passed: Window = field(default_factory=Window)
    rests_until: datetime | None = None

    async def rewrite(self, item: Item, text: str, print_: Fingerprint, until: float) -> Item:
        """The item with a digest made from `text` by the machine, or as it was; waits until `until` at the latest."""
        if len(text) < _SHORTEST_TEXT or not await self._opens_story(print_):
            return item
        if hindrance := self._hindrance(item, text):
            self.emit(SummaryAsked(hindrance, 0))
            return item
        task = Task(self.settings.summary_model, self.settings.summary_tokens)
        asked = f"{task.model}\n{item.title}\n{text}"
        key = sha256(asked.encode("utf-8", "replace")).hexdigest()[:32]
        async with self.database.write() as conn:
            before = await summaries.written(conn, key)
            reserved = before is None and await summaries.reserve(
                conn, key, task.tokens + _PROMPT_TOKENS, self._allowance(), self.clock()
            )
        if reserved:
            told = await self._ask(task, item, text, key, until)
        else:
            told = before.text if before else ""
            if before is None:
                self.emit(SummaryAsked("over_limit", 0))
        return replace(item, digest=told, machine_written=True) if told else item

    def _hindrance(self, item: Item, text: str) -> str:
        if self.rests_until is not None and self.clock() < self.rests_until:
            return "resting"
        return "speaks_to_model" if speaks_to_model(f"{item.title}\n{text}") else ""

    async def _opens_story(self, print_: Fingerprint) -> bool:
        if isinstance(self.passed.put(print_)[1], Joined):
            return False
        async with self.database.read() as conn:
            found, rarity = await stories.candidates(conn, print_)
        return not isinstance(choose(print_, found, rarity, self.settings.story_window), Joined)

    async def _ask(self, task: Task, item: Item, text: str, key: str, until: float) -> str:
        """What may be sent, "" for nothing; either way it is kept."""
        cause, said, tokens = "", "", 0
        try:
            async with asyncio.timeout_at(until):
                body = question(task, item.title, text, item.lang)
                secret = self.settings.summary_key.get_secret_value()
                answer = read_answer(await self.fetcher.ask(self._address(), body, secret))
            tokens, said = answer.tokens, answer.text
            cause = refusal(said, item.title, text[:MOST_SENT], task.limit)
        except (TimeoutError, FetchFailed) as failure:
            cause = failure.cause if isinstance(failure, FetchFailed) else "too_slow"
            self.rests_until = self.clock() + REST
        told = "" if cause else said
        async with self.database.write() as conn:
            await summaries.settle(conn, key, tokens, told, cause)
        self.emit(SummaryAsked(cause or "written", tokens))
        return told

    def _address(self) -> str:
        return f"{self.settings.summary_url.rstrip('/')}/chat/completions"

    def _allowance(self) -> Allowance:
        return Allowance(self.settings.summary_requests_per_day, self.settings.summary_tokens_per_day)
