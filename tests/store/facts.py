"""Facts that store tests start from, each committed as the program would."""

from datetime import datetime
from typing import Any

from bot.model import Chat, ChatKind, Fate, FeedSpec, Field, Item, Reason, SourceClass, Verdict
from bot.store import alerts, chats, deliveries, feeds, items
from bot.store.database import Database
from bot.store.tables import story, story_item
from bot.text.search import searchable

FEED = FeedSpec("le-courrier", "https://courrier.example/rss", "Le Courrier", "fr")
REASON = Reason("immigration", "permis de travail", Field.TITLE, "permis de travail", 1.0, 4, 21)


def item(now: datetime, key: str = "k1", **changes: object) -> Item:
    values: dict[str, Any] = {
        "id": 0,
        "feed_id": FEED.id,
        "outlet": FEED.outlet,
        "source_class": SourceClass.PRESS,
        "key": key,
        "url": f"https://courrier.example/{key}",
        "title": "Des permis de travail plus longs",
        "summary": "Le gouvernement prolonge les permis.",
        "body": "",
        "lang": "fr",
        "published_at": now,
        "found_at": now,
        "fate": Fate.ALERTED,
        "verdicts": (Verdict("immigration", 1.0, 1.0, True, (REASON,)),),
        "digest": "Le gouvernement prolonge les permis.",
    }
    return Item(**{**values, **changes})


async def add_feed(database: Database, now: datetime, spec: FeedSpec = FEED) -> None:
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [spec], now)


async def add_chat(database: Database, chat_id: int, now: datetime, topics: tuple[str, ...] = ("immigration",)) -> None:
    async with database.write() as conn:
        kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP
        await chats.add_chat(conn, Chat(chat_id, kind), "", 0, now)
        for topic in topics:
            await chats.follow(conn, chat_id, topic, now)


async def tell(database: Database, now: datetime, key: str = "k1", **changes: object) -> tuple[int, int]:
    """An item, its story, its alert and the deliveries; returns the alert's id and the number of deliveries."""
    new = item(now, key, **changes)
    async with database.write() as conn:
        item_id = await items.add_item(conn, new, new.url, searchable(new.title))
        made = await conn.execute(story.insert().values(opened_at=now, grew_at=now).returning(story.c.id))
        story_id = made.scalar_one()
        await conn.execute(
            story_item.insert().values(item_id=item_id, story_id=story_id, at=now, fingerprint={}, tied_by=[])
        )
        alert_id = await alerts.raise_alert(conn, story_id, item_id, [v.topic for v in new.verdicts], 1.0, now)
        return alert_id, await deliveries.address(conn, alert_id, now, now)
