"""/motscles: a word becomes a trial on the last thirty days, and at a press a keyword of the chat's own.

A trial changes nothing and takes as long as the articles are many, so it is made while the answer is given and others
are served. The keyword stands in the trial's message as code: what a person saw is what is added. Keywords are taken
back by buttons that carry their number, looked up among the chat's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from aiogram import Router
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.alerts.clean import JOINER, clean, cut_at_word
from bot.alerts.rich import Rich, code, text
from bot.locales import say
from bot.model import Mention
from bot.telegram import callback
from bot.telegram.commands import spelled
from bot.telegram.doors import StoreDoor
from bot.telegram.news import title_of
from bot.telegram.reply import Reply, Screen, key, lines, page
from bot.telegram.routing import asks, goes_to, may_choose
from bot.telegram.subscriber import Topics, outdated, unknown_chat
from bot.telegram.visit import Visit
from bot.text.fold import fold
from bot.topics.backtest import lone_index
from bot.topics.match import Index
from bot.topics.syntax import Term, TermRefused, parse_term

TRIED = timedelta(days=30)
TRIED_AT_MOST = 30_000  # articles, the newest: some seconds
READ = 500  # articles at a time
BREATH = 25  # articles between two looks at the others
EXAMPLES = 3
BROAD = 5  # alerts a day on average; more is warned about
DAY = timedelta(days=1)
LABEL = 40  # characters of a keyword on a button
TERM = 300  # in a screen


@dataclass(frozen=True, slots=True)
class Keywords:
    """`refile` makes the index follow the table, to be called after each change. `at_most`: keywords of one chat."""

    index: Callable[[], Index]
    refile: Callable[[], Awaitable[None]]
    at_most: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a keyword would have given: `count` alerts in `days`, a title told by several outlets counted once."""

    count: int
    days: int
    examples: tuple[Mention, ...]

    @property
    def a_day(self) -> int:
        return ceil(self.count / self.days)

    @property
    def broad(self) -> bool:
        return self.count > BROAD * self.days


def wording() -> Router:
    """For those who may change the chat."""
    router = Router(name="wording")
    router.message.filter(may_choose)
    router.callback_query.filter(may_choose)
    router.message(asks("keywords"))(show_or_try)
    router.callback_query(goes_to("keywords"))(show_or_try)
    router.callback_query(asks("k"))(change)
    return router


async def show_or_try(
    _event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, keywords: Keywords
) -> Reply:
    """/motscles shows the chat's own; with a word, what it would have given."""
    if visit.who is None:
        return unknown_chat(visit, topics)
    mine = await store.keywords(visit.chat_id)
    written = written_as(visit.argument) if visit.asked != "g" else ""
    if not written:
        return Reply(keywords_screen(visit.language, mine, keywords))
    if written in mine.values():
        return Reply(note_screen(visit.language, written, say(visit.language, "chat.keyword_known")))
    if len(mine) >= keywords.at_most:
        full = say(visit.language, "chat.keyword_full", n=keywords.at_most)
        return Reply(note_screen(visit.language, written, full))
    try:
        term = parse_term(written, keywords.index().topics.lists)
    except TermRefused as refused:
        why = lines(f"{refused.what(visit.language)}.", f"→ {refused.mend(visit.language)}")
        return Reply(note_screen(visit.language, written, why))

    async def tried() -> Screen:
        return trial_screen(visit.language, written, await try_keyword(store, term, keywords.index(), visit.now))

    return Reply(later=tried)


async def change(event: CallbackQuery, visit: Visit, store: StoreDoor, topics: Topics, keywords: Keywords) -> Reply:
    """Adds the keyword of the trial whose button was pressed, or takes one back."""
    if visit.who is None:
        return unknown_chat(visit, topics)
    language = visit.language
    match visit.args:
        case ("add",) if written := tried_in(event):
            added = await _add(visit, store, keywords, written)
            toast = say(language, "chat.toast_keyword_on", term=_label(written)) if added else ""
            toast = toast or say(language, "chat.keyword_full", n=keywords.at_most)
        case ("drop", number):
            keyword_id = callback.number(number) or 0
            gone = (await store.keywords(visit.chat_id)).get(keyword_id)
            await store.drop_keyword(visit.chat_id, keyword_id)
            toast = say(language, "chat.toast_keyword_off", term=_label(gone)) if gone else ""
            toast = toast or say(language, "chat.toast_keyword_gone")
        case _:
            return await outdated(event, visit, topics)
    await keywords.refile()
    return Reply(keywords_screen(language, await store.keywords(visit.chat_id), keywords), toast=toast)


async def _add(visit: Visit, store: StoreDoor, keywords: Keywords, written: str) -> bool:
    """What stands in a message of ours was read before; the lists it names may have gone since."""
    try:
        parse_term(written, keywords.index().topics.lists)
    except TermRefused:
        return False
    return await store.add_keyword(visit.chat_id, written, keywords.at_most, visit.now)


def written_as(typed: str) -> str:
    """A keyword as it is shown and kept: what can be seen of it, on one line."""
    return clean(typed).replace(JOINER, "")


def tried_in(event: CallbackQuery) -> str:
    """The keyword that stands as code in the pressed message; "" for none."""
    message = event.message
    if not isinstance(message, Message) or not message.text:
        return ""
    found = (entity.extract_from(message.text) for entity in message.entities or () if entity.type == "code")
    return written_as(next(found, ""))


# The trial.


async def try_keyword(store: StoreDoor, term: Term, index: Index, now: datetime) -> Trial:
    """Reads the articles of the last thirty days, a few at a time, the newest first."""
    alone = lone_index(term, index.topics)
    found: dict[str, Mention] = {}
    before, read, oldest = None, 0, now
    while read < TRIED_AT_MOST:
        some = await store.recent_texts(now - TRIED, before=before, limit=READ)
        for number, (_, mention, read_text) in enumerate(some):
            if alone.personal_hits(read_text):
                found.setdefault(fold(mention.title), mention)
            if number % BREATH == 0:
                await asyncio.sleep(0)
        read += len(some)
        if some:
            before, oldest = some[-1][0], min(oldest, some[-1][1].found_at)
        if len(some) < READ:
            break
    days = max(1, ceil((now - oldest) / DAY))
    return Trial(len(found), days, tuple(found.values())[:EXAMPLES])


# Screens.


def keywords_screen(language: str, mine: Mapping[int, str], keywords: Keywords) -> Screen:
    """The chat's keywords, each one press away from going; one that cannot be read any more is marked."""
    lists = keywords.index().topics.lists
    drops = tuple(
        (key(f"✕ {'' if _is_readable(written, lists) else '⚠️ '}{_label(written)}", "k", "drop", keyword_id),)
        for keyword_id, written in mine.items()
    )
    command = spelled("keywords", language)
    count = say(
        language, "chat.keywords_count" if mine else "chat.keywords_none", n=len(mine), at_most=keywords.at_most
    )
    body = page(
        say(language, "chat.keywords_title"),
        lines(count, say(language, "chat.keywords_drop") if mine else ""),
        lines(say(language, "chat.keywords_how", keywords=command), say(language, "chat.keywords_signs")),
    )
    return Screen(body, (*drops, (key(say(language, "chat.key_home"), "g", "home"),)))


def trial_screen(language: str, written: str, trial: Trial) -> Screen:
    """What a keyword would have given, and the button that adds it."""
    days = say(language, "chat.trial_days", n=trial.days)
    told = say(language, "chat.trial_count", n=trial.count, days=days)
    advice = say(language, "chat.trial_none") if not trial.count else ""
    advice = say(language, "chat.trial_broad", n=trial.a_day) if trial.broad else advice
    examples = [
        text("• ") + title_of(one.title, one.url, "") + text(f" ({cut_at_word(clean(one.outlet), LABEL)})")
        for one in trial.examples
    ]
    body = page(say(language, "chat.trial_title"), code(text(written)), lines(told, *examples), advice)
    add, cancel = key(say(language, "chat.key_add"), "k", "add"), key(say(language, "chat.key_cancel"), "g", "keywords")
    return Screen(body, ((add, cancel),))


def note_screen(language: str, written: str, why: str | Rich) -> Screen:
    """Why a keyword is not tried."""
    body = page(say(language, "chat.trial_title"), cut_at_word(clean(written), TERM), why)
    return Screen(body, ((key(say(language, "chat.key_keywords"), "g", "keywords"),),))


def _is_readable(written: str, lists: Collection[str]) -> bool:
    try:
        parse_term(written, lists)
    except TermRefused:
        return False
    return True


def _label(written: str) -> str:
    return cut_at_word(written, LABEL)
