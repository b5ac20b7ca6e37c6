"""Settings and tables become the pages of the web server that show the bot's work: where `ops` meets `store`.

Each page reads in one go and keeps nothing. The health pages and the hooks of Telegram and the hubs stand elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.alerts.dates import last_days
from bot.alerts.render import TopicLabel
from bot.app import App, utc_now
from bot.model import Alert
from bot.ops.status import status_routes
from bot.ops.status_page import Status
from bot.ops.syndicate import feed_routes
from bot.store import alerts, notices
from bot.store.database import Database
from bot.store.overview import alerts_per_day, overview

LATEST = 12
IN_A_FEED = 40


def open_pages(app: App) -> None:
    """Adds them to the web server that is about to start."""
    settings = app.settings

    async def load() -> Status:
        return await read_status(app.database, app.config.labels, settings.timezone, utc_now())

    async def latest(topic: str) -> tuple[Alert, ...]:
        async with app.database.read() as conn:
            return await alerts.latest(conn, (topic,), IN_A_FEED, None)

    app.routes += status_routes(settings.status_token.get_secret_value(), load, settings.language, settings.timezone)
    if settings.feeds_out == "on":
        app.routes += feed_routes(latest, lambda: app.config.labels, settings.webhook_url, settings.language)


async def read_status(database: Database, topics: Mapping[str, TopicLabel], timezone: str, now: datetime) -> Status:
    """How things stand at `now`. Days are those of `timezone`."""
    days, edges = zip(*last_days(now, timezone), strict=True)
    async with database.read() as conn:
        return Status(
            overview=await overview(conn, now),
            notices=await notices.open_notices(conn),
            days=days,
            per_day=await alerts_per_day(conn, edges),
            latest=await alerts.newest(conn, LATEST),
            topics=topics,
        )
