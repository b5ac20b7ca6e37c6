"""The tables become the counts that /etat, the status page and the metrics show: never a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Counts, Overview
from bot.store.feeds import feeds_health
from bot.store.tables import alert, alert_topic, chat, delivery, feed, item, subscription

CHATS = select(chat.c.state, func.count()).group_by(chat.c.state)
QUEUE = select(delivery.c.state, func.count()).group_by(delivery.c.state)
OLDEST_DUE = select(func.min(delivery.c.not_before)).where(delivery.c.not_before.is_not(None))
SUBSCRIPTIONS = select(subscription.c.topic, func.count()).group_by(subscription.c.topic)


async def counts(conn: AsyncConnection, now: datetime) -> Counts:
    """How things stand at `now` in a few rows, however many feeds, chats and deliveries there are."""
    asked = and_(feed.c.enabled.is_(True), feed.c.gone_at.is_(None), feed.c.merged_into.is_(None))
    cause = case((asked, case((feed.c.failures > 0, feed.c.cause))))  # NULL: it is well, or not asked
    known = or_(feed.c.enabled.is_(True), feed.c.gone_at.is_not(None))
    groups = select(asked.label("asked"), cause.label("fails_for"), func.count().label("n")).where(known)
    health, causes = {"well": 0, "failing": 0, "disabled": 0}, dict[str, int]()
    for row in await conn.execute(groups.group_by(text("asked"), text("fails_for"))):
        health["disabled" if not row.asked else "well" if row.fails_for is None else "failing"] += row.n
        if row.fails_for is not None:
            causes[row.fails_for] = row.n
    return Counts(
        feeds=health,
        causes=causes,
        chats=await _counts(conn, CHATS),
        queue=await _counts(conn, QUEUE),
        oldest_due_at=await conn.scalar(OLDEST_DUE),
        subscriptions=await _counts(conn, SUBSCRIPTIONS),
        taken_at=now,
    )


async def overview(conn: AsyncConnection, now: datetime) -> Overview:
    """How things stand at `now`; "today" is the last 24 hours."""
    day = now - timedelta(days=1)
    return Overview(
        feeds=await feeds_health(conn, now),
        chats=await _counts(conn, CHATS),
        queue=await _counts(conn, QUEUE),
        oldest_due_at=await conn.scalar(OLDEST_DUE),
        alerts_today=await conn.scalar(select(func.count()).where(alert.c.raised_at >= day)) or 0,
        items_today=await conn.scalar(select(func.count()).where(item.c.found_at >= day)) or 0,
        uncertain_total=await conn.scalar(select(func.count()).where(delivery.c.lost > 0)) or 0,
        taken_at=now,
        subscriptions=await _counts(conn, SUBSCRIPTIONS),
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
