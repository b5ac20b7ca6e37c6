"""What is older than its time is forgotten, and what must survive an accident is copied: hourly, in small commits.

kind                             how long                            where it is decided
items, their stories and alerts  GUETTEUR_KEEP_ITEMS_DAYS            settings
summaries written by a machine   the same                            settings
seen-marks                       GUETTEUR_KEEP_SEEN_DAYS             settings: they outlive items
deliveries that are settled      GUETTEUR_KEEP_DELIVERIES_DAYS       settings; open ones stay however old
broadcasts, and who got them     GUETTEUR_KEEP_DELIVERIES_DAYS       settings
backups, one a night             GUETTEUR_KEEP_BACKUPS_DAYS          settings; SQLite alone
updates of Telegram              two days                            it forgets them itself after one
messages that may be edited      GUETTEUR_EDIT_HOURS                 loops/grow
notices                          a week after their end              loops/notices
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.alerts.when import zone_of
from bot.settings import Settings
from bot.store import broadcasts, deliveries, items, summaries, updates
from bot.store.backup import back_up_daily
from bot.store.database import Connection, Database

UPDATES_KEPT = timedelta(days=2)  # Telegram itself forgets updates after 24 hours (Bot API, getUpdates)
NIGHT_ENDS = 3  # o'clock: the backup of a day is made after it, when few are awake

Forgets = Callable[[Connection, datetime], Awaitable[int]]


async def housekeep(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """Returns how many rows of each kind went. Raises StoreUnavailable; the next hour goes on."""
    kept: dict[str, tuple[Forgets, timedelta]] = {
        "deliveries": (deliveries.forget_deliveries, timedelta(days=settings.keep_deliveries_days)),
        "items": (items.forget_items, timedelta(days=settings.keep_items_days)),
        "summaries": (summaries.forget_summaries, timedelta(days=settings.keep_items_days)),
        "seen": (items.forget_seen, timedelta(days=settings.keep_seen_days)),
        "broadcasts": (broadcasts.forget_broadcasts, timedelta(days=settings.keep_deliveries_days)),
        "updates": (updates.forget_updates, UPDATES_KEPT),
    }
    gone = {kind: await _forget(database, forget, now - age) for kind, (forget, age) in kept.items()}
    await database.forget_pages()
    local = now.astimezone(zone_of(settings.timezone))
    if database.is_sqlite and settings.keep_backups_days and local.hour >= NIGHT_ENDS:
        await back_up_daily(database, local.date(), settings.keep_backups_days)
    return gone


async def _forget(database: Database, forget: Forgets, before: datetime) -> int:
    """A chunk a commit until nothing is left, so that writers wait little."""
    gone = 0
    while True:
        async with database.write() as conn:
            chunk = await forget(conn, before)
        if not chunk:
            return gone
        gone += chunk
