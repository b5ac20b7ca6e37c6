"""Words become the stored items that hold them all, newest first, with the alert each was told by.

A plain LIKE on words that were folded when the item was stored, the same on both engines: the newest matches end the
scan early, and a word that stands nowhere among 100,000 items costs about 0.2 s (benchmarks/bench_search.py).
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Item
from bot.store.items import read_item
from bot.store.tables import alert, alert_topic, item, story_item


async def find_items(
    conn: AsyncConnection, words: Sequence[str], limit: int, before: int | None
) -> list[tuple[Item, int | None]]:
    """Items whose title and summary hold words that begin with all of `words`, with an id below `before` when given.

    `words` are folded, of letters and digits alone (text/search). The alert is None where nothing was told of a topic:
    what somebody's own keyword brought them is nobody else's business.
    """
    query = select(item).where(*(item.c.search_text.contains(f" {word}", autoescape=True) for word in words))
    if before is not None:
        query = query.where(item.c.id < before)
    rows = (await conn.execute(query.order_by(item.c.id.desc()).limit(limit))).all()
    told = await conn.execute(
        select(story_item.c.item_id, alert.c.id)
        .join(alert, alert.c.story_id == story_item.c.story_id)
        .where(
            story_item.c.item_id.in_([row.id for row in rows]),
            select(alert_topic.c.topic).where(alert_topic.c.alert_id == alert.c.id).exists(),
        )
    )
    alert_of = {row.item_id: row.id for row in told}
    return [(read_item(row), alert_of.get(row.id)) for row in rows]
