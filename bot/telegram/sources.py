"""/sources: outlets and kinds of outlets as buttons; a press mutes, prefers or frees one, in place.

Every button says the choice it leads to (free → muted → preferred → free), so a press delivered twice has one effect.
An outlet is known to its button by a hash of its name, looked up among those we read and those the chat chose about.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.alerts.sources import Choices, SourceChoice, class_source, outlet_source
from bot.locales import say
from bot.model import Button, SourceClass
from bot.telegram import callback
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks, goes_to, may_choose
from bot.telegram.subscriber import Topics, outdated, unknown_chat
from bot.telegram.visit import Visit

Outlets = Callable[[], Sequence[str]]

PAGE = 10  # outlets a screen
NAME = 30  # characters of an outlet on a button
NEXT = {None: SourceChoice.MUTE, SourceChoice.MUTE: SourceChoice.PREFER, SourceChoice.PREFER: None}
MARKS = {None: "", SourceChoice.MUTE: "🔕 ", SourceChoice.PREFER: "⭐ "}
WRITTEN = {"mute": SourceChoice.MUTE, "prefer": SourceChoice.PREFER, "none": None}
OUTLET = "outlet:"


def sourcing() -> Router:
    """For those who may change the chat."""
    router = Router(name="sourcing")
    router.message.filter(may_choose)
    router.callback_query.filter(may_choose)
    router.message(asks("sources"))(show_sources)
    router.callback_query(goes_to("sources"))(show_sources)
    router.callback_query(asks("m"))(change_source)
    return router


async def show_sources(
    _event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, outlets: Outlets
) -> Reply:
    """/sources, or a page of it."""
    if visit.who is None:
        return unknown_chat(visit, topics)
    at = callback.number(visit.args[1]) if len(visit.args) == 2 else 0
    return Reply(sources_screen(visit.language, outlets(), await store.source_choices(visit.chat_id), at or 0))


async def change_source(
    event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, outlets: Outlets
) -> Reply:
    """A button of /sources."""
    if visit.who is None:
        return unknown_chat(visit, topics)
    choices = await store.source_choices(visit.chat_id)
    match visit.args:
        case (wish, short, at) if wish in WRITTEN and (source := source_named(short, outlets(), choices)):
            choices = await store.choose_source(visit.chat_id, source, WRITTEN[wish])
            shown = sources_screen(visit.language, outlets(), choices, callback.number(at) or 0)
            return Reply(shown, toast=say(visit.language, f"chat.toast_source_{wish}", source=_name(source, visit)))
        case _:
            return await outdated(event, visit, topics)


def sources_screen(language: str, outlets: Sequence[str], choices: Choices, at: int) -> Screen:
    """A page of outlets, after the kinds of outlets; `at` counts pages from 0 and may be past the end."""
    known = _known(outlets, choices)
    pages = max(1, -(-len(known) // PAGE))
    at = min(at, pages - 1)
    kinds = [_key(class_source(kind), class_label(kind, language), choices, at) for kind in SourceClass]
    named = [_key(outlet_source(outlet), _short(outlet), choices, at) for outlet in known[at * PAGE : (at + 1) * PAGE]]
    body = page(
        say(language, "chat.sources_title"),
        lines(say(language, "chat.sources_mute"), say(language, "chat.sources_prefer")),
        say(language, "chat.sources_page", at=at + 1, pages=pages) if pages > 1 else "",
    )
    steps = [key("‹", "g", "sources", at - 1)] if at else []
    steps += [key("›", "g", "sources", at + 1)] if at + 1 < pages else []
    home = (key(say(language, "chat.key_home"), "g", "home"),)
    return Screen(body, tuple(row for row in (*rows_of(kinds, 2), *rows_of(named, 2), tuple(steps), home) if row))


def class_label(kind: SourceClass, language: str) -> str:
    """A kind of outlets, as a button names it."""
    words = say(language, f"alert.class_{kind.value}")
    return words[:1].upper() + words[1:]


def source_named(short: str, outlets: Sequence[str], choices: Choices) -> str | None:
    """The source a button names; None when there is none of that name."""
    sources = [*map(class_source, SourceClass), *map(outlet_source, _known(outlets, choices))]
    return next((source for source in sources if _shorthand(source) == short), None)


def _known(outlets: Sequence[str], choices: Mapping[str, SourceChoice]) -> list[str]:
    """The outlets we read, then those that went, so that their choice can be taken back."""
    chosen = [source.removeprefix(OUTLET) for source in sorted(choices) if source.startswith(OUTLET)]
    return list(dict.fromkeys((*outlets, *chosen)))


def _key(source: str, label: str, choices: Choices, at: int) -> Button:
    choice = choices.get(source)
    wish = NEXT[choice]
    return key(MARKS[choice] + label, "m", wish.value if wish else "none", _shorthand(source), at)


def _shorthand(source: str) -> str:
    return sha256(source.encode(errors="replace")).hexdigest()[:12]


def _short(outlet: str) -> str:
    return cut_at_word(clean(outlet), NAME) or "…"


def _name(source: str, visit: Visit) -> str:
    """A source as a sentence names it."""
    if source.startswith(OUTLET):
        return _short(source.removeprefix(OUTLET))
    return class_label(SourceClass(source.partition(":")[2]), visit.language)
