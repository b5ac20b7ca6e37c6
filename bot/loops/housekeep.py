"""What is older than its time is forgotten: items, seen-marks, settled deliveries, handled updates."""

from datetime import datetime, timedelta

from bot.settings import Settings
from bot.store import deliveries, items, updates
from bot.store.database import Database

UPDATES_KEPT = timedelta(days=2)  # Telegram itself forgets updates after 24 hours (Bot API, getUpdates)


async def housekeep(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """One transaction a kind, so that writers wait little; returns how many rows went."""
    gone: dict[str, int] = {}
    async with database.write() as conn:
        before = now - timedelta(days=settings.keep_deliveries_days)
        gone["deliveries"] = await deliveries.forget_deliveries(conn, before)
    async with database.write() as conn:
        gone["items"] = await items.forget_items(conn, now - timedelta(days=settings.keep_items_days))
    async with database.write() as conn:
        gone["seen"] = await items.forget_seen(conn, now - timedelta(days=settings.keep_seen_days))
    async with database.write() as conn:
        gone["updates"] = await updates.forget_updates(conn, now - UPDATES_KEPT)
    return gone
