"""A wish to send becomes a turn: the pure pace of `telegram/pace`, kept for everyone who sends in one process.

Who waits stands in one queue, by priority and then by arrival; the first that Telegram's limits let through goes, so a
chat that must wait holds nobody up. Whoever has a turn stands in the door until it leaves: when the disk is slow to
write that it is going, nobody piles up behind to leave in one burst, or to be half-sent if the power fails.

Where several processes use one token (roles apart, a standby), the rate of the whole token is shared too: `shared` asks
the database for a turn. State is lost on a restart: a second of silence and Telegram's 429 tell it again.
"""

import asyncio
from bisect import insort
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count

from bot.store import turns
from bot.store.database import Database
from bot.telegram.pace import NOTHING, Limit, Limits, Pace, admit, admitted, everyone_waits, hold, hold_all, leave

LEAVING = timedelta(seconds=1 / 30)  # how much of the pace may stand in the door: one message at Telegram's own
LATE = timedelta(milliseconds=1)  # a timer may fire this much early


class Priority(IntEnum):
    """Who goes first when not everyone can: the lower number."""

    ANSWER = 0  # a person is looking at the screen
    ALERT = 1
    DIGEST = 2  # whatever waited for its hour
    EDIT = 3
    BROADCAST = 4
    NOTICE = 5  # to an operator: the others are read by the public


@dataclass(frozen=True, slots=True, order=True)
class _Waiting:
    priority: Priority
    number: int
    chat_id: int = field(compare=False)
    group: bool = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


@dataclass(slots=True)
class Turns:
    """Everyone who sends in this process waits here. `shared(limit)`: a turn among processes, or the wait."""

    limits: Limits
    clock: Callable[[], datetime]
    shared: Callable[[Limit], Awaitable[timedelta]] | None = None
    waited: Callable[[timedelta], None] = lambda _wait: None  # told how long each message waited here
    state: Pace = field(default_factory=Pace)
    _queue: list[_Waiting] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _leaving: int = 0
    _usher: asyncio.Task[None] | None = None

    async def turn(self, chat_id: int, *, group: bool, priority: Priority) -> None:
        """Returns when a message to this chat may leave, counted: it leaves at once."""
        async with self.leaving(chat_id, group=group, priority=priority):
            pass

    @asynccontextmanager
    async def leaving(self, chat_id: int, *, group: bool, priority: Priority) -> AsyncIterator[None]:
        """Entered when a message to this chat may leave, counted; the block is what must be done before it does."""
        await self._wait(chat_id, group=group, priority=priority)
        try:
            yield
        finally:
            self._leave()

    async def _wait(self, chat_id: int, *, group: bool, priority: Priority) -> None:
        came_at = self.clock()
        mine = _Waiting(priority, next(self._numbers), chat_id, group, asyncio.get_running_loop().create_future())
        insort(self._queue, mine)
        self._changed.set()
        if self._usher is None or self._usher.done():
            self._usher = asyncio.create_task(self._let_through())
            self._usher.add_done_callback(self._give_up)
        try:
            await mine.turn
        except asyncio.CancelledError:
            if mine in self._queue:
                self._queue.remove(mine)
            elif not mine.turn.cancelled():  # let through and cancelled in the same breath
                self._leave()
            raise
        self.waited(self.clock() - came_at)

    def _leave(self) -> None:
        self._leaving -= 1
        self.state = leave(self.state, self.clock())
        self._changed.set()

    def hold(self, chat_id: int, wait: timedelta) -> None:
        """Telegram asked this chat to wait."""
        self.state = hold(self.state, self.clock(), chat_id, wait)

    def hold_all(self, wait: timedelta) -> None:
        """Telegram asked everyone to wait, or refused the token."""
        self.state = hold_all(self.state, self.clock(), wait)

    def held_for_all(self) -> bool:
        """Whether nothing at all may be sent for longer than the pace itself asks."""
        held = self.state.all_held
        return held is not None and held.wait(self.clock()) > self.limits.all.interval

    async def _let_through(self) -> None:
        """Until nobody waits: the first who may go, or a sleep until somebody may or somebody new comes."""
        at_the_door = max(1, round(LEAVING / self.limits.all.interval))
        while self._queue:
            self._changed.clear()
            if self._leaving >= at_the_door:
                await self._changed.wait()
                continue
            wait, first, then = self._first()
            if first is not None and self.shared is not None:
                wait = await self.shared(self.limits.all)
                _, first, then = self._first() if not wait else (wait, None, then)  # who came meanwhile may go before
            if first is not None:
                self._queue.remove(first)
                self._leaving += 1
                self.state = then
                first.turn.set_result(None)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout((wait + LATE).total_seconds()):
                    await self._changed.wait()

    def _first(self) -> tuple[timedelta, _Waiting | None, Pace]:
        """Who goes now, and the state then; else how long until somebody may."""
        now = self.clock()
        shortest = everyone_waits(self.state, now, self.limits)
        if shortest > NOTHING or not self._queue:
            return shortest, None, self.state
        waits = []
        for waiting in self._queue:
            wait, then = admit(self.state, now, waiting.chat_id, waiting.group, self.limits)
            if not wait:
                return wait, waiting, then
            waits.append(wait)
        return min(waits), None, self.state

    def _give_up(self, usher: asyncio.Task[None]) -> None:
        """The database does not answer, or the process ends: whoever waits is told, and asks again later."""
        error = None if usher.cancelled() else usher.exception()
        waiting, self._queue = self._queue, []
        for one in waiting:
            if error is not None and not one.turn.done():
                one.turn.set_exception(error)
            else:
                one.turn.cancel()


@dataclass(frozen=True, slots=True)
class Shared:
    """The token's own rate, kept in one row for all its processes. `token`: names it without telling it."""

    database: Database
    token: str
    clock: Callable[[], datetime]

    async def __call__(self, limit: Limit) -> timedelta:
        """Takes a turn (no wait), or says how long until there is one. Raises StoreUnavailable."""
        async with self.database.write() as conn:
            empty_at, now = await turns.read_bucket(conn, self.token, self.clock())
            wait, empty_at = admitted(empty_at, now, limit)
            if not wait:
                await turns.write_bucket(conn, self.token, empty_at)
        return wait
