"""A new item's fingerprint becomes the stories it could belong to and how rare its words are; then its place.

Whoever groups holds the turn until its commit (SQLite: the one writer; PostgreSQL: an advisory lock), so that two
pollers never open two stories for one event at the same moment.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_ignoring
from bot.store.tables import story, story_item, story_key
from bot.stories.candidates import nearest, telling_keys
from bot.stories.fingerprint import Fingerprint, from_json
from bot.stories.group import MEMBERS, REMEMBERED_FOR, Candidate
from bot.stories.rarity import Rarity


async def candidates(conn: AsyncConnection, new: Fingerprint) -> tuple[list[Candidate], Rarity]:
    """What `stories.group.choose` asks for: the nearest stories remembered, and how many hold each of its keys."""
    since = new.at - REMEMBERED_FOR
    total = await conn.scalar(select(func.count()).select_from(story).where(story.c.grew_at >= since)) or 0
    counted = await conn.execute(
        select(story_key.c.key, func.count())
        .where(story_key.c.key.in_(new.keys), story_key.c.at >= since)
        .group_by(story_key.c.key)
    )
    rarity = Rarity(total, {row[0]: row[1] for row in counted})
    held = await conn.execute(
        select(story_key.c.key, story_key.c.story_id).where(
            story_key.c.key.in_(telling_keys(rarity)), story_key.c.at >= since
        )
    )
    holding: defaultdict[str, set[int]] = defaultdict(set)
    for key, story_id in held:
        holding[key].add(story_id)
    return await _candidates(conn, nearest(rarity, holding), since), rarity


async def open_story(conn: AsyncConnection, at: datetime) -> int:
    made = await conn.execute(insert(story).values(opened_at=at, grew_at=at).returning(story.c.id))
    story_id: int = made.scalar_one()
    return story_id


async def add_to_story(
    conn: AsyncConnection, story_id: int, item_id: int, new: Fingerprint, tied_by: tuple[str, ...]
) -> None:
    """The item belongs to the story from now on and can be found by its keys; `tied_by` is kept for "why"."""
    await conn.execute(update(story).where(story.c.id == story_id, story.c.grew_at < new.at).values(grew_at=new.at))
    await conn.execute(
        insert(story_item).values(
            item_id=item_id, story_id=story_id, at=new.at, fingerprint=new.to_json(), tied_by=list(tied_by)
        )
    )
    known = (story_key.c.story_id == story_id) & story_key.c.key.in_(new.keys)
    await conn.execute(update(story_key).where(known, story_key.c.at < new.at).values(at=new.at))
    keys = [{"key": key, "story_id": story_id, "at": new.at} for key in new.keys]
    if keys:
        await conn.execute(insert_ignoring(conn, story_key), keys)


async def _candidates(conn: AsyncConnection, story_ids: list[int], since: datetime) -> list[Candidate]:
    """At most MEMBERS items a story: the first and the latest. The others are not read, however many there are."""
    if not story_ids:
        return []
    by_time = (story_item.c.at, story_item.c.item_id)
    placed = (
        select(
            story_item.c.item_id,
            func.row_number().over(partition_by=story_item.c.story_id, order_by=by_time).label("nth"),
            func.row_number()
            .over(partition_by=story_item.c.story_id, order_by=[column.desc() for column in by_time])
            .label("nth_last"),
        )
        .where(story_item.c.story_id.in_(story_ids), story_item.c.at >= since)
        .subquery()
    )
    rows = await conn.execute(
        select(story_item.c.story_id, story.c.opened_at, story_item.c.fingerprint)
        .join(placed, placed.c.item_id == story_item.c.item_id)
        .join(story, story.c.id == story_item.c.story_id)
        .where(or_(placed.c.nth == 1, placed.c.nth_last < MEMBERS))
        .order_by(*by_time)
    )
    items: defaultdict[int, list[Fingerprint]] = defaultdict(list)
    opened: dict[int, datetime] = {}
    for story_id, opened_at, stored in rows:
        items[story_id].append(from_json(stored))
        opened[story_id] = opened_at
    return [Candidate(story_id, opened[story_id], tuple(held)) for story_id, held in items.items()]
