"""An instant → the words a reader uses for it, in the reader's zone: « hier 18 h 05 », "yesterday 6:05 p.m."

French hours follow the Office québécois de la langue française (14 h 30, 7 h), English ones Canadian newspapers
(2:30 p.m., 7 a.m.). Weekdays and months come from the catalogue.
"""

from datetime import date, datetime, timedelta

from bot.alerts.clean import SPACE
from bot.alerts.when import zone_of
from bot.locales import language_of, say

LAST_DAYS = 14  # as every chart shows them


def last_days(now: datetime, timezone: str) -> tuple[tuple[date, datetime], ...]:
    """The last days of `timezone` until today, oldest first, each with the instant it begins at."""
    zone = zone_of(timezone)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(LAST_DAYS - 1, -1, -1)]
    return tuple((day, datetime(day.year, day.month, day.day, tzinfo=zone)) for day in days)


def moment(instant: datetime, now: datetime, timezone: str, language: str) -> str:
    """The day as seen from `now`, and the hour: today, yesterday, a weekday and date, or a date with its year."""
    local, today = instant.astimezone(zone_of(timezone)), now.astimezone(zone_of(timezone)).date()
    clock = hour(local, language)
    if local.date() == today:
        return say(language, "alert.today", clock=clock)
    if local.date() == today - timedelta(days=1):
        return say(language, "alert.yesterday", clock=clock)
    return say(language, "alert.that_day", day=day(local.date(), today, language), clock=clock)


def day(at: date, today: date, language: str) -> str:
    """« mardi 24 novembre », "Tuesday, November 24"; with its year and no weekday when that is another year."""
    values = {
        "weekday": say(language, "alert.weekdays").split()[at.weekday()],
        "day": say(language, "alert.first_of_month") if at.day == 1 else str(at.day),
        "month": say(language, "alert.months").split()[at.month - 1],
        "year": str(at.year),
    }
    return say(language, "alert.day" if at.year == today.year else "alert.day_of_year", **values)


def hour(local: datetime, language: str) -> str:
    """« 14 h 30 », "2:30 p.m."; whole hours drop their minutes."""
    minutes = f"{local.minute:02}" if local.minute else ""
    if language_of(language) == "fr":
        return f"{local.hour}{SPACE}h" + (f"{SPACE}{minutes}" if minutes else "")
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{local.hour % 12 or 12}" + (f":{minutes}" if minutes else "") + f"{SPACE}{half}"
