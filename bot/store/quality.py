"""Stored verdicts and thumbs come back for those who tend the terms: what counted, and what people thought of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.opinion import BAD, GOOD
from bot.model import Verdict
from bot.store.items import read_verdict
from bot.store.tables import alert, item, item_topic, vote
from bot.topics.quality import Judged

MOST = 20_000  # rows read at once


async def verdicts_since(conn: AsyncConnection, topic: str, since: datetime) -> Sequence[Sequence[Verdict]]:
    """The verdicts of the items found since then in which something spoke for the topic."""
    rows = await conn.execute(
        select(item.c.verdicts)
        .join(item_topic, item_topic.c.item_id == item.c.id)
        .where(item_topic.c.topic == topic, item.c.found_at >= since)
        .limit(MOST)
    )
    return [[read_verdict(stored) for stored in verdicts] for verdicts in rows.scalars()]


async def judged_since(conn: AsyncConnection, since: datetime) -> Sequence[Judged]:
    """The alerts that got thumbs since then, with how many of each."""
    good, bad = (func.sum(case((vote.c.value == value, 1), else_=0)) for value in (GOOD, BAD))
    counted = (
        select(vote.c.alert_id, good.label("good"), bad.label("bad"))
        .where(vote.c.at >= since)
        .group_by(vote.c.alert_id)
        .subquery()
    )
    rows = await conn.execute(
        select(item.c.verdicts, item.c.outlet, counted.c.good, counted.c.bad)
        .join(alert, alert.c.item_id == item.c.id)
        .join(counted, counted.c.alert_id == alert.c.id)
        .limit(MOST)
    )
    return [
        Judged([read_verdict(stored) for stored in row.verdicts], row.outlet, int(row.good), int(row.bad))
        for row in rows
    ]
