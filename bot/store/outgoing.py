"""Alerts owed to the operator's own program become rows, each there until it was taken or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring
from bot.store.tables import outgoing


@dataclass(frozen=True, slots=True)
class Owed:
    """`tries`: how often it was sent, this time included."""

    alert_id: int
    owed_at: datetime
    tries: int


async def owe(conn: AsyncConnection, alert_id: int, now: datetime) -> None:
    """The alert is to be sent, in the transaction that raised it; once, however often it is said."""
    values = {"alert_id": alert_id, "owed_at": now, "due_at": now, "tries": 0}
    await conn.execute(insert_ignoring(conn, outgoing).values(values))


async def claim_owed(conn: AsyncConnection, now: datetime, until: datetime, limit: int) -> Sequence[Owed]:
    """What is due, the oldest first, held until `until`: what a crash leaves comes back then."""
    due = (
        select(outgoing.c.alert_id)
        .where(outgoing.c.due_at <= now)
        .order_by(outgoing.c.due_at, outgoing.c.alert_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await conn.execute(due)).scalars())
    claimed = await conn.execute(
        update(outgoing)
        .where(outgoing.c.alert_id.in_(ids))
        .values(due_at=until, tries=outgoing.c.tries + 1)
        .returning(outgoing.c.alert_id, outgoing.c.owed_at, outgoing.c.tries)
    )
    return sorted((Owed(*row) for row in claimed), key=lambda owed: owed.alert_id)


async def put_off(conn: AsyncConnection, alert_id: int, due_at: datetime) -> None:
    await conn.execute(update(outgoing).where(outgoing.c.alert_id == alert_id).values(due_at=due_at))


async def settle(conn: AsyncConnection, alert_id: int) -> None:
    """It was taken, or given up."""
    await conn.execute(delete(outgoing).where(outgoing.c.alert_id == alert_id))
