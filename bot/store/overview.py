"""The tables become the counts that /etat, the status page and the metrics show: never a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Overview
from bot.store.feeds import feeds_health
from bot.store.tables import alert, alert_topic, chat, delivery, item, subscription


async def overview(conn: AsyncConnection, now: datetime) -> Overview:
    """How things stand at `now`; "today" is the last 24 hours."""
    day = now - timedelta(days=1)
    open_since = select(func.min(delivery.c.not_before)).where(delivery.c.not_before.is_not(None))
    return Overview(
        feeds=await feeds_health(conn, now),
        chats=await _counts(conn, select(chat.c.state, func.count()).group_by(chat.c.state)),
        queue=await _counts(conn, select(delivery.c.state, func.count()).group_by(delivery.c.state)),
        oldest_due_at=await conn.scalar(open_since),
        alerts_today=await conn.scalar(select(func.count()).where(alert.c.raised_at >= day)) or 0,
        items_today=await conn.scalar(select(func.count()).where(item.c.found_at >= day)) or 0,
        uncertain_total=await conn.scalar(select(func.count()).where(delivery.c.lost > 0)) or 0,
        taken_at=now,
        subscriptions=await _counts(conn, select(subscription.c.topic, func.count()).group_by(subscription.c.topic)),
    )


async def alerts_per_day(conn: AsyncConnection, edges: Sequence[datetime]) -> Mapping[str, tuple[int, ...]]:
    """Alerts by topic between each of `edges`, oldest first, and the next; after the last, until now."""
    numbered = [(alert.c.raised_at >= edge, at) for at, edge in enumerate(edges)]
    bucket = case(*reversed(numbered), else_=-1).label("bucket")
    query = select(alert_topic.c.topic, bucket, func.count()).join(alert).where(alert.c.raised_at >= edges[0])
    found: dict[str, list[int]] = {}
    for topic, at, count in await conn.execute(query.group_by(alert_topic.c.topic, text("bucket"))):
        found.setdefault(topic, [0] * len(edges))[at] = count
    return {topic: tuple(counts) for topic, counts in found.items()}


async def _counts(conn: AsyncConnection, query: Select[str, int]) -> Mapping[str, int]:
    return {row[0]: row[1] for row in await conn.execute(query)}
