"""An alert and the moment Telegram took its first message → how long the news took since it was published.

Only what publishers say can tell when that was, and they say strange things. A date is believed when it is not later
than the moment we found the item, at most a week before it, and more than a day's name: midnight to the second in UTC
is what a date without an hour becomes. Where no outlet of the story gives such a date the lag is not known.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from bot.model import Alert, Mention

OLDEST: Final = timedelta(days=7)


def since_published(alert: Alert, told_at: datetime) -> timedelta | None:
    """From the oldest date that is believed, among the outlets that carry the story, to `told_at`."""
    dates = (_believed(mention) for mention in alert.mentions)
    return max((told_at - date for date in dates if date is not None), default=None)


def _believed(mention: Mention) -> datetime | None:
    date, found = mention.published_at, mention.found_at
    if date is None or not found - OLDEST <= date <= found or date.astimezone(UTC).time() == time():
        return None
    return date
