"""A wish to send becomes a turn: the pure pace of `telegram/pace`, kept for one process."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.telegram.pace import Limits, Pace, admit, everyone_waits, hold, hold_all


@dataclass(slots=True)
class Turns:
    """Everyone who sends in this process waits here. State is lost on a restart: Telegram's 429 would tell it again."""

    limits: Limits
    clock: Callable[[], datetime]
    state: Pace = field(default_factory=Pace)

    async def turn(self, chat_id: int, *, group: bool) -> None:
        """Returns when a message to this chat may leave, counted."""
        while True:
            wait, self.state = admit(self.state, self.clock(), chat_id, group, self.limits)
            if not wait:
                return
            await asyncio.sleep(wait.total_seconds())

    def hold(self, chat_id: int, wait: timedelta) -> None:
        """Telegram asked this chat to wait."""
        self.state = hold(self.state, self.clock(), chat_id, wait)

    def hold_all(self, wait: timedelta) -> None:
        """Telegram asked everyone to wait, or refused the token."""
        self.state = hold_all(self.state, self.clock(), wait)

    def held_for_all(self) -> bool:
        """Whether nothing at all may be sent for longer than the pace itself asks."""
        return everyone_waits(self.state, self.clock(), self.limits) > self.limits.all.interval
