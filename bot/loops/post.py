"""Alerts owed to the operator's own program are posted there, signed; what is refused waits and is tried again.

    owed (in the commit that raised the alert) → claimed → posted → settled | put off | given up after three days

At least once, as for people: an answer that was lost is asked for again, under the same id. The address is the
operator's own word, so it may be private; the fetcher goes to that one and follows no redirect.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.alerts import envelope
from bot.errors import FetchFailed
from bot.events import AlertPosted, Event
from bot.feeds.fetch import Fetcher
from bot.model import Alert
from bot.store import outgoing
from bot.store.alerts import alerts_by_id
from bot.store.database import Database
from bot.store.outgoing import Owed

AT_ONCE: Final = 10  # a round
HELD: Final = timedelta(minutes=15)  # longer than a round of the slowest answers


@dataclass(frozen=True, slots=True)
class Poster:
    """`key`: what the bodies are signed with."""

    database: Database
    fetcher: Fetcher
    address: str
    key: bytes
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]

    async def post_due(self) -> None:
        """One round. A program that is down costs one request: what else is due waits for the next round."""
        now = self.clock()
        async with self.database.write() as conn:
            owed = await outgoing.claim_owed(conn, now, now + HELD, AT_ONCE)
            alerts = await alerts_by_id(conn, [one.alert_id for one in owed])
        down = ""
        for one in owed:
            down = await self._post(one, alerts[one.alert_id], down)

    async def _post(self, owed: Owed, alert: Alert, down: str) -> str:
        """Sends one and keeps what came of it; returns why the program does not take any more, "" when it does."""
        body, cause = envelope.write_body(alert), down
        if not down:
            headers = envelope.sign(self.key, envelope.id_of(alert), body, self.clock())
            try:
                await self.fetcher.tell(self.address, body, headers)
            except FetchFailed as failure:
                cause = failure.cause
        again_at = envelope.retry_at(owed.owed_at, owed.tries, self.clock()) if cause else None
        async with self.database.write() as conn:
            if again_at is None:
                await outgoing.settle(conn, owed.alert_id)
            else:
                await outgoing.put_off(conn, owed.alert_id, again_at)
        outcome = "sent" if not cause else "given_up" if again_at is None else "put_off"
        self.emit(AlertPosted(owed.alert_id, outcome, cause))
        return cause
