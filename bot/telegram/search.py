"""/chercher: words become a page of the articles that hold them, with a « why » button for each that was told.

What is looked for travels in the buttons and is kept nowhere; it is cut to what a button holds, and the screen says
which words were looked for.
"""

from collections.abc import Sequence
from datetime import datetime

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, italic, text
from bot.locales import say
from bot.model import Button, Chat, Item
from bot.telegram import callback
from bot.telegram.commands import spelled
from bot.telegram.doors import StoreDoor
from bot.telegram.news import title_of
from bot.telegram.reply import Reply, Screen, key, lines, page
from bot.telegram.routing import asks, goes_to
from bot.telegram.subscriber import chat_of_visit
from bot.telegram.visit import Visit
from bot.text.search import search_words, typed_words

PAGE = 5  # articles a screen
WORDS_BYTES = 40  # of a button's 64, beside the verb and an item's number
OUTLET = 60
START = 0
SOUGHT = 120  # units of the words looked for, as they are shown

Found = Sequence[tuple[Item, int | None]]  # with the alert that told it


def searching() -> Router:
    """For everybody who reads the chat."""
    router = Router(name="searching")
    router.message(asks("search"))(search)
    router.callback_query(goes_to("search"))(search)
    router.callback_query(asks("q"))(search_on)
    return router


async def search(_event: TelegramObject, visit: Visit, store: StoreDoor) -> Reply:
    """/chercher <words>; without words, how to ask."""
    query = "" if visit.asked == "g" else visit.argument
    return await _page(visit, store, query, START)


async def search_on(_event: TelegramObject, visit: Visit, store: StoreDoor) -> Reply:
    """A further page, or the first one again."""
    match visit.args:
        case (before, query):
            return await _page(visit, store, query, callback.number(before) or START)
        case _:
            return await _page(visit, store, "", START)


async def _page(visit: Visit, store: StoreDoor, query: str, before: int) -> Reply:
    words = search_words(query, WORDS_BYTES)
    if not words:
        return Reply(how_to_search(visit.language))
    found = await store.search(words, limit=PAGE + 1, before=before or None)
    whole = visit.asked == "search" and words == search_words(query, len(query) * 4)
    typed = typed_words(query) if whole else [f"{word}…" for word in words]
    return Reply(search_screen(chat_of_visit(visit), words, typed, found, before, visit.now))


def how_to_search(language: str) -> Screen:
    """What to type."""
    body = page(
        say(language, "chat.search_title"), say(language, "chat.search_how", search=spelled("search", language))
    )
    return Screen(body, ((_home(language),),))


def search_screen(
    chat: Chat, words: Sequence[str], typed: Sequence[str], found: Found, before: int, now: datetime
) -> Screen:
    """A page of articles, newest first; `found` holds one more when there is a next page. `typed`: `words` to read."""
    language, shown = chat.language, found[:PAGE]
    nothing = say(language, "chat.search_none" if before == START else "chat.search_end")
    articles = [_numbered(place, item, chat, now) for place, (item, _) in enumerate(shown, start=1)]
    sought = say(language, "chat.search_words", words=cut_at_word(clean(", ".join(typed)), SOUGHT))
    body = page(say(language, "chat.search_title"), sought, *(articles or [text(nothing)]))
    why = tuple(
        key(say(language, "chat.key_why", n=place), "w", alert_id)
        for place, (_, alert_id) in enumerate(shown, start=1)
        if alert_id is not None
    )
    query = " ".join(words)
    steps: list[Button] = []
    if before != START:
        steps.append(key(say(language, "chat.key_newest"), "q", START, query))
    if len(found) > PAGE:
        steps.append(key(say(language, "chat.key_older"), "q", shown[-1][0].id, query))
    return Screen(body, tuple(row for row in (why, tuple(steps), (_home(language),)) if row))


def _numbered(place: int, item: Item, chat: Chat, now: datetime) -> Rich:
    moment = dates.moment(item.found_at, now, chat.timezone, chat.language)
    byline = " · ".join(part for part in (cut_at_word(clean(item.outlet), OUTLET), moment) if part)
    return lines(text(f"{place}. ") + title_of(item.title, item.url, item.lang), italic(text(byline)))


def _home(language: str) -> Button:
    return key(say(language, "chat.key_home"), "g", "home")
