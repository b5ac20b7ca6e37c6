"""The digest of this process's files, and the one the database holds, become agreement or a difference that is told.

    declare: whoever starts or reads its files anew says which they are → compare, at each tick: mine, or another's?

Machines on one database read their own copies of config/, and each lays its feeds into the one table: with unequal
copies the last to start wins in silence. Nothing is stopped for it, because both copies were valid: it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.events import ConfigAgrees, ConfigDiffers, Event
from bot.model import NoticeKind
from bot.store import facts, notices
from bot.store.database import Connection, Database
from bot.store.facts import Declared

PATIENCE = timedelta(minutes=1)  # one file saved is read by each process in its own second, or on each machine in turn
AGAIN = timedelta(hours=1)  # a notice of a machine that is gone is forgotten after a day; one that lasts is kept


@dataclass(slots=True)
class Agreement:
    """`place` names this machine to operators; `digest()` is of the files as they were last read."""

    database: Database
    place: str
    digest: Callable[[], str]
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    _seen: tuple[str, str] | None = None  # theirs and ours, at the last look, where they differ
    _since: datetime | None = None  # it is so
    _told: tuple[str, str] | None = None
    _noted_at: datetime | None = None

    async def declare(self, conn: Connection, digest: str) -> None:
        """From now on these are the files, for every machine: what was told of this one before is over."""
        await facts.declare(conn, Declared(digest, self.place))
        await notices.close_notices(conn, NoticeKind.CONFIG_DIFFERS, self.clock(), [self.place])

    async def compare(self) -> None:
        """Tells a difference once, and its end. Raises StoreUnavailable, and tells it the next time then."""
        mine = self.digest()
        async with self.database.read() as conn:
            theirs = await facts.declared(conn)
        if theirs is None or theirs.digest == mine:
            await self._end()
        elif self._lasts((theirs.digest, mine)):
            await self._tell(theirs, mine)

    def _lasts(self, difference: tuple[str, str]) -> bool:
        now = self.clock()
        if difference != self._seen or self._since is None:
            self._seen, self._since = difference, now
        return now - self._since >= PATIENCE

    async def _tell(self, theirs: Declared, mine: str) -> None:
        now, difference = self.clock(), (theirs.digest, mine)
        anew = difference != self._told
        if anew or self._noted_at is None or now - self._noted_at >= AGAIN:
            async with self.database.write() as conn:
                values = {"other": theirs.place}
                await notices.open_notice(conn, NoticeKind.CONFIG_DIFFERS, self.place, values, now)
            self._told, self._noted_at = difference, now
        if anew:
            self.emit(ConfigDiffers(self.place, theirs.place))

    async def _end(self) -> None:
        self._seen = None
        if self._told is None:
            return
        async with self.database.write() as conn:
            await notices.close_notices(conn, NoticeKind.CONFIG_DIFFERS, self.clock(), [self.place])
        self._told = None
        self.emit(ConfigAgrees(self.place))
