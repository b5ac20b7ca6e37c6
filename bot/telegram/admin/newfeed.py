"""/ajouterfil <any address>: the feeds that a page names, a glimpse of one, what of it would match, one feed more.

Addresses stand in the screens as code and are fetched anew at each press, through the guard that every feed goes
through. Choosing who speaks is the confirmation; nothing is added before it.
"""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, code, joined, text
from bot.changes import Role
from bot.errors import FetchFailed
from bot.locales import LANGUAGES, known, language_of, say
from bot.model import Button, FeedSpec, SourceClass, Text
from bot.telegram import callback
from bot.telegram.admin.doors import FoundFeed, Office, Outcome
from bot.telegram.admin.feeds import OUTLET
from bot.telegram.admin.staff import gone, staff_router
from bot.telegram.admin.terms import shorthand
from bot.telegram.commands import spelled
from bot.telegram.keywords import written_as
from bot.telegram.news import title_of
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks
from bot.telegram.screens import label
from bot.telegram.sources import class_label
from bot.telegram.visit import Visit

SHOWN = 3  # items of a glimpse
MOST = 8  # feeds of a page


def finding() -> Router:
    router = staff_router("finding", Role.ADMIN)
    router.message(asks("addfeed"))(find)
    router.callback_query(asks("fx"))(look)
    router.callback_query(asks("fa"))(add)
    return router


async def find(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/ajouterfil <address>."""
    language = visit.language
    address = next(iter(visit.argument.split()), "")
    if not address:
        how = say(language, "admin.find_how", addfeed=spelled("addfeed", language))
        return Reply(Screen(page(say(language, "admin.find_title"), how), ((_to_feeds(language),),)))
    address = address if "://" in address else f"https://{address}"

    async def made() -> Screen:
        try:
            found = await office.discover(address)
        except FetchFailed as error:
            return _failed(language, error)
        if len(found) == 1:
            return await _glimpse(visit, office, found[0].url)
        return found_screen(language, found)

    return Reply(later=made)


async def look(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """One of several feeds: a glimpse of it."""
    addresses, number = codes_in(event), callback.number(visit.argument)
    if number is None or number >= len(addresses):
        return gone(visit)

    async def made() -> Screen:
        return await _glimpse(visit, office, addresses[number])

    return Reply(later=made)


async def add(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """Who speaks is chosen: the feed is added, and read from now on."""
    written, language = codes_in(event), visit.language
    match visit.args:
        case (kind, spoken) if len(written) == 2 and kind in set(SourceClass) and spoken in LANGUAGES:
            new = FeedSpec("", written[0], written[1][:OUTLET], spoken, SourceClass(kind))
            feed_id, outcome = await office.add_feed(visit.person_id, new, visit.now)
            outlet = cut_at_word(clean(new.outlet), OUTLET)
            if outcome is Outcome.REFUSED:
                body = page(say(language, "admin.find_title"), say(language, "admin.find_refused"))
                return Reply(Screen(body, ((_to_feeds(language),),)))
            if outcome is Outcome.TWIN:
                body = page(say(language, "admin.find_title"), say(language, "admin.find_twin", id=feed_id))
            else:
                body = page(say(language, "admin.feed_added", outlet=outlet), say(language, "admin.feed_added_hint"))
            shown = key(say(language, "admin.key_this_feed"), "fd", shorthand(feed_id))
            return Reply(Screen(body, ((shown, _to_feeds(language)),)))
        case _:
            return gone(visit)


async def _glimpse(visit: Visit, office: Office, url: str) -> Screen:
    try:
        return glimpse_screen(visit.language, await office.glimpse(url), office)
    except FetchFailed as error:
        return _failed(visit.language, error)


def found_screen(language: str, found: Sequence[FoundFeed]) -> Screen:
    """The feeds of a page, to choose from."""
    title = say(language, "admin.find_title")
    if not found:
        return Screen(page(title, say(language, "admin.find_none")), ((_to_feeds(language),),))
    some = found[:MOST]
    listed = [
        lines(say(language, "admin.find_one", title=_name(one), n=one.total, number=n), code(text(one.url)))
        for n, one in enumerate(some, start=1)
    ]
    keys = [key(str(n), "fx", n - 1) for n in range(1, len(some) + 1)]
    body = page(title, say(language, "admin.find_several", n=len(found)), joined("\n", listed))
    return Screen(body, (*rows_of(keys, 4), (_to_feeds(language),)))


def glimpse_screen(language: str, found: FoundFeed, office: Office) -> Screen:
    """The last items of a feed and which of them would be told; buttons ask who speaks in it."""
    spoken = language_of(found.language)
    matched = [
        office.index().match(Text(e.title, e.summary, e.body, e.language or spoken)).topics for e in found.glimpse
    ]
    named = {topic.id: label(topic, language) for topic in office.topics().topics}
    told = sum(bool(topics) for topics in matched)
    ranked = sorted(zip(found.glimpse, matched, strict=True), key=lambda pair: not pair[1])
    items: list[Rich] = [
        text("• ")
        + title_of(entry.title, entry.link or "", spoken)
        + text("".join(f" {named[topic]}" for topic in topics if topic in named))
        for entry, topics in ranked[:SHOWN]
    ]
    body = page(
        say(language, "admin.glimpse_title"),
        lines(code(text(_name(found))), code(text(found.url))),
        lines(
            say(language, "admin.glimpse_count", n=found.total),
            say(language, "admin.glimpse_told", n=told, of=len(matched)),
            say(language, "admin.glimpse_language", spoken=say(language, f"admin.language_{spoken}")),
        ),
        lines(*items),
        say(language, "admin.glimpse_who"),
    )
    kinds = [key(class_label(kind, language), "fa", kind.value, spoken) for kind in SourceClass]
    return Screen(body, (*rows_of(kinds, 2), (key(say(language, "chat.key_cancel"), "fl", 0),)))


def codes_in(event: CallbackQuery) -> list[str]:
    """What stands as code in the pressed message, the address first."""
    message = event.message
    if not isinstance(message, Message) or not message.text:
        return []
    found = [entity.extract_from(message.text) for entity in message.entities or () if entity.type == "code"]
    return sorted(found, key=lambda one: "://" not in one)


def _name(found: FoundFeed) -> str:
    return written_as(found.title)[:OUTLET].strip() or found.url.partition("://")[2].partition("/")[0][:OUTLET]


def _failed(language: str, error: FetchFailed) -> Screen:
    cause = f"cause.{error.cause}"
    why = say(language, cause) if known(language, cause) else error.cause
    return Screen(page(say(language, "admin.find_title"), why), ((_to_feeds(language),),))


def _to_feeds(language: str) -> Button:
    return key(say(language, "admin.key_to_feeds"), "fl", 0)
