"""Small writes of many chats become few commits, and each writer goes on once its own has committed.

While one commit is under way the next gathers, so that the disk is asked once for many chats and nobody waits for a
timer. An intent (`sending`) that cannot be written fails at once, and nothing is sent; an outcome is the truth and is
kept until it can be written, because forgetting it would send a second copy. One entry that fails takes no other down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.alerts.outcome import Change
from bot.events import Event, LoopFailed
from bot.model import ChatState
from bot.store import alerts, chats, deliveries, edits
from bot.store.database import Connection, Database, StoreUnavailable
from bot.store.deliveries import Settled
from bot.store.edits import Said

AGAIN_SECONDS = 1.0
BUSY = 5  # entries in one commit: far over Telegram's ordinary pace, so that a moment more gathers many
GATHER_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Intent:
    """These deliveries are about to be sent."""

    delivery_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Done:
    """What one call's answer meant for its chat. `sent_at` None: it was not sent. `said`: what then stands there."""

    chat_id: int
    alert_ids: Sequence[int]
    changes: Sequence[Change]
    sent_at: datetime | None
    at: datetime
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """The deliverer has finished with this chat."""

    chat_id: int


Entry = Intent | Done | Free
_Waiting = tuple[Entry, asyncio.Future[frozenset[int]]]


async def _unshared(_conn: Connection) -> None:
    """One process, one machine: nobody else could deliver."""


@dataclass(slots=True)
class Ledger:
    """Everything a deliverer writes about its chats goes through here.

    `ours` raises StoreUnavailable when another process delivers by now: no intent is written then, so nothing is sent.
    """

    database: Database
    emit: Callable[[Event], None]
    ours: Callable[[Connection], Awaitable[None]] = _unshared
    _open: list[_Waiting] = field(default_factory=list)
    _writer: asyncio.Task[None] | None = None

    async def write(self, entry: Entry) -> frozenset[int]:
        """Returns once `entry` has committed: the alerts of which it was the first to arrive anywhere.

        Raises StoreUnavailable for an Intent or a Free that could not be.
        """
        written: asyncio.Future[frozenset[int]] = asyncio.get_running_loop().create_future()
        self._open.append((entry, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await asyncio.shield(written)

    async def _write_all(self) -> None:
        while self._open:
            batch: list[_Waiting] = []
            try:
                async with self.database.write() as conn:
                    batch, self._open = self._open, []
                    first = await self._apply(conn, [entry for entry, _ in batch])
            except StoreUnavailable as error:
                await self._keep(batch or self._take(), error)
            except Exception:  # noqa: BLE001 (one bad entry must not take the others down)
                await self._write_each(batch)
            else:
                _tell_first(batch, first)
                if len(batch) > BUSY:
                    await asyncio.sleep(GATHER_SECONDS)

    async def _apply(self, conn: Connection, entries: Sequence[Entry]) -> frozenset[int]:
        if any(isinstance(entry, Intent) for entry in entries):
            await self.ours(conn)
        return await _apply(conn, entries)

    def _take(self) -> list[_Waiting]:
        batch, self._open = self._open, []
        return batch

    async def _keep(self, batch: list[_Waiting], error: StoreUnavailable) -> None:
        outcomes = [(entry, written) for entry, written in batch if isinstance(entry, Done)]
        for entry, written in batch:
            if not isinstance(entry, Done):
                _fail(written, error)
        if outcomes:
            self._open = outcomes + self._open
            self.emit(LoopFailed("deliver", str(error)))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _write_each(self, batch: list[_Waiting]) -> None:
        for entry, written in batch:
            try:
                async with self.database.write() as conn:
                    first = await self._apply(conn, [entry])
            except Exception as error:  # noqa: BLE001 (it is told where the entry came from)
                _fail(written, error)
            else:
                _tell_first([(entry, written)], first)


def _fail(written: asyncio.Future[frozenset[int]], error: Exception) -> None:
    if not written.done():
        written.set_exception(error)


def _tell_first(batch: Sequence[_Waiting], first: frozenset[int]) -> None:
    """Each goes on; of two messages of one commit that tell the same alert, the first is its first."""
    for entry, written in batch:
        ours = first.intersection(entry.alert_ids) if isinstance(entry, Done) else frozenset()
        first -= ours
        if not written.done():
            written.set_result(ours)


async def _apply(conn: Connection, entries: Sequence[Entry]) -> frozenset[int]:
    """Entries of one chat never meet in one commit out of order: a chat waits for each before its next."""
    intents = [delivery_id for entry in entries if isinstance(entry, Intent) for delivery_id in entry.delivery_ids]
    outcomes = [entry for entry in entries if isinstance(entry, Done)]
    freed = [entry.chat_id for entry in entries if isinstance(entry, Free)]
    if intents:
        await deliveries.mark_sending(conn, intents)
    await deliveries.settle(conn, [_settled(change, done.sent_at) for done in outcomes for change in done.changes])
    await edits.remember(conn, [done.said for done in outcomes if done.said])
    for done in outcomes:
        await _apply_to_chat(conn, done)
    if freed:
        await deliveries.release_chats(conn, freed)
    return await _note_told(conn, [done for done in outcomes if done.sent_at])


async def _note_told(conn: Connection, sent: Sequence[Done]) -> frozenset[int]:
    alert_ids = {alert_id for done in sent for alert_id in done.alert_ids}
    return await alerts.note_told(conn, alert_ids, max(done.at for done in sent)) if sent else frozenset()


async def _apply_to_chat(conn: Connection, done: Done) -> None:
    """What the answer means for the chat is the same for every delivery of the call."""
    change = done.changes[0]
    if change.not_before is not None:
        await deliveries.hold_chat(conn, done.chat_id, change.not_before, change.reason)
    if change.blocked:
        await chats.set_state(conn, done.chat_id, ChatState.BLOCKED, change.reason, done.at)
    if change.lost_thread is not None:
        await chats.lose_thread(conn, done.chat_id)
    if change.migrated_to is not None:
        await chats.move_chat(conn, done.chat_id, change.migrated_to, done.at)


def _settled(change: Change, sent_at: datetime | None) -> Settled:
    return Settled(
        delivery_id=change.delivery_id,
        state=change.state,
        not_before=change.not_before,
        attempts=change.attempts,
        lost=change.lost,
        plain=change.plain,
        thread_id=change.thread_id,
        reason=change.reason,
        message_id=change.message_id,
        sent_at=sent_at,
    )
