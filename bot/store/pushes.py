"""Subscriptions to hubs become rows: asked for, verified, renewed; and what a hub brought is kept like a poll's.

A hub is believed by its deeds: a feed is polled slowly only once its hub has brought something new (`pushed_until`),
and as before from the moment a poll finds something that the hub did not bring.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring
from bot.store.tables import feed, push


@dataclass(frozen=True, slots=True)
class Push:
    """A subscription. `path`: the callback's own part, known to the hub alone; `asks`: open requests, 0 for none."""

    feed_id: str
    hub: str
    topic: str
    path: str
    secret: str
    asks: int
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a pushed body leaves on its feed."""

    feed_id: str
    bytes_read: int
    new_items: int
    matched_items: int
    memory: Mapping[str, Any]


async def want_push(conn: AsyncConnection, feed_id: str, hub: str, topic: str, base: str, now: datetime) -> None:
    """The feed names this hub: ask it, unless it was asked already. A new hub, topic or address of ours starts anew."""
    named = {"hub": hub, "topic": topic, "base": base}
    mine = (await conn.execute(select(push).where(push.c.feed_id == feed_id))).one_or_none()
    if mine is not None and (mine.hub, mine.topic, mine.base) == (hub, topic, base):
        return
    fresh = {"path": secrets.token_urlsafe(24), "secret": secrets.token_urlsafe(32)}
    values = {**named, **fresh, "ask_at": now, "asks": 0, "lease_until": None}
    if mine is None:
        await conn.execute(insert_ignoring(conn, push).values(feed_id=feed_id, **values))
        return
    await conn.execute(update(push).where(push.c.feed_id == feed_id).values(values))
    await distrust(conn, feed_id)


async def start_pushes(conn: AsyncConnection, base: str, now: datetime) -> None:
    """The bot starts: what was pushed while it was away is polled for now, and hubs learn our address if it changed.

    Without an address (`base` empty) no hub reaches us, and every feed is polled as usual.
    """
    await conn.execute(update(feed).where(feed.c.pushed_until.is_not(None)).values(next_poll_at=now))
    moved = select(push.c.feed_id).where(push.c.base != base)
    await conn.execute(update(feed).where(feed.c.id.in_(moved)).values(pushed_until=None))
    if base:
        await conn.execute(update(push).where(push.c.base != base).values(base=base, ask_at=now, lease_until=None))


async def claim_asks(
    conn: AsyncConnection, now: datetime, again: Callable[[int], timedelta], limit: int
) -> Sequence[Push]:
    """Subscriptions to ask for now; the n-th request is followed by another after `again(n)`, unless it is verified."""
    polled = (feed.c.enabled.is_(True), feed.c.gone_at.is_(None), feed.c.merged_into.is_(None))
    due = (
        select(push)
        .join(feed, feed.c.id == push.c.feed_id)
        .where(push.c.ask_at <= now, *polled)
        .order_by(push.c.ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=push)
    )
    rows = (await conn.execute(due)).all()
    if rows:
        mine, ask_at = push.c.feed_id == bindparam("row_id"), bindparam("at", type_=push.c.ask_at.type)
        asked = update(push).where(mine).values(asks=push.c.asks + 1, ask_at=ask_at)
        await conn.execute(asked, [{"row_id": row.feed_id, "at": now + again(row.asks + 1)} for row in rows])
    return [_push(row) for row in rows]


async def find_push(conn: AsyncConnection, path: str) -> Push | None:
    """The subscription whose callback this is; None for a path we never gave out, or of a feed that is off."""
    polled = (feed.c.enabled.is_(True), feed.c.gone_at.is_(None), feed.c.merged_into.is_(None))
    one = select(push).join(feed, feed.c.id == push.c.feed_id).where(push.c.path == path, *polled)
    row = (await conn.execute(one)).one_or_none()
    return None if row is None else _push(row)


async def verify_push(conn: AsyncConnection, feed_id: str, lease_until: datetime, renew_at: datetime) -> None:
    """The hub has agreed. A feed that it had proved to push stays trusted."""
    values = {"lease_until": lease_until, "ask_at": renew_at, "asks": 0}
    await conn.execute(update(push).where(push.c.feed_id == feed_id).values(values))
    trusted = (feed.c.id == feed_id, feed.c.pushed_until.is_not(None))
    await conn.execute(update(feed).where(*trusted).values(pushed_until=lease_until))


async def deny_push(conn: AsyncConnection, feed_id: str, ask_at: datetime) -> None:
    """The hub has refused, or ended what it granted (§ 5.2)."""
    await conn.execute(update(push).where(push.c.feed_id == feed_id).values(lease_until=None, ask_at=ask_at))
    await distrust(conn, feed_id)


async def distrust(conn: AsyncConnection, feed_id: str) -> None:
    """A poll found what the hub did not bring: polled as usual until the hub brings something again."""
    await conn.execute(update(feed).where(feed.c.id == feed_id).values(pushed_until=None))


async def record_push(conn: AsyncConnection, brought: Brought, next_poll_at: datetime, now: datetime) -> None:
    """Commits with the items it brought. Validators stay those of the last poll: a hub's body is not the feed's."""
    values: dict[str, Any] = {
        "lease_until": None,
        "holder": "",
        "next_poll_at": next_poll_at,
        "pushes": feed.c.pushes + 1,
        "bytes_read": feed.c.bytes_read + brought.bytes_read,
        "memory": dict(brought.memory),
        "items_total": feed.c.items_total + brought.new_items,
        "items_matched": feed.c.items_matched + brought.matched_items,
    }
    if brought.new_items:
        lease = select(push.c.lease_until).where(push.c.feed_id == brought.feed_id).scalar_subquery()
        values |= {"last_new_at": now, "pushed_until": lease}
    await conn.execute(update(feed).where(feed.c.id == brought.feed_id).values(values))


async def give_back(conn: AsyncConnection, feed_id: str, now: datetime) -> None:
    """What was brought could not be read: the feed that was claimed for it is polled at once instead."""
    await conn.execute(update(feed).where(feed.c.id == feed_id).values(lease_until=None, next_poll_at=now))


def _push(row: Row[Any]) -> Push:
    return Push(row.feed_id, row.hub, row.topic, row.path, row.secret, row.asks, row.lease_until)
