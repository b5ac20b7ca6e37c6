"""/qualite and /abonnes: what people thought of the alerts, and how many they are; numbers, never a name."""

from datetime import timedelta

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.changes import Role
from bot.locales import say
from bot.model import ChatState, Overview
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import staff_router, to_state
from bot.telegram.admin.terms import shorthand, shown
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks
from bot.telegram.screens import label
from bot.telegram.visit import Visit
from bot.topics.quality import Quality, Tally
from bot.topics.topic import Topics

LOOKED_AT = timedelta(days=90)
OUTLETS = 8
REVIEWED = 8
STATES = (ChatState.ACTIVE, ChatState.PAUSED, ChatState.STOPPED, ChatState.BLOCKED)


def judging() -> Router:
    router = staff_router("judging", Role.EDITOR)
    router.message(asks("quality"))(quality)
    router.callback_query(asks("qa"))(quality)
    return router


def counting() -> Router:
    router = staff_router("counting", Role.ADMIN)
    router.message(asks("subscribers"))(subscribers)
    return router


async def quality(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/qualite: the precision the thumbs give, and the terms to look at."""

    async def made() -> Screen:
        return quality_screen(visit.language, await office.quality(visit.now - LOOKED_AT), office.topics())

    return Reply(later=made)


def quality_screen(language: str, found: Quality, topics: Topics) -> Screen:
    """Topics, the worst outlets, and the terms to review, each a press from its screen."""
    named = {topic.id: label(topic, language) for topic in topics.topics}
    if not found.topics and not found.outlets:
        body = page(say(language, "admin.quality_title"), say(language, "admin.quality_none"))
        return Screen(body, ((to_state(language),),))
    by_topic = [_told(named[id_], found.topics[id_], language) for id_ in named if id_ in found.topics]
    worst = sorted(found.outlets.items(), key=lambda one: (one[1].precision or 0.0, -one[1].votes, one[0]))
    by_outlet = [_told(cut_at_word(clean(outlet), 40), tally, language) for outlet, tally in worst[:OUTLETS]]
    in_use = {(topic.id, one.term.source) for topic in topics.topics for one in topic.terms}
    review = [one for one in found.to_review() if one[:2] in in_use][:REVIEWED]
    listed = [f"{n}. {_told(shown(term), tally, language)}" for n, (_, term, tally) in enumerate(review, start=1)]
    body = page(
        say(language, "admin.quality_title"),
        say(language, "admin.quality_hint"),
        lines(*by_topic),
        lines(say(language, "admin.quality_outlets"), *by_outlet),
        lines(say(language, "admin.quality_review"), *listed) if listed else say(language, "admin.quality_fine"),
    )
    keys = [key(str(n), "tt", topic, shorthand(term)) for n, (topic, term, _) in enumerate(review, start=1)]
    return Screen(body, (*rows_of(keys, 4), (to_state(language),)))


def _told(name: str, tally: Tally, language: str) -> str:
    percent = round(100 * (tally.precision or 0.0))
    return say(language, "admin.quality_line", name=name, percent=percent, good=tally.good, bad=tally.bad)


async def subscribers(_event: TelegramObject, visit: Visit, store: StoreDoor, office: Office) -> Reply:
    """/abonnes."""
    return Reply(subscribers_screen(visit.language, await store.overview(visit.now), office.topics()))


def subscribers_screen(language: str, seen: Overview, topics: Topics) -> Screen:
    """Chats by state, and how many follow each topic."""
    states = [say(language, f"admin.chats_{state.value}", n=seen.chats.get(state.value, 0)) for state in STATES]
    follow = [f"{label(topic, language)} — {seen.subscriptions.get(topic.id, 0)}" for topic in topics.topics]
    body = page(say(language, "admin.chats", n=sum(seen.chats.values())), lines(*states), lines(*follow))
    return Screen(body, ((to_state(language),),))
