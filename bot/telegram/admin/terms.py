"""/mots: a topic's terms with what each brought in thirty days and what people thought, the sleeping ones apart.

A term is known to its button by a hash, looked up among those in use at that moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, code, text
from bot.changes import Role
from bot.locales import say
from bot.model import Button
from bot.telegram import callback
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import gone, staff_router, to_state
from bot.telegram.commands import spelled
from bot.telegram.news import points
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks
from bot.telegram.screens import label
from bot.telegram.visit import Visit
from bot.text.fold import fold
from bot.topics.quality import Quality, Tally
from bot.topics.topic import Group, Topic, WeighedTerm

LOOKED_AT = timedelta(days=30)
PAGE = 12  # terms a screen
TERM = 60  # characters of a term in a line
ALL, ASLEEP = "a", "d"


@dataclass(frozen=True, slots=True)
class Tended:
    """A topic's terms with what is known of each."""

    topic: Topic
    hits: Mapping[str, int]
    quality: Quality

    def thumbs(self, term: str) -> Tally:
        return self.quality.terms.get((self.topic.id, term), Tally())

    def listed(self, view: str) -> list[WeighedTerm]:
        """The terms of a view: all, those that bring most first; or those that brought nothing."""
        speaking = sorted(self.topic.terms, key=lambda one: (-self.hits.get(one.term.source, 0), fold(one.term.source)))
        asleep = [one for one in speaking if one.term.source not in self.hits and one.group is not Group.ASIDE]
        return asleep if view == ASLEEP else speaking


def tending() -> Router:
    router = staff_router("tending", Role.EDITOR)
    router.message(asks("words"))(show)
    router.callback_query(asks("tl"))(turn)
    router.callback_query(asks("tt"))(show_term)
    return router


async def show(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/mots lists the topics; /mots <topic>, its terms."""
    asked = fold(visit.argument)
    topics = office.topics().topics
    found = [
        one for one in topics if asked and any(fold(name).startswith(asked) for name in (one.id, *one.names.values()))
    ]
    if len(found) == 1:
        return await _list(visit, office, found[0], ALL, 0)
    return Reply(topics_screen(visit.language, found or topics))


async def turn(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """A page of a topic's terms; without a topic, the topics."""
    match visit.args:
        case (id_, view, at) if topic := topic_named(office, id_):
            return await _list(visit, office, topic, view, callback.number(at) or 0)
        case ("",) | ():
            return Reply(topics_screen(visit.language, office.topics().topics))
        case _:
            return gone(visit)


async def show_term(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """One term: where it stands, what it brought, and the button that takes it out after a trial."""
    match visit.args:
        case (id_, short) if (topic := topic_named(office, id_)) and (found := term_named(topic, short)):
            hits = await office.term_hits(id_, visit.now - LOOKED_AT)
            tended = Tended(topic, hits, await office.quality(visit.now - LOOKED_AT))
            return Reply(term_screen(visit.language, tended, found))
        case _:
            return gone(visit)


async def _list(visit: Visit, office: Office, topic: Topic, view: str, at: int) -> Reply:
    async def made() -> Screen:
        hits = await office.term_hits(topic.id, visit.now - LOOKED_AT)
        quality = await office.quality(visit.now - LOOKED_AT)
        return terms_screen(visit.language, Tended(topic, hits, quality), view, at)

    return Reply(later=made)


def topic_named(office: Office, id_: str) -> Topic | None:
    return next((topic for topic in office.topics().topics if topic.id == id_), None)


def term_named(topic: Topic, short: str) -> WeighedTerm | None:
    """The term of a button; None when it is no longer in use."""
    return next((weighed for weighed in topic.terms if shorthand(weighed.term.source) == short), None)


def shorthand(term: str) -> str:
    return sha256(term.encode(errors="replace")).hexdigest()[:10]


def shown(term: str) -> str:
    return cut_at_word(clean(term), TERM)


# Screens.


def topics_screen(language: str, topics: Sequence[Topic]) -> Screen:
    """Choose a topic."""
    keys = [key(f"{label(topic, language)} ({len(topic.terms)})", "tl", topic.id, ALL, 0) for topic in topics]
    how = lines(
        say(language, "admin.terms_how_add", add=spelled("addterm", language)),
        say(language, "admin.terms_how_try", tryterm=spelled("tryterm", language)),
    )
    return Screen(page(say(language, "admin.terms_title"), how), (*rows_of(keys, 1), (to_state(language),)))


def terms_screen(language: str, tended: Tended, view: str, at: int) -> Screen:
    """A page of terms, each with its number on a button."""
    listed = tended.listed(view)
    pages = max(1, -(-len(listed) // PAGE))
    at = min(at, pages - 1)
    some = listed[at * PAGE : (at + 1) * PAGE]
    topic = tended.topic
    asleep = len(tended.listed(ASLEEP))
    count = say(language, "admin.terms_count", n=len(topic.terms))
    body = page(
        label(topic, language),
        lines(count, say(language, "admin.terms_asleep", n=asleep)),
        lines(*(_line(number, one, tended, language) for number, one in enumerate(some, start=1)))
        or text(say(language, "admin.terms_none")),
        say(language, "admin.terms_page", at=at + 1, pages=pages) if pages > 1 else "",
    )
    keys = [key(str(n), "tt", topic.id, shorthand(one.term.source)) for n, one in enumerate(some, start=1)]
    other = (
        key(say(language, "admin.key_asleep", n=asleep), "tl", topic.id, ASLEEP, 0)
        if view == ALL
        else key(say(language, "admin.key_all_terms"), "tl", topic.id, ALL, 0)
    )
    steps: list[Button] = [key("‹", "tl", topic.id, view, at - 1)] if at else []
    steps += [key("›", "tl", topic.id, view, at + 1)] if at + 1 < pages else []
    back = key(say(language, "admin.key_topics"), "tl", "")
    return Screen(body, tuple(row for row in (*rows_of(keys, 6), tuple(steps), (other, back)) if row))


def _line(number: int, weighed: WeighedTerm, tended: Tended, language: str) -> Rich:
    term = weighed.term.source
    group = say(language, f"admin.group_{weighed.group.value}")
    hits, thumbs = tended.hits.get(term, 0), tended.thumbs(term)
    votes = f" 👍 {thumbs.good} 👎 {thumbs.bad}" if thumbs.votes else ""
    return text(f"{number}. {shown(term)} ({group}) — {hits}{votes}")


def term_screen(language: str, tended: Tended, weighed: WeighedTerm) -> Screen:
    """One term and what may be done with it."""
    term, topic, thumbs = weighed.term.source, tended.topic, tended.thumbs(weighed.term.source)
    group = say(language, f"admin.group_{weighed.group.value}")
    body = page(
        say(language, "admin.term_title", topic=label(topic, language)),
        code(text(shown(term))),
        lines(
            say(language, "admin.term_group", group=group, weight=points(weighed.weight, language)),
            say(language, "admin.term_hits", n=tended.hits.get(term, 0)),
            say(language, "admin.term_thumbs", good=thumbs.good, bad=thumbs.bad) if thumbs.votes else "",
        ),
    )
    remove = key(say(language, "admin.key_remove_term"), "tr", topic.id, shorthand(term))
    back = key(say(language, "chat.key_back"), "tl", topic.id, ALL, 0)
    return Screen(body, ((remove,), (back,)))
