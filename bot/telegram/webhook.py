"""Updates that Telegram brings become answers: a letterbox that feeds the same line as long polling.

    POST → letterbox → what waits is one batch → all committed → every POST is answered 2xx → the next batch

Telegram brings an update again until it is answered 2xx, so a kill at any point loses nothing; a second copy that comes
while the first is under way waits for the same end. The batches go through `Chat.serve`, so order within a chat, one
effect and commit before confirmation are the same by both ways. Must never log a text, a name, a chat id or the secret.

Source: core.telegram.org/bots/api#setwebhook (secret_token, allowed_updates).
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiogram.exceptions import AiogramError
from aiogram.types import Update
from pydantic import ValidationError

from bot.events import LoopFailed
from bot.telegram.chat import LISTENED, Chat, Trouble, set_menus

LOOK_SECONDS = 300.0  # how often it is seen that the webhook is still ours
REMEMBERED = 500  # updates; a second copy comes within a minute or not at all
AT_ONCE = 40  # POSTs that Telegram may have under way; more would only wait here


@dataclass(frozen=True, slots=True)
class Address:
    """Where Telegram brings updates, and what it says to be believed."""

    url: str
    secret: str = field(repr=False)


@dataclass(slots=True)
class Letterbox:
    """Updates that came and are not settled. Without a chat (a standby, a start, a stop) it takes nothing."""

    chat: Chat | None = None
    waiting: dict[int, tuple[Update, asyncio.Future[bool]]] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    lately: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))  # settled, perhaps not answered yet

    async def receive(self, raw: Mapping[str, Any]) -> bool:
        """True once what the update changed has committed; False: bring it again."""
        if self.chat is None:
            return False
        try:
            update = Update.model_validate(raw, context={"bot": self.chat.bot})
        except ValidationError:
            self.chat.emit(LoopFailed("chat", "unreadable_update"))
            return True  # as in long polling: what the library cannot read does not hold up the others
        if update.update_id in self.lately:
            return True
        future = asyncio.get_running_loop().create_future()
        _, settled = self.waiting.setdefault(update.update_id, (update, future))
        self.bell.set()
        return await asyncio.shield(settled)

    async def settle(self, chat: Chat) -> None:
        """Serves what waits as one batch."""
        self.bell.clear()
        batch = dict(self.waiting)
        try:
            await chat.serve([update for update, _ in batch.values()])
        except BaseException:
            self._answer(batch, taken=False)
            raise
        self.lately.extend(batch)
        self._answer(batch, taken=True)

    def close(self) -> None:
        """Takes nothing more; what waits is to be brought again."""
        self.chat = None
        self._answer(dict(self.waiting), taken=False)

    def _answer(self, batch: Mapping[int, tuple[Update, asyncio.Future[bool]]], *, taken: bool) -> None:
        for number, (_, settled) in batch.items():
            settled.set_result(taken)
            del self.waiting[number]


async def run_webhook(chat: Chat, box: Letterbox, address: Address, stop: asyncio.Event) -> None:
    """Serves what comes until `stop`, then ends within ten seconds. The webhook stays: Telegram keeps what comes."""
    box.chat = chat
    announcing = asyncio.create_task(_announce(chat, address))
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            bell = asyncio.create_task(box.bell.wait())
            await asyncio.wait({bell, stopping}, return_when=asyncio.FIRST_COMPLETED)
            bell.cancel()
            if box.bell.is_set():
                await box.settle(chat)
    finally:
        box.close()
        announcing.cancel()
        stopping.cancel()
        await asyncio.gather(announcing, stopping, return_exceptions=True)
    await chat.finish()


async def _announce(chat: Chat, address: Address) -> None:
    """Tells Telegram where to bring updates, and again whenever it has another address."""
    trouble = Trouble(chat.emit)
    told = False
    while True:
        try:
            if not told or (await chat.bot.get_webhook_info()).url != address.url:
                await chat.bot.set_webhook(
                    address.url,
                    secret_token=address.secret,
                    allowed_updates=LISTENED,
                    max_connections=AT_ONCE,
                    drop_pending_updates=False,
                )
                await set_menus(chat.bot, chat.conversation.house.language)
                told = True
            trouble.over()
        except AiogramError as error:
            await asyncio.sleep(await trouble.pause(chat.bot, error))
        else:
            await asyncio.sleep(LOOK_SECONDS)
