"""/essai, /ajoutermot, /retirermot: a term becomes a trial on thirty days, and at a press a change of a topic.

    /ajoutermot <term> → trial, topics → what it counts for → its effect beside the others → confirmed → in use

Nothing changes before the last press. The term stands in each screen as code, so that what was seen is what is added.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, code, text
from bot.changes import Change, Role
from bot.locales import say
from bot.model import Button, Mention, Text
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import gone, staff_router
from bot.telegram.admin.terms import LOOKED_AT, shorthand, shown, term_named, topic_named
from bot.telegram.commands import spelled
from bot.telegram.keywords import tried_in, written_as
from bot.telegram.news import title_of
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks
from bot.telegram.screens import label
from bot.telegram.visit import Visit
from bot.text.fold import fold
from bot.topics.backtest import lone_index
from bot.topics.effect import Effect, Shift, effect_of
from bot.topics.overlay import Refusal, add_term, remove_term
from bot.topics.syntax import TermRefused, parse_term
from bot.topics.topic import Group, Topics

GROUPS = (Group.STRONG, Group.WEAK, Group.AGAINST, Group.NEVER, Group.ASIDE)
EXAMPLES = 3
READ = 500  # articles at a time
MOST = 30_000  # articles, the newest: some seconds
BREATH = 25  # articles between two looks at the others
BROAD = 5  # articles a day on average; more is warned about


def trying() -> Router:
    router = staff_router("trying", Role.EDITOR)
    router.message(asks("tryterm", "addterm"))(try_it)
    router.message(asks("removeterm"))(find_to_remove)
    router.callback_query(asks("ta"))(choose_group)
    router.callback_query(asks("tg"))(weigh_up)
    router.callback_query(asks("ty"))(add)
    router.callback_query(asks("tr"))(weigh_removal)
    router.callback_query(asks("tz"))(remove)
    router.callback_query(asks("tx"))(cancel)
    return router


@dataclass(slots=True)
class Sorted:
    """Articles by what was found of them, a title told by several outlets once; `read` in all."""

    read: int = 0
    found: dict[object, dict[str, Mention]] = field(default_factory=dict)

    def among(self, kind: object) -> list[Mention]:
        return list(self.found.get(kind, {}).values())


# The trial.


async def try_it(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/essai <term>, and the first step of /ajoutermot."""
    language, topics = visit.language, office.topics()
    written = written_as(visit.argument)
    if not written:
        how = say(language, "admin.trial_how", tryterm=spelled("tryterm", language))
        return Reply(Screen(page(say(language, "admin.trial_title"), how), ((_to_terms(language),),)))
    try:
        term = parse_term(written, topics.lists)
    except TermRefused as refused:
        return Reply(_refused(language, written, f"{refused.what(language)} → {refused.mend(language)}"))
    alone, index = lone_index(term, topics), office.index()

    def kind(read: Text) -> str | None:
        if not alone.personal_hits(read):
            return None
        return "told" if index.match(read).topics else "new"

    async def made() -> Screen:
        return trial_screen(language, written, await sort_articles(office, kind, visit.now), topics)

    return Reply(later=made)


async def sort_articles(office: Office, kind: Callable[[Text], object | None], now: datetime) -> Sorted:
    """Reads the articles of thirty days, newest first, a few at a time so that others are served meanwhile."""
    result, before = Sorted(), None
    while result.read < MOST:
        some = await office.recent_texts(now - LOOKED_AT, before=before, limit=READ)
        for number, (_, mention, read) in enumerate(some):
            if (found := kind(read)) is not None:
                result.found.setdefault(found, {}).setdefault(fold(mention.title), mention)
            if number % BREATH == 0:
                await asyncio.sleep(0)
        result.read += len(some)
        if len(some) < READ:
            break
        before = some[-1][0]
    return result


def trial_screen(language: str, written: str, tried: Sorted, topics: Topics) -> Screen:
    """What the term holds, what of it nothing tells today, and the topics it may join."""
    new, told = tried.among("new"), tried.among("told")
    broad = len(new) + len(told) > BROAD * LOOKED_AT.days
    body = page(
        say(language, "admin.trial_title"),
        code(text(written)),
        lines(
            say(language, "admin.trial_read", n=tried.read),
            say(language, "admin.trial_held", n=len(new) + len(told)),
            say(language, "admin.trial_new", n=len(new)),
        ),
        say(language, "admin.trial_broad") if broad else "",
        _examples(new or told),
        say(language, "admin.trial_choose"),
    )
    keys = [key(label(topic, language), "ta", topic.id) for topic in topics.topics]
    return Screen(body, (*rows_of(keys, 1), (key(say(language, "chat.key_cancel"), "tx"),)))


# Adding.


async def choose_group(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """The topic is chosen: what should the term count for?"""
    topic, written = topic_named(office, visit.argument), tried_in(event)
    if topic is None or not written:
        return gone(visit)
    language = visit.language
    meanings = (say(language, f"admin.means_{group.value}") for group in GROUPS)
    title = say(language, "admin.group_title", topic=label(topic, language))
    keys = [key(_capital(say(language, f"admin.group_{group.value}")), "tg", topic.id, group.value) for group in GROUPS]
    body = page(title, code(text(written)), lines(*meanings))
    return Reply(Screen(body, (*rows_of(keys, 2), (key(say(language, "chat.key_cancel"), "tx"),))))


async def weigh_up(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """The group is chosen: what would change, and the question."""
    written = tried_in(event)
    match visit.args:
        case (id_, group) if written and topic_named(office, id_) and group in set(Group):
            yes = ("ty", id_, group)
            return _weighed(visit, office, add_term(id_, written, Group(group)), written, yes, "admin.key_add_term")
        case _:
            return gone(visit)


async def add(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """The yes: in use at once."""
    written = tried_in(event)
    match visit.args:
        case (id_, group) if written and topic_named(office, id_) and group in set(Group):
            change = add_term(id_, written, Group(group))
            if refusal := _refusal(office, change):
                return Reply(_refused(visit.language, written, refusal(visit.language)))
            return await _done(visit, office, "term_added", change, written)
        case _:
            return gone(visit)


# Removing.


async def find_to_remove(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/retirermot <term>: the topics that have it, or those it may have been meant for."""
    language, asked = visit.language, fold(written_as(visit.argument))
    every = [(topic, one) for topic in office.topics().topics for one in topic.terms]
    same = [(topic, one) for topic, one in every if fold(one.term.source) == asked]
    near = same or [(topic, one) for topic, one in every if asked and asked in fold(one.term.source)]
    how = say(language, "admin.remove_how", remove=spelled("removeterm", language))
    title = say(language, "admin.remove_title")
    if not near:
        return Reply(Screen(page(title, how), ((_to_terms(language),),)))
    keys = [
        key(f"{topic.emoji} {cut_at_word(shown(one.term.source), 40)}", "tr", topic.id, shorthand(one.term.source))
        for topic, one in near[:10]
    ]
    return Reply(Screen(page(title, say(language, "admin.remove_which")), (*rows_of(keys, 1), (_to_terms(language),))))


async def weigh_removal(_event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """What would be told no more, and the question."""
    match visit.args:
        case (id_, short) if (topic := topic_named(office, id_)) and (found := term_named(topic, short)):
            written = found.term.source
            yes = ("tz", id_, short)
            return _weighed(visit, office, remove_term(id_, written), written, yes, "admin.key_remove_yes")
        case _:
            return gone(visit)


async def remove(_event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """The yes: out of use at once."""
    match visit.args:
        case (id_, short) if (topic := topic_named(office, id_)) and (found := term_named(topic, short)):
            written = found.term.source
            change = remove_term(id_, written)
            if refusal := _refusal(office, change):
                return Reply(_refused(visit.language, written, refusal(visit.language)))
            return await _done(visit, office, "term_removed", change, written)
        case _:
            return gone(visit)


async def cancel(_event: CallbackQuery, visit: Visit) -> Reply:
    body = page(say(visit.language, "admin.cancelled"))
    return Reply(Screen(body, ((_to_terms(visit.language),),)))


# What both share.


def _weighed(visit: Visit, office: Office, change: Change, written: str, yes: Sequence[str], words: str) -> Reply:
    """The screen of a change's effect on thirty days, made while others are served."""
    language = visit.language
    try:
        effect = effect_of(change, office.topics())
    except TermRefused as refused:
        return Reply(_refused(language, written, f"{refused.what(language)} → {refused.mend(language)}"))
    if isinstance(effect, Refusal):
        return Reply(_refused(language, written, effect.said(language)))
    return Reply(later=_effect_maker(visit, office, effect, written, (tuple(yes), words)))


def _effect_maker(
    visit: Visit, office: Office, effect: Effect, written: str, yes: tuple[tuple[str, ...], str]
) -> Callable[[], Awaitable[Screen]]:
    language = visit.language
    data, words = yes

    async def made() -> Screen:
        tried = await sort_articles(office, effect.on, visit.now)
        more, less = tried.among(Shift.MORE), tried.among(Shift.LESS)
        held = sum(len(found) for found in tried.found.values())
        body = page(
            say(language, "admin.effect_title"),
            code(text(written)),
            lines(
                say(language, "admin.trial_held", n=held),
                say(language, "admin.effect_more", n=len(more)) if more else "",
                say(language, "admin.effect_less", n=len(less)) if less else "",
                "" if more or less else say(language, "admin.effect_none"),
            ),
            say(language, "admin.trial_broad") if len(more) > BROAD * LOOKED_AT.days else "",
            _examples(more or less),
        )
        no = key(say(language, "chat.key_cancel"), "tx")
        return Screen(body, ((key(say(language, words), *data), no),))

    return made


def _refusal(office: Office, change: Change) -> Callable[[str], str] | None:
    """Why a change cannot be laid at this moment, as a function of the language."""
    try:
        effect = effect_of(change, office.topics())
    except TermRefused as refused:
        why = refused
        return lambda language: f"{why.what(language)} → {why.mend(language)}"
    return effect.said if isinstance(effect, Refusal) else None


async def _done(visit: Visit, office: Office, action: str, change: Change, written: str) -> Reply:
    await office.act(visit.person_id, action, [change], visit.now)
    topic = topic_named(office, change.subject.partition(":")[0])
    named = label(topic, visit.language) if topic else ""
    toast = say(visit.language, f"admin.toast_{action}", term=shown(written), topic=named)
    body = page(toast, say(visit.language, "admin.undo_hint", journal=spelled("journal", visit.language)))
    back = key(say(visit.language, "chat.key_back"), "tl", topic.id, "a", 0) if topic else _to_terms(visit.language)
    return Reply(Screen(body, ((back,),)), toast=toast)


def _examples(mentions: Sequence[Mention]) -> Rich:
    return lines(
        *(
            text("• ") + title_of(one.title, one.url, "") + text(f" ({cut_at_word(clean(one.outlet), 40)})")
            for one in mentions[:EXAMPLES]
        )
    )


def _refused(language: str, written: str, why: str) -> Screen:
    body = page(say(language, "admin.trial_title"), code(text(shown(written))), why)
    return Screen(body, ((_to_terms(language),),))


def _to_terms(language: str) -> Button:
    return key(say(language, "admin.key_topics"), "tl", "")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
