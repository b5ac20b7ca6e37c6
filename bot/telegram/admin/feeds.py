"""/fils: the feeds with their health, a page at a time, and what may be done with one: rest, rhythm, name, removal.

A feed is known to its button by a hash of its id, looked up among those in use. What each press does can be undone in
the journal; only removing asks first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, TelegramObject

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import code, link, text
from bot.changes import Role
from bot.locales import known, say
from bot.model import Button, Chat, FeedHealth, FeedSpec
from bot.telegram import callback
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import at_least, gone, staff_router, to_state
from bot.telegram.admin.terms import shorthand
from bot.telegram.commands import spelled
from bot.telegram.keywords import tried_in, written_as
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks
from bot.telegram.subscriber import chat_of_visit
from bot.telegram.visit import Visit
from bot.text.fold import fold

PAGE = 10  # feeds a screen
NAME = 60
OUTLET = 80  # characters of a name, as feeds.yaml takes them
RHYTHMS = ("2m", "5m", "10m", "15m", "30m", "1h", "6h")
OWN = "own"  # the feed's own rhythm


def feeding() -> Router:
    router = staff_router("feeding", Role.EDITOR)
    router.message(asks("feeds"))(show)
    router.callback_query(asks("fl"))(turn)
    router.callback_query(asks("fd"))(show_feed)
    admins = at_least(Role.ADMIN)
    router.callback_query(asks("fp"), admins)(rest)
    router.callback_query(asks("fe"), admins)(rhythm)
    router.callback_query(asks("fn"), admins)(rename)
    router.callback_query(asks("fr"), admins)(remove)
    return router


async def show(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/fils; /fils <id or outlet>, one feed; /fils <id> <new name>, the question whether to rename it."""
    asked, _, name = visit.argument.partition(" ")
    feeds = office.feeds()
    one = next((feed for feed in feeds if feed.id == asked.lower()), None)
    if one and (new := written_as(name)[:OUTLET]):
        return Reply(rename_screen(visit.language, one, new))
    if one:
        return await _feed(visit, office, one)
    wanted = fold(visit.argument)
    found = [feed for feed in feeds if wanted and wanted in fold(f"{feed.outlet} {feed.id} {feed.url}")]
    return Reply(feeds_screen(chat_of_visit(visit), found or feeds, await office.health(visit.now), 0, visit.now))


async def turn(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    at = callback.number(visit.argument) or 0
    health = await office.health(visit.now)
    return Reply(feeds_screen(chat_of_visit(visit), office.feeds(), health, at, visit.now))


async def show_feed(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    feed = feed_named(office, visit.argument)
    return await _feed(visit, office, feed) if feed else gone(visit)


async def rest(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """Rests a feed, or wakes it."""
    match visit.args:
        case (short, "on" | "off" as wish) if feed := feed_named(office, short):
            await office.change_feed(visit.person_id, feed.id, {"enabled": wish == "off"}, visit.now)
            return await _feed(visit, office, feed, f"admin.toast_rest_{wish}")
        case _:
            return gone(visit)


async def rhythm(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """The rhythms to choose from, or one of them chosen."""
    match visit.args:
        case (short,) if feed := feed_named(office, short):
            return Reply(rhythm_screen(visit.language, feed))
        case (short, wish) if (feed := feed_named(office, short)) and wish in {OWN, *RHYTHMS}:
            every = None if wish == OWN else wish
            await office.change_feed(visit.person_id, feed.id, {"every": every}, visit.now)
            return await _feed(visit, office, feed, "admin.toast_rhythm")
        case _:
            return gone(visit)


async def rename(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """The yes of the question; the name stands in it."""
    feed, name = feed_named(office, visit.argument), tried_in(event)[:OUTLET]
    if feed is None or not name:
        return gone(visit)
    await office.change_feed(visit.person_id, feed.id, {"outlet": name}, visit.now)
    return await _feed(visit, office, feed, "admin.toast_renamed")


async def remove(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """Asks, then removes."""
    language = visit.language
    match visit.args:
        case (short,) if feed := feed_named(office, short):
            yes = key(say(language, "admin.key_feed_remove_yes"), "fr", short, "yes")
            body = page(
                say(language, "admin.feed_remove_title", outlet=_outlet(feed)), say(language, "admin.feed_remove")
            )
            return Reply(Screen(body, ((yes, key(say(language, "chat.key_cancel"), "fd", short)),)))
        case (short, "yes") if feed := feed_named(office, short):
            await office.remove_feed(visit.person_id, feed.id, visit.now)
            shown = feeds_screen(chat_of_visit(visit), office.feeds(), await office.health(visit.now), 0, visit.now)
            return Reply(shown, toast=say(language, "admin.toast_feed_removed", outlet=_outlet(feed)))
        case _:
            return gone(visit)


async def _feed(visit: Visit, office: Office, feed: FeedSpec, toast: str = "") -> Reply:
    """One feed as it is now."""
    now_ = next((one for one in office.feeds() if one.id == feed.id), feed)
    health = (await office.health(visit.now)).get(feed.id)
    told = say(visit.language, toast) if toast else ""
    return Reply(feed_screen(chat_of_visit(visit), now_, health, visit.role, visit.now), toast=told)


def feed_named(office: Office, short: str) -> FeedSpec | None:
    """The feed of a button; None when it is no longer in use."""
    return next((feed for feed in office.feeds() if shorthand(feed.id) == short), None)


# Screens.


def feeds_screen(
    chat: Chat, feeds: Sequence[FeedSpec], health: Mapping[str, FeedHealth], at: int, now: datetime
) -> Screen:
    """A page of feeds, those that ail first, then those at rest, each with its number on a button."""
    language = chat.language
    ranked = sorted(feeds, key=lambda feed: (_rank(feed, health.get(feed.id)), fold(feed.outlet), feed.id))
    pages = max(1, -(-len(ranked) // PAGE))
    at = min(at, pages - 1)
    some = ranked[at * PAGE : (at + 1) * PAGE]
    listed = [f"{n}. {_line(feed, health.get(feed.id), chat, now)}" for n, feed in enumerate(some, start=1)]
    body = page(
        say(language, "admin.feeds_title", page=at + 1, pages=pages),
        lines(*listed) or say(language, "admin.no_feeds"),
        say(language, "admin.feeds_how", addfeed=spelled("addfeed", language)),
    )
    numbers = [key(str(n), "fd", shorthand(feed.id)) for n, feed in enumerate(some, start=1)]
    steps: list[Button] = [key("‹", "fl", at - 1)] if at else []
    steps += [key("›", "fl", at + 1)] if at + 1 < pages else []
    return Screen(body, tuple(row for row in (*rows_of(numbers, 5), tuple(steps), (to_state(language),)) if row))


def _rank(feed: FeedSpec, health: FeedHealth | None) -> int:
    ails = feed.enabled and health is not None and (health.failures > 0 or health.gone_at is not None)
    return 0 if ails else 1 if not feed.enabled else 2


def _line(feed: FeedSpec, health: FeedHealth | None, chat: Chat, now: datetime) -> str:
    """One feed in a line: how it is, its outlet and id, and what it brought this week."""
    language = chat.language
    if not feed.enabled:
        return say(language, "admin.feed_rests", outlet=_outlet(feed), id=feed.id)
    if health is None or health.last_polled_at is None:
        return say(language, "admin.feed_new", outlet=_outlet(feed), id=feed.id)
    if health.failures or health.gone_at:
        since = dates.moment(health.last_success_at, now, chat.timezone, language) if health.last_success_at else ""
        since = since or say(language, "admin.never")
        return say(language, "admin.feed_ails", outlet=_outlet(feed), id=feed.id, since=since)
    return say(
        language, "admin.feed_works", outlet=_outlet(feed), id=feed.id, n=health.week_items, matched=health.week_matched
    )


def feed_screen(chat: Chat, feed: FeedSpec, health: FeedHealth | None, role: Role | None, now: datetime) -> Screen:
    """One feed: its address, its health, and for admins what may be done with it."""
    language, short = chat.language, shorthand(feed.id)
    body = page(
        _outlet(feed),
        lines(
            link(text(cut_at_word(clean(feed.url), 120)), feed.url),
            say(
                language,
                "admin.feed_is",
                id=feed.id,
                kind=say(language, f"alert.class_{feed.source_class.value}"),
                spoken=say(language, f"admin.language_{feed.language}"),
            ),
        ),
        lines(*_health(feed, health, chat, now)),
        say(language, "admin.feed_rename_how", feeds=spelled("feeds", language), id=feed.id),
    )
    back = key(say(language, "chat.key_back"), "fl", 0)
    if role is None or not role.reaches(Role.ADMIN):
        return Screen(body, ((back,),))
    wake = key(say(language, "admin.key_wake"), "fp", short, "off")
    sleep = key(say(language, "admin.key_rest"), "fp", short, "on")
    pace = key(say(language, "admin.key_rhythm"), "fe", short)
    away = key(say(language, "admin.key_feed_remove"), "fr", short)
    return Screen(body, ((sleep if feed.enabled else wake, pace), (away, back)))


def _health(feed: FeedSpec, health: FeedHealth | None, chat: Chat, now: datetime) -> list[str]:
    language = chat.language
    if not feed.enabled:
        return [say(language, "admin.health_rests")]
    if health is None or health.last_polled_at is None:
        return [say(language, "admin.health_new")]
    told = [
        say(language, "admin.health_read", moment=dates.moment(health.last_polled_at, now, chat.timezone, language))
    ]
    if health.failures:
        cause = f"cause.{health.cause}"
        told.append(say(language, cause) if known(language, cause) else health.cause)
        told.append(say(language, "admin.health_failures", n=health.failures))
    minutes = max(1, round(health.interval.total_seconds() / 60))
    told.append(say(language, "admin.health_rhythm", n=minutes))
    told.append(say(language, "admin.health_week", n=health.week_items, matched=health.week_matched))
    if health.matched_share is not None:
        told.append(say(language, "admin.health_matched", percent=round(100 * health.matched_share)))
    if health.last_new_at:
        newest = dates.moment(health.last_new_at, now, chat.timezone, language)
        told.append(say(language, "admin.health_newest", moment=newest))
    if health.unchanged_share is not None:
        told.append(say(language, "admin.health_unchanged", percent=round(100 * health.unchanged_share)))
    return told


def rhythm_screen(language: str, feed: FeedSpec) -> Screen:
    """How often to read a feed."""
    short = shorthand(feed.id)
    choices = [key(say(language, "admin.key_own_rhythm"), "fe", short, OWN)]
    choices += [key(wish.replace("m", "\u00a0min").replace("h", "\u00a0h"), "fe", short, wish) for wish in RHYTHMS]
    body = page(say(language, "admin.rhythm_title", outlet=_outlet(feed)), say(language, "admin.rhythm_hint"))
    return Screen(body, (*rows_of(choices, 4), (key(say(language, "chat.key_back"), "fd", short),)))


def rename_screen(language: str, feed: FeedSpec, name: str) -> Screen:
    """The question whether to rename a feed's outlet."""
    short = shorthand(feed.id)
    body = page(
        say(language, "admin.rename_title", outlet=_outlet(feed)), code(text(name)), say(language, "admin.rename_hint")
    )
    yes, no = key(say(language, "admin.key_rename"), "fn", short), key(say(language, "chat.key_cancel"), "fd", short)
    return Screen(body, ((yes, no),))


def _outlet(feed: FeedSpec) -> str:
    return cut_at_word(clean(feed.outlet), NAME)
