"""A press on the rhythm screens becomes another Rhythm; a Rhythm becomes words and the screens to change it.

Every button says the state it leads to ("add 7:00", never "flip 7:00"), so that a press delivered twice has one effect.
A forged argument gives None: nothing changes. Pure.
"""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import available_timezones

from bot.alerts import dates
from bot.alerts.when import zone_of
from bot.locales import say
from bot.model import Button, Chat, Rhythm
from bot.telegram.keyboards import Rows
from bot.telegram.reply import Screen, key, lines, page, rows_of

HOURS = (time(6), time(7), time(8), time(9), time(12), time(15), time(16, 30), time(18), time(20))
DIGEST = Rhythm(digest_hours=(time(7), time(12), time(16, 30)))
WEEKLY = Rhythm(digest_hours=(time(7),), digest_weekdays=(0,))
QUIET = ((time(20), time(8)), (time(21), time(7)), (time(22), time(7)), (time(23), time(6)))
DAYS_OFF = ((5, 6), (6,))
CEILINGS = (3, 5, 10, 20)
ZONES = (
    "America/St_Johns",
    "America/Halifax",
    "America/Toronto",
    "America/Winnipeg",
    "America/Edmonton",
    "America/Vancouver",
    "Europe/Paris",
)


def rhythm_after(rhythm: Rhythm, args: tuple[str, ...]) -> Rhythm | None:
    """The rhythm a press leads to; None when its arguments mean nothing."""
    match args:
        case ("now",):
            return replace(rhythm, digest_hours=(), digest_weekdays=())
        case ("digest",):
            return replace(rhythm, digest_hours=rhythm.digest_hours or DIGEST.digest_hours, digest_weekdays=())
        case ("weekly",):
            hours = rhythm.digest_hours[:1] or WEEKLY.digest_hours
            return replace(rhythm, digest_hours=hours, digest_weekdays=rhythm.digest_weekdays[:1] or (0,))
        case ("add", packed) if (hour := _time(packed)) is not None:
            return replace(rhythm, digest_hours=tuple(sorted({*rhythm.digest_hours, hour})))
        case ("drop", packed) if (hour := _time(packed)) is not None:
            left = tuple(kept for kept in rhythm.digest_hours if kept != hour)
            return replace(rhythm, digest_hours=left or rhythm.digest_hours)  # a digest has an hour at least
        case ("day", digit) if (days := _days(digit)) and rhythm.digest_hours:
            return replace(rhythm, digest_weekdays=days[:1])
        case ("quiet", "none"):
            return replace(rhythm, quiet_from=None, quiet_to=None, silent_when_quiet=False)
        case ("quiet", start, end) if (since := _time(start)) is not None and (until := _time(end)) is not None:
            return replace(rhythm, quiet_from=since, quiet_to=until)
        case ("sound", "off"):
            return replace(rhythm, silent_when_quiet=rhythm.quiet_from is not None)
        case ("sound", "wait"):
            return replace(rhythm, silent_when_quiet=False)
        case ("off", "none"):
            return replace(rhythm, days_off=())
        case ("off", digits) if (days := _days(digits)) and len(days) < 7:
            return replace(rhythm, days_off=days)
        case ("cap", digits) if digits.isascii() and digits.isdecimal() and len(digits) < 4:
            return replace(rhythm, hourly_ceiling=int(digits))
    return None


def known_zone(name: str) -> bool:
    """Whether a time zone exists; a person may type any."""
    return name in available_timezones()


# In words.


def in_words(chat: Chat) -> tuple[str, ...]:
    """The rhythm of a chat, a line each: when, quiet hours, days off, ceiling; what is not set says nothing."""
    rhythm, language = chat.rhythm, chat.language
    quiet = ""
    if rhythm.quiet_from is not None and rhythm.quiet_to is not None:
        word = "chat.quiet_silent" if rhythm.silent_when_quiet else "chat.quiet_waits"
        quiet = say(language, word, since=_hour(rhythm.quiet_from, language), until=_hour(rhythm.quiet_to, language))
    off = say(language, "chat.days_off", days=_named_days(rhythm.days_off, language)) if rhythm.days_off else ""
    cap = say(language, "chat.ceiling", n=rhythm.hourly_ceiling) if rhythm.hourly_ceiling else ""
    return tuple(line for line in (when_words(rhythm, language), quiet, off, cap) if line)


def when_words(rhythm: Rhythm, language: str, words: str = "when", **values: object) -> str:
    """At once, at which hours, or on which day of the week; `words`: the sentences of the catalogue that say it."""
    if not rhythm.digest_hours:
        return say(language, f"chat.{words}_now", **values)
    hours = listed([_hour(hour, language) for hour in sorted(rhythm.digest_hours)], language)
    if rhythm.digest_weekdays:
        days = _named_days(rhythm.digest_weekdays, language)
        return say(language, f"chat.{words}_weekly", days=days, hours=hours, **values)
    return say(language, f"chat.{words}_digest", hours=hours, **values)


def listed(words: list[str], language: str) -> str:
    """« a, b et c », "a, b and c"."""
    *first, last = words
    return say(language, "chat.list_and", first=", ".join(first), last=last) if first else last


def _named_days(days: tuple[int, ...], language: str) -> str:
    names = say(language, "alert.weekdays").split()
    return listed([names[day] for day in sorted(days)], language)


def _hour(at: time, language: str) -> str:
    return dates.hour(datetime(2000, 1, 1, at.hour, at.minute, tzinfo=UTC), language)


# Screens.


def rhythm_screen(chat: Chat, now: datetime) -> Screen:
    """When alerts come, and the doors to the finer choices."""
    rhythm, language = chat.rhythm, chat.language
    weekly, digest = bool(rhythm.digest_weekdays), bool(rhythm.digest_hours)
    modes = (
        key(radio(not digest, say(language, "chat.key_now")), "r", "now"),
        key(radio(digest and not weekly, say(language, "chat.key_digest")), "r", "digest"),
        key(radio(weekly, say(language, "chat.key_weekly")), "r", "weekly"),
    )
    finer = [key(say(language, f"chat.key_{name}"), "g", name) for name in ("quiet", "off", "cap", "zone")]
    body = page(say(language, "chat.rhythm_title"), lines(*in_words(chat)), clock(chat, now))
    buttons = (modes, *hour_keys(rhythm, language, "r"), *rows_of(finer, 2), (_back(language, "home"),))
    return Screen(body, buttons)


def hour_keys(rhythm: Rhythm, language: str, *data: str) -> Rows:
    """The days and hours of a digest to choose from; nothing for what is told at once. `data` opens each button's."""
    if not rhythm.digest_hours:
        return ()
    names = say(language, "alert.weekdays").split()
    week = range(7) if rhythm.digest_weekdays else ()
    days = [key(radio(day in rhythm.digest_weekdays, names[day][:3]), *data, "day", day) for day in week]
    hours = [
        key(
            _box(hour in rhythm.digest_hours, _hour(hour, language)),
            *data,
            "drop" if hour in rhythm.digest_hours else "add",
            _packed(hour),
        )
        for hour in sorted({*HOURS, *rhythm.digest_hours})
    ]
    return (*rows_of(days, 7), *rows_of(hours, 3))


def quiet_screen(chat: Chat, now: datetime) -> Screen:
    rhythm, language = chat.rhythm, chat.language
    chosen = (rhythm.quiet_from, rhythm.quiet_to)
    pairs = [
        key(
            radio(
                chosen == pair,
                say(language, "chat.key_from_to", since=_hour(pair[0], language), until=_hour(pair[1], language)),
            ),
            "r",
            "quiet",
            *map(_packed, pair),
        )
        for pair in QUIET
    ]
    none = key(radio(rhythm.quiet_from is None, say(language, "chat.key_no_quiet")), "r", "quiet", "none")
    how = (
        key(radio(not rhythm.silent_when_quiet, say(language, "chat.key_wait")), "r", "sound", "wait"),
        key(radio(rhythm.silent_when_quiet, say(language, "chat.key_silent")), "r", "sound", "off"),
    )
    body = page(say(language, "chat.quiet_title"), say(language, "chat.quiet_hint"), clock(chat, now))
    buttons = ((none,), *rows_of(pairs, 2), *((how,) if rhythm.quiet_from else ()), (_back(language, "rhythm"),))
    return Screen(body, buttons)


def off_screen(chat: Chat) -> Screen:
    rhythm, language = chat.rhythm, chat.language
    none = key(radio(not rhythm.days_off, say(language, "chat.key_no_off")), "r", "off", "none")
    choices = [
        key(radio(rhythm.days_off == days, _named_days(days, language)), "r", "off", "".join(map(str, days)))
        for days in DAYS_OFF
    ]
    body = page(say(language, "chat.off_title"), say(language, "chat.off_hint"))
    return Screen(body, ((none,), *rows_of(choices, 2), (_back(language, "rhythm"),)))


def cap_screen(chat: Chat) -> Screen:
    ceiling, language = chat.rhythm.hourly_ceiling, chat.language
    none = key(radio(not ceiling, say(language, "chat.key_no_cap")), "r", "cap", 0)
    choices = [key(radio(ceiling == count, str(count)), "r", "cap", count) for count in CEILINGS]
    body = page(say(language, "chat.cap_title"), say(language, "chat.cap_hint"))
    return Screen(body, ((none,), *rows_of(choices, 4), (_back(language, "rhythm"),)))


def zone_screen(chat: Chat, now: datetime) -> Screen:
    language = chat.language
    choices = [
        key(radio(chat.timezone == zone, say(language, f"chat.zone_{_slug(zone)}")), "z", zone) for zone in ZONES
    ]
    body = page(say(language, "chat.zone_title"), say(language, "chat.zone_hint"), clock(chat, now))
    return Screen(body, (*rows_of(choices, 1), (_back(language, "rhythm"),)))


def screen_of(change: str, chat: Chat, now: datetime) -> Screen:
    """The screen a change was made on."""
    match change:
        case "quiet" | "sound":
            return quiet_screen(chat, now)
        case "off":
            return off_screen(chat)
        case "cap":
            return cap_screen(chat)
        case "zone":
            return zone_screen(chat, now)
        case _:
            return rhythm_screen(chat, now)


def clock(chat: Chat, now: datetime) -> str:
    """What time it is for the chat, and where."""
    local = now.astimezone(zone_of(chat.timezone))
    slug = _slug(chat.timezone)
    place = say(chat.language, f"chat.zone_{slug}") if chat.timezone in ZONES else chat.timezone
    return say(chat.language, "chat.your_clock", place=place, clock=dates.hour(local, chat.language))


def _slug(zone: str) -> str:
    return zone.rpartition("/")[2].lower()


def _back(language: str, where: str) -> Button:
    return key(say(language, "chat.key_back"), "g", where)


def radio(chosen: bool, label: str) -> str:  # noqa: FBT001 (how it looks)
    """One choice of several, marked when it is the one."""
    return f"● {label}" if chosen else f"○ {label}"


def _box(chosen: bool, label: str) -> str:  # noqa: FBT001 (how it looks)
    return f"✅ {label}" if chosen else label


def _packed(at: time) -> str:
    return at.strftime("%H%M")


def _time(packed: str) -> time | None:
    if not (packed.isascii() and packed.isdecimal() and len(packed) == 4):
        return None
    hour, minute = int(packed[:2]), int(packed[2:])
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _days(digits: str) -> tuple[int, ...]:
    """Weekdays from digits 0-6; () when one is none."""
    if not digits or not all(digit in "0123456" for digit in digits):
        return ()
    return tuple(sorted(set(map(int, digits))))
