"""A ring here is heard by the other processes of the bot, and theirs here; on SQLite there are no others.

Ringing never waits and never fails: what is rung together is one ring, and a ring that the database could not carry is
forgotten, because the ticks of the others find the same thing seconds later. Must never carry anything but a name.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.store import bells
from bot.store.database import Database, StoreUnavailable

AGAIN_SECONDS = 2.0


@dataclass(slots=True)
class Bell:
    """`heard(name)` is told of each ring, our own included, and of every one of `names` after the line was cut."""

    database: Database
    names: tuple[str, ...]
    heard: Callable[[str], None]
    _owed: set[str] = field(default_factory=set)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self, name: str) -> None:
        """To be called after the commit of what the others should look at."""
        if not self.database.is_sqlite:
            self._owed.add(name)
            self._rung.set()

    async def run(self) -> None:
        """Carries rings both ways until it is cancelled."""
        if not self.database.is_sqlite:
            await asyncio.gather(self._send(), self._listen())

    async def _send(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            names, self._owed = sorted(self._owed), set()
            try:
                async with self.database.write() as conn:
                    for name in names:
                        await bells.ring(conn, name)
            except StoreUnavailable:
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        while True:
            try:
                await bells.listen(self.database, self.heard, self._hear_all)
            except StoreUnavailable:
                await asyncio.sleep(AGAIN_SECONDS)

    def _hear_all(self) -> None:
        for name in self.names:
            self.heard(name)
