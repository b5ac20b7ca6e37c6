"""Telegram's updates become answers: long polling in which an update is confirmed after what it changed has committed.

    getUpdates(offset) → decide every update, each chat's in order, chats side by side → all committed
                       → answer → mark handled → getUpdates(next offset) confirms

A kill at any point loses nothing: what was not confirmed comes again, and what was handled is known. aiogram's own
polling starts tasks and confirms at once, so it is not used. Answers that take long go on while the next updates are
read, in order for each chat; one slow chat makes nobody wait. Must never log a text, a name or a chat id.

Source: core.telegram.org/bots/api#getupdates (offset, 409 when two read the same bot).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MaybeInaccessibleMessageUnion,
    Update,
)
from pydantic import ValidationError

from bot.events import Event, LoopFailed, LoopRecovered, TokenRefused
from bot.locales import LANGUAGES
from bot.model import ChatKind
from bot.telegram.answer import answer, bot_commands, redraw, superseded
from bot.telegram.client import raw_result
from bot.telegram.conversation import Conversation
from bot.telegram.reply import Reply
from bot.telegram.send import outcome_of
from bot.telegram.visit import chat_of

LISTENED = ["message", "callback_query", "inline_query", "my_chat_member"]  # no edits, no channel posts
POLL_SECONDS = 25
STRAGGLING = 0.5  # seconds the next poll waits for answers
LAST_ANSWERS = 5.0  # seconds a stop waits for answers
CONFIRMING = 2.0  # seconds a stop gives the last confirmation
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds after failures in a row
TOKEN_PAUSE = 60.0

Decided = tuple[Update, Reply | None]


@dataclass(frozen=True, slots=True)
class Batch:
    """Updates to serve, and the offset that confirms them."""

    updates: tuple[Update, ...]
    offset: int | None


async def no_turn(_chat_id: int) -> None:
    """For who keeps no pace: a test, a demonstration."""


@dataclass(slots=True)
class Chat:
    """The conversation at work. `turn(chat_id)` waits until the pace lets a message to that chat leave."""

    conversation: Conversation
    emit: Callable[[Event], None]
    turn: Callable[[int], Awaitable[None]] = no_turn
    lanes: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # a chat's answers still under way
    making: dict[tuple[int, int], asyncio.Task[None]] = field(default_factory=dict)  # a pressed screen's next one

    @property
    def bot(self) -> Bot:
        return self.conversation.bot

    async def serve(self, updates: Sequence[Update]) -> None:
        """Decides a batch, and returns when all of it has committed and most of it is answered."""
        ordered = sorted(updates, key=lambda update: (chat_of(update), update.update_id))
        chats = [list(together) for _, together in groupby(ordered, chat_of)]
        decided = await asyncio.gather(*(self._decide_all(together) for together in chats))
        tasks = [self._start_answers(chat_of(replies[0][0]), replies) for replies in decided]
        if tasks:
            await asyncio.wait(tasks, timeout=STRAGGLING)

    async def finish(self) -> None:
        """Waits for the answers under way, within a limit; a screen that is still being made is not shown."""
        for made in list(self.making.values()):
            made.cancel()
        await asyncio.gather(*self.making.values(), return_exceptions=True)
        if self.lanes:
            _, late = await asyncio.wait(self.lanes.values(), timeout=LAST_ANSWERS)
            for task in late:
                task.cancel()

    async def _decide_all(self, updates: Sequence[Update]) -> list[Decided]:
        return [await self._decide(update) for update in updates]

    async def _decide(self, update: Update) -> Decided:
        """A broad catch around one update: whatever goes wrong, its person is told and the others are served."""
        try:
            return update, await self.conversation.decide(update)
        except Exception as error:  # noqa: BLE001 (one update must not stop the others)
            self.emit(LoopFailed("chat", type(error).__name__, error))
            return update, self.conversation.apology(update)

    def _start_answers(self, chat_id: int, replies: Sequence[Decided]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._answer_all(replies, self.lanes.get(chat_id)))
        self.lanes[chat_id] = task
        task.add_done_callback(lambda done: self.lanes.pop(chat_id) if self.lanes.get(chat_id) is done else None)
        return task

    async def _answer_all(self, replies: Sequence[Decided], earlier: asyncio.Task[None] | None) -> None:
        """One chat's answers, after those that are still under way."""
        if earlier:
            await asyncio.wait([earlier])
        for update, reply in superseded(replies):
            await self._carefully(self._answer(update, reply))

    async def _carefully(self, answering: Awaitable[None]) -> None:
        """A broad catch around one answer: it must not stop the others."""
        try:
            await answering
        except AiogramError as error:
            self.emit(LoopFailed("chat", getattr(outcome_of(error), "cause", "")))
        except Exception as error:  # noqa: BLE001 (see above)
            self.emit(LoopFailed("chat", type(error).__name__, error))

    async def _answer(self, update: Update, reply: Reply | None) -> None:
        pressed = update.callback_query.message if update.callback_query else None
        place = (pressed.chat.id, pressed.message_id) if pressed else (0, 0)
        if reply and reply.after and place in self.making:
            reply = Reply()  # it is being made: nothing more to say
        elif reply and (reply.after or reply.screen or reply.later) and place in self.making:
            self.making[place].cancel()  # the person has gone on
        await answer(self.bot, update, await self._made(update, reply), self.turn)
        if reply and reply.after and pressed:
            task = asyncio.create_task(self._carefully(self._show(update, pressed, reply)))
            self.making[place] = task
            task.add_done_callback(lambda done: self.making.pop(place) if self.making.get(place) is done else None)
        if reply:  # what had no answer changed nothing, or sets the same state again
            await self.conversation.settled(update)

    async def _show(self, update: Update, pressed: MaybeInaccessibleMessageUnion, reply: Reply) -> None:
        """The screen that takes time takes the pressed one's place."""
        made = await self._made(update, replace(reply, later=reply.after, after=None))
        if made and made.screen:
            await self.turn(pressed.chat.id)
            await redraw(self.bot, pressed, made.screen)

    async def _made(self, update: Update, reply: Reply | None) -> Reply | None:
        """The reply with its screen; when making it fails, the person is told."""
        if reply is None or reply.later is None:
            return reply
        try:
            return replace(reply, screen=await reply.later(), later=None)
        except Exception as error:  # noqa: BLE001 (one screen must not stop the others)
            self.emit(LoopFailed("chat", type(error).__name__, error))
            return self.conversation.apology(update)


async def run_chat(chat: Chat, stop: asyncio.Event, *, poll_seconds: int = POLL_SECONDS) -> None:
    """Reads and answers until `stop`, then ends within ten seconds with everything handled confirmed."""
    opening = asyncio.create_task(_open(chat))
    stopping = asyncio.create_task(stop.wait())
    trouble = Trouble(chat.emit)
    offset: int | None = None
    try:
        while not stop.is_set():
            poll = asyncio.create_task(_poll(chat, offset, poll_seconds))
            await asyncio.wait({poll, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                poll.cancel()
                break
            answered = poll.result()
            if not isinstance(answered, Batch):
                await asyncio.wait({stopping}, timeout=await trouble.pause(chat.bot, answered))
                continue
            trouble.over()
            await chat.serve(answered.updates)
            offset = answered.offset
    finally:
        opening.cancel()
        stopping.cancel()
        await asyncio.gather(opening, stopping, return_exceptions=True)
    await chat.finish()
    await _confirm(chat, offset)


async def _poll(chat: Chat, offset: int | None, seconds: int) -> Batch | AiogramError:
    """The next updates, or why there are none. One update the library cannot read does not hide the others."""
    try:
        updates = await chat.bot.get_updates(
            offset=offset, timeout=seconds, allowed_updates=LISTENED, request_timeout=seconds + 15
        )
    except ClientDecodeError as error:
        raw = raw_result(error)
        return error if not isinstance(raw, list) or not raw else _read_each(chat, raw)
    except AiogramError as error:
        return error
    return Batch(tuple(updates), updates[-1].update_id + 1 if updates else offset)


def _read_each(chat: Chat, raw: list[Any]) -> Batch:
    """The updates that can be read; the others are confirmed with them, and told."""
    readable: list[Update] = []
    for one in raw:
        try:
            readable.append(Update.model_validate(one, context={"bot": chat.bot}))
        except ValidationError:
            chat.emit(LoopFailed("chat", "unreadable_update"))
    return Batch(tuple(readable), int(raw[-1]["update_id"]) + 1)


async def _confirm(chat: Chat, offset: int | None) -> None:
    """Tells Telegram what was handled last. Without an answer it would come again and be known: no harm."""
    if offset is None:
        return
    await asyncio.wait({asyncio.create_task(_poll(chat, offset, 0))}, timeout=CONFIRMING)


@dataclass(slots=True)
class Trouble:
    """Failures in a row while polling: each kind is told once, and the pauses grow."""

    emit: Callable[[Event], None]
    failures: int = 0
    told: str = ""

    def over(self) -> None:
        if self.told:
            self.emit(LoopRecovered("chat", self.told))
        self.failures, self.told = 0, ""

    async def pause(self, bot: Bot, error: AiogramError) -> float:
        """How many seconds to wait before the next try."""
        self.failures += 1
        cause = await _cause(bot, error)
        refused = isinstance(error, TelegramUnauthorizedError | TelegramNotFound)
        if cause != self.told:
            self.told = cause
            self.emit(TokenRefused(cause) if refused else LoopFailed("chat", cause))
        if refused:
            return TOKEN_PAUSE
        if isinstance(error, TelegramRetryAfter):
            return timedelta(seconds=error.retry_after).total_seconds()
        return PAUSES[min(self.failures, len(PAUSES)) - 1]


async def _cause(bot: Bot, error: AiogramError) -> str:
    """A name of the catalogue `cause`; a conflict says whether another process reads or a webhook is set."""
    if not isinstance(error, TelegramConflictError):
        return str(getattr(outcome_of(error), "cause", "telegram_network"))
    try:
        hook = await bot.get_webhook_info(request_timeout=5)
    except AiogramError:
        return "conflict"
    return "webhook_set" if hook.url else "conflict"


async def _open(chat: Chat) -> None:
    """Leaves a webhook, without dropping what waits, and lists the commands. A failure changes nothing that matters."""
    try:
        await chat.bot.delete_webhook(drop_pending_updates=False)
        await set_menus(chat.bot, chat.conversation.house.language)
    except AiogramError as error:
        chat.emit(LoopFailed("chat", getattr(outcome_of(error), "cause", "")))


async def set_menus(bot: Bot, language: str) -> None:
    """The commands of every scope, in each language and, for phones that speak another, in the house's."""
    scopes = (
        (BotCommandScopeDefault(), ChatKind.GROUP),
        (BotCommandScopeAllPrivateChats(), ChatKind.PRIVATE),
        (BotCommandScopeAllGroupChats(), ChatKind.GROUP),
    )
    for scope, kind in scopes:
        for code in (None, *LANGUAGES):
            await bot.set_my_commands(bot_commands(code or language, kind), scope=scope, language_code=code)
