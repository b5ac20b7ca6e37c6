"""What a machine was asked to write and what came of it: the cache, and the count that keeps to the day's limits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import machine_summary

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Written:
    """`text` "" with the `cause` why there is none, or with neither while another process asks."""

    text: str
    cause: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """Per 24 hours: requests, and tokens in all."""

    requests: int
    tokens: int


async def written(conn: AsyncConnection, key: str) -> Written | None:
    """What came of an article that was asked for before."""
    found = select(machine_summary.c.text, machine_summary.c.cause).where(machine_summary.c.key == key)
    row = (await conn.execute(found)).one_or_none()
    return Written(row.text, row.cause) if row else None


async def reserve(conn: AsyncConnection, key: str, tokens: int, allowance: Allowance, now: datetime) -> bool:
    """Whether one more request may be made; its row is written first, so that a crash in the call counts it too."""
    spent = select(func.count(), func.coalesce(func.sum(machine_summary.c.tokens), 0))
    requests, used = (await conn.execute(spent.where(machine_summary.c.asked_at > now - A_DAY))).one()
    if requests >= allowance.requests or used + tokens > allowance.tokens:
        return False
    await conn.execute(insert(machine_summary).values(key=key, asked_at=now, tokens=tokens, text="", cause=""))
    return True


async def settle(conn: AsyncConnection, key: str, tokens: int, text: str, cause: str) -> None:
    """What came of it; `tokens` as the endpoint counted them, 0 leaves what was reserved."""
    values: dict[str, object] = {"text": text, "cause": cause} | ({"tokens": tokens} if tokens else {})
    await conn.execute(update(machine_summary).where(machine_summary.c.key == key).values(values))


async def forget_summaries(conn: AsyncConnection, before: datetime) -> int:
    """Those asked for before then; how many went."""
    return (await conn.execute(delete(machine_summary).where(machine_summary.c.asked_at < before))).rowcount
