"""What goes wrong becomes rows, and rows become one message to each operator: once, and once when it is over.

    hear (any event, any process) → write: notices open and close, a tick later
    inform (whoever speaks for the token) → owed to each operator → draw → wait for a turn, after everybody else → send

Operators are numbers of people: owners (GUETTEUR_ADMINS) and whom they made admins, told in their private chats and
nowhere else; editors tend words, not machines. A database that cannot
be written cannot hold a notice: its outage is followed here, in memory, and told all the same. Must never decide (that
is `alerts/notices`), and never name a chat in a log.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.alerts.notices import (
    PASSING,
    Closing,
    Opening,
    Outage,
    draw_notices,
    follow_outage,
    is_outage,
    noted,
)
from bot.changes import Role
from bot.events import Event, TokenRefused
from bot.loops.doors import Sends
from bot.loops.pace import Priority, Turns
from bot.model import AnswerLost, Chat, Notice, NoticeKind, NotReceived, Sent, Unauthorised
from bot.store import changes, chats, notices
from bot.store.database import Database

MOST_HEARD = 200  # between two ticks; the rest is in the log
SOON = timedelta(minutes=1)  # after an answer that may change by itself
LATER = timedelta(hours=1)  # after a refusal: the operator has not written to the bot yet, or blocked it
KEPT = timedelta(days=7)
PASSING_KEPT = timedelta(days=1)


@dataclass(slots=True)
class Notebook:
    """Hears every event of its process; what is lost with the process is told when it happens again."""

    database: Database
    clock: Callable[[], datetime]
    _heard: list[Opening | Closing] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """The last of two that say the same counts."""
        for wish in noted(event):
            if wish in self._heard:
                self._heard.remove(wish)
            if len(self._heard) < MOST_HEARD:
                self._heard.append(wish)

    async def write(self) -> None:
        """Opens and closes what was heard since the last time. Raises StoreUnavailable, and forgets nothing then."""
        heard = self._heard[:]
        if not heard:
            return
        now = self.clock()
        async with self.database.read() as conn:
            lasting = {one.kind for one in await notices.open_notices(conn)}
        lasting |= {wish.kind for wish in heard if isinstance(wish, Opening)}
        wishes = [wish for wish in heard if wish.kind in lasting]
        if wishes:
            async with self.database.write() as conn:
                for wish in wishes:
                    if isinstance(wish, Opening):
                        await notices.open_notice(conn, wish.kind, wish.subject, wish.values, now)
                    else:
                        await notices.close_notices(conn, wish.kind, now)
        self._heard = [wish for wish in self._heard if not any(wish is one for one in heard)]

    async def forget(self) -> None:
        """Notices that have been over for a week; and those without an end, after a day."""
        now = self.clock()
        async with self.database.write() as conn:
            await notices.forget_notices(conn, now - KEPT, PASSING, now - PASSING_KEPT)


@dataclass(slots=True)
class Informer:
    """`owners()`: numbers of people; `language` and `timezone` of those who have no chat with the bot yet."""

    database: Database
    sender: Sends
    pace: Turns
    owners: Callable[[], Sequence[int]]
    language: str
    timezone: str
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    _admins: tuple[int, ...] = ()  # at the last look: they hear of an outage too
    _held: dict[int, datetime] = field(default_factory=dict)  # until when an operator is not tried again
    _lost: set[int] = field(default_factory=set)  # whose last answer was lost
    _outage: Outage | None = None
    _failures: int = 0  # of the database, at the last look

    async def inform(self) -> int:
        """Tells every operator what they have not been told; returns how many messages arrived.

        Raises StoreUnavailable once the outage is followed.
        """
        now = self.clock()
        told = await self._follow_outage(now)
        if self.pace.held_for_all():
            return told
        self._admins = await self._appointed()
        for person_id in self._reachable(now):
            told += await self._tell_owed(person_id, now)
        return told

    def _reachable(self, now: datetime) -> list[int]:
        """Numbers of people are positive: a group or a channel is never told."""
        everybody = dict.fromkeys((*self.owners(), *self._admins))
        return [each for each in everybody if each > 0 and self._held.get(each, now) <= now]

    async def _appointed(self) -> tuple[int, ...]:
        async with self.database.read() as conn:
            given = await changes.admins(conn)
        return tuple(person_id for person_id, role in given if role.reaches(Role.ADMIN))

    async def _tell_owed(self, person_id: int, now: datetime) -> int:
        async with self.database.read() as conn:
            owed = await notices.owed_notices(conn, person_id)
            known = await chats.subscriber(conn, person_id) if owed else None
        if not owed:
            return 0
        chat = known.chat if known else self._stranger(person_id)
        await self.pace.turn(person_id, group=False, priority=Priority.NOTICE)
        if not await self._arrives(chat, owed, now):
            return 0
        async with self.database.write() as conn:
            await notices.mark_told(conn, person_id, owed, now)
        return 1

    async def _arrives(self, chat: Chat, owed: Sequence[Notice], now: datetime) -> bool:
        """One call. A second lost answer counts as arrived: better one copy too few than one a minute."""
        outcome = await self.sender.send(chat.id, 0, draw_notices(chat, owed, now))
        lost = isinstance(outcome, AnswerLost)
        if isinstance(outcome, Sent) or (lost and chat.id in self._lost):
            self._lost.discard(chat.id)
            return True
        if lost:
            self._lost.add(chat.id)
        if isinstance(outcome, Unauthorised):
            self.emit(TokenRefused(outcome.cause))
        if isinstance(outcome, NotReceived) and outcome.retry_after:
            self.pace.hold(chat.id, outcome.retry_after)
        passes = isinstance(outcome, AnswerLost | NotReceived | Unauthorised)
        self._held[chat.id] = now + (SOON if passes else LATER)
        return False

    async def _follow_outage(self, now: datetime) -> int:
        """Without the shared pace, which the database keeps: it is one message to each, twice."""
        failed = self.database.failures > self._failures
        self._failures = self.database.failures
        before, self._outage = self._outage, follow_outage(self._outage, now, failed=failed)
        if is_outage(self._outage) and not (self._outage and self._outage.told):
            return await self._tell_outage(self._outage, None, now)
        if before and before.told and self._outage is None:
            return await self._tell_outage(before, now, now)
        return 0

    async def _tell_outage(self, outage: Outage | None, closed_at: datetime | None, now: datetime) -> int:
        if outage is None:
            return 0
        values = {"cause": self.database.last_cause}
        one = Notice(0, NoticeKind.STORE_FAILING, "", values, outage.since, closed_at)
        arrived = [await self._arrives(self._stranger(each), (one,), now) for each in self._reachable(now)]
        if any(arrived) and closed_at is None:
            self._outage = replace(outage, told=True)
        return sum(arrived)

    def _stranger(self, person_id: int) -> Chat:
        return Chat(person_id, language=self.language, timezone=self.timezone)
