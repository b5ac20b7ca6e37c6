"""A name that only one process may use at a time (the token, a role) becomes a row with an end."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import StoreUnavailable, insert_ignoring, shared_now
from bot.store.tables import lease


async def hold(conn: AsyncConnection, name: str, owner: str, now: datetime, length: timedelta) -> str | None:
    """Takes or renews `name` for `owner`; None when it is ours, else who holds it.

    The write transaction around it makes the look and the taking one step on both engines. Time is `shared_now`: a
    machine whose clock is ahead takes nothing early.
    """
    now = await shared_now(conn, now)
    await conn.execute(insert_ignoring(conn, lease).values(name=name, owner=owner, until=now + length))
    done = await conn.execute(
        lease.update()
        .where(lease.c.name == name, (lease.c.owner == owner) | (lease.c.until < now))
        .values(owner=owner, until=now + length)
    )
    if done.rowcount:
        return None
    return str((await conn.execute(select(lease.c.owner).where(lease.c.name == name))).scalar_one())


async def let_go(conn: AsyncConnection, name: str, owner: str) -> None:
    """A clean stop hands the name over at once."""
    await conn.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))


class LeaseLost(StoreUnavailable):
    """Another process has what this one thought it had: nothing more may be done in its name."""


async def expect_ours(conn: AsyncConnection, name: str, owner: str) -> None:
    """Raises LeaseLost unless `name` is `owner`'s; whoever takes it over waits until this transaction ends."""
    mine = select(lease.c.owner).where(lease.c.name == name, lease.c.owner == owner).with_for_update(read=True)
    if (await conn.execute(mine)).one_or_none() is None:
        raise LeaseLost(f"{name.partition(':')[0]}: another process has taken over")
