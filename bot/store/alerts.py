"""A story that is told becomes an alert; alerts come back whole, with every outlet that carries the story."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert, Mention, Reason, SourceClass
from bot.store.items import read_verdict
from bot.store.tables import alert, alert_topic, item, story_item

MENTIONS = 12  # outlets a message may name


async def raise_alert(
    conn: AsyncConnection, story_id: int, item_id: int, topics: Sequence[str], score: float, now: datetime
) -> int:
    """One alert a story (UNIQUE holds it), of no topic when only people's own keywords stand in it; returns its id."""
    values = {"story_id": story_id, "item_id": item_id, "topics": list(topics), "score": score, "raised_at": now}
    alert_id: int = (await conn.execute(insert(alert).values(values).returning(alert.c.id))).scalar_one()
    if topics:
        await conn.execute(insert(alert_topic), [{"alert_id": alert_id, "topic": topic} for topic in topics])
    return alert_id


async def alert_of_story(conn: AsyncConnection, story_id: int) -> int | None:
    found: int | None = (
        await conn.execute(select(alert.c.id).where(alert.c.story_id == story_id))
    ).scalar_one_or_none()
    return found


async def topics_of(conn: AsyncConnection, alert_id: int) -> tuple[str, ...]:
    """The topics an alert was told under."""
    found = await conn.execute(select(alert_topic.c.topic).where(alert_topic.c.alert_id == alert_id))
    return tuple(found.scalars())


async def add_topics(conn: AsyncConnection, alert_id: int, topics: Sequence[str]) -> None:
    """A later report shows that the story is about these too."""
    before: list[str] = (await conn.execute(select(alert.c.topics).where(alert.c.id == alert_id))).scalar_one()
    await conn.execute(update(alert).where(alert.c.id == alert_id).values(topics=[*before, *topics]))
    await conn.execute(insert(alert_topic), [{"alert_id": alert_id, "topic": topic} for topic in topics])


async def note_told(conn: AsyncConnection, ids: Iterable[int], at: datetime) -> frozenset[int]:
    """Messages that tell these arrived at `at`; returns those that nobody had been told before."""
    first = update(alert).where(alert.c.id.in_(sorted(ids)), alert.c.told_at.is_(None)).values(told_at=at)
    return frozenset((await conn.execute(first.returning(alert.c.id))).scalars())


async def alerts_by_id(conn: AsyncConnection, ids: Iterable[int]) -> Mapping[int, Alert]:
    """Alerts with the outlets of their story, the speaking item first, then in the order they came."""
    wanted = sorted(set(ids))
    speaking = await conn.execute(
        select(alert, item)
        .join(item, item.c.id == alert.c.item_id)
        .where(alert.c.id.in_(wanted))
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )
    rows = {row.alert_id: row for row in speaking}
    carried = await conn.execute(
        select(alert.c.id.label("alert_id"), item)
        .join(story_item, story_item.c.story_id == alert.c.story_id)
        .join(item, item.c.id == story_item.c.item_id)
        .where(alert.c.id.in_(wanted))
        .order_by(story_item.c.at, story_item.c.item_id)
    )
    mentions: dict[int, list[tuple[int, Mention]]] = {}
    for row in carried:
        mentions.setdefault(row.alert_id, []).append((row.id, _mention(row)))
    return {alert_id: _read(row, mentions.get(alert_id, [])) for alert_id, row in rows.items()}


async def latest(conn: AsyncConnection, topics: Sequence[str], limit: int, before: int | None) -> tuple[Alert, ...]:
    """Newest alerts of any of `topics`, with an id below `before` when given."""
    query = select(alert.c.id).join(alert_topic).where(alert_topic.c.topic.in_(topics)).distinct()
    if before is not None:
        query = query.where(alert.c.id < before)
    ids = list((await conn.execute(query.order_by(alert.c.id.desc()).limit(limit))).scalars())
    found = await alerts_by_id(conn, ids)
    return tuple(found[alert_id] for alert_id in ids)


async def newest(conn: AsyncConnection, limit: int) -> tuple[Alert, ...]:
    """The newest alerts of all."""
    ids = list((await conn.execute(select(alert.c.id).order_by(alert.c.id.desc()).limit(limit))).scalars())
    found = await alerts_by_id(conn, ids)
    return tuple(found[alert_id] for alert_id in ids)


def _read(row: Row[Any], mentions: list[tuple[int, Mention]]) -> Alert:
    speaking = [mention for item_id, mention in mentions if item_id == row.alert_item_id]
    others = [mention for item_id, mention in mentions if item_id != row.alert_item_id]
    reasons: list[Reason] = []
    for verdict in map(read_verdict, row.item_verdicts):
        if verdict.topic in row.alert_topics:
            reasons.extend(verdict.reasons)
    return Alert(
        id=row.alert_id,
        story_id=row.alert_story_id,
        title=row.item_title,
        url=row.item_url,
        summary=row.item_digest,
        lang=row.item_lang,
        topics=tuple(row.alert_topics),
        reasons=tuple(reasons),
        score=row.alert_score,
        mentions=tuple(speaking + others)[:MENTIONS],
        raised_at=row.alert_raised_at,
    )


def _mention(row: Row[Any]) -> Mention:
    return Mention(
        row.outlet,
        SourceClass(row.source_class),
        row.title,
        row.url,
        row.published_at,
        row.found_at,
        row.digest,
        row.lang,
        row.paywalled,
        row.machine_written,
    )
