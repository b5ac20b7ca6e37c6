"""What the loops ask of Telegram: a message becomes an outcome. `telegram/send` does it; loops import no library."""

from typing import Protocol

from bot.model import Message, Outcome


class Sends(Protocol):
    """The door to Telegram: never raises for Telegram or the network."""

    async def send(self, chat_id: int, thread_id: int, message: Message) -> Outcome: ...
    async def edit(self, chat_id: int, message_id: int, message: Message) -> Outcome: ...
