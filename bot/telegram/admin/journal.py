"""/journal: what admins did, newest first, a page at a time; an act is taken back by its button, after a question.

People are shown by their numbers: the bot keeps no name. Undoing takes the same role as doing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, italic, text
from bot.changes import Act, Change, ChangeKind, Role
from bot.locales import known, say
from bot.model import Button, Chat
from bot.telegram import callback
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import gone, menu_of, staff_router, to_state
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply, Screen, key, lines, page
from bot.telegram.routing import asks
from bot.telegram.subscriber import chat_of_visit
from bot.telegram.visit import House, Visit

PAGE = 6  # acts a screen
SHOWN = 4  # changes of an act
SUBJECT = 80


def journaling() -> Router:
    router = staff_router("journaling", Role.EDITOR)
    router.message(asks("journal"))(show)
    router.callback_query(asks("j"))(show)
    router.callback_query(asks("ju"))(ask)
    router.callback_query(asks("jy"))(undo)
    return router


async def show(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/journal, or a further page."""
    before = callback.number(visit.argument) if visit.asked == "j" else None
    return await _page(visit, office, before or None)


async def _page(visit: Visit, office: Office, before: int | None, toast: str = "") -> Reply:
    acts = await office.acts(PAGE + 1, before)
    return Reply(journal_screen(chat_of_visit(visit), acts, before, visit.now), toast=toast)


async def ask(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """« Undo this? », with what would be undone."""
    act = await _act(visit, office)
    if act is None or act.undone_at or not act.changes:
        return gone(visit)
    if not visit.role or not visit.role.reaches(act.needed):
        return Reply(toast=say(visit.language, "admin.toast_role"), loud=True)
    chat = chat_of_visit(visit)
    yes = key(say(visit.language, "admin.key_undo_yes"), "jy", act.id)
    no = key(say(visit.language, "chat.key_cancel"), "j", 0)
    body = page(say(visit.language, "admin.undo_title"), _entry(act, chat, visit.now))
    return Reply(Screen(body, ((yes, no),)))


async def undo(_event: TelegramObject, visit: Visit, office: Office, store: StoreDoor, house: House) -> Reply:
    """The yes: undone whole, or not at all with the reason."""
    act = await _act(visit, office)
    if act is None:
        return gone(visit)
    if not visit.role or not visit.role.reaches(act.needed):
        return Reply(toast=say(visit.language, "admin.toast_role"), loud=True)
    became = await office.undo(act.id, visit.person_id, visit.now)
    people = [int(change.subject) for change in act.changes if change.kind is ChangeKind.ADMIN]
    shown = await _page(visit, office, None, say(visit.language, f"admin.undo_{became.value}"))
    return replace(shown, menus=tuple([await menu_of(person, store, house) for person in people]))


async def _act(visit: Visit, office: Office) -> Act | None:
    number = callback.number(visit.argument)
    found = await office.acts(1, number + 1) if number else ()
    return found[0] if found and found[0].id == number else None


def journal_screen(chat: Chat, acts: Sequence[Act], before: int | None, now: datetime) -> Screen:
    """A page of acts; `acts` holds one more when there is a next page."""
    language, shown = chat.language, acts[:PAGE]
    entries = [_entry(act, chat, now) for act in shown] or [text(say(language, "admin.journal_empty"))]
    body = page(say(language, "admin.journal_title"), *entries)
    undoable = [act for act in shown if act.changes and not act.undone_at]
    undo_keys = tuple(key(say(language, "admin.key_undo", n=act.id), "ju", act.id) for act in undoable)
    rows = [undo_keys[start : start + 3] for start in range(0, len(undo_keys), 3)]
    steps: list[Button] = [key(say(language, "chat.key_newest"), "j", 0)] if before else []
    steps += [key(say(language, "admin.key_older"), "j", shown[-1].id)] if len(acts) > PAGE else []
    return Screen(body, tuple(row for row in (*rows, tuple(steps), (to_state(language),)) if row))


def _entry(act: Act, chat: Chat, now: datetime) -> Rich:
    """One act: its number, what, who, when, why, and the changes it made."""
    language = chat.language
    named = f"admin.act_{act.action}"
    what = say(language, named) if known(language, named) else clean(act.action)
    moment = dates.moment(act.at, now, chat.timezone, language)
    state = say(language, "admin.act_is_undone") if act.undone_at else ""
    more = len(act.changes) - SHOWN
    return lines(
        text(f"{act.id}. {what} {state}".rstrip()),
        *(described(change, language) for change in act.changes[:SHOWN]),
        say(language, "admin.act_more", n=more) if more > 0 else "",
        cut_at_word(clean(act.why), 200),
        italic(text(say(language, "admin.act_by", person=act.person_id, moment=moment))),
    )


def described(change: Change, language: str) -> str:
    """One change as a line: + what came, − what went, with where it came from when it moved."""
    subject = cut_at_word(clean(change.subject), SUBJECT)
    if change.kind is ChangeKind.TERM:
        topic, _, term = subject.partition(":")
        where = group_name(change.after, language) or group_name(change.before, language)
        sign = "−" if change.after is not None and "removed" in change.after else "+"
        if change.after is None:
            sign = "↩"
        return " ".join(
            part for part in (sign, f"{topic}\u00a0: {term}" if language == "fr" else f"{topic}: {term}", where) if part
        )
    if change.after is None:
        return f"↩ {subject}"
    if "removed" in change.after:
        return f"− {subject}"
    values = ", ".join(f"{name} {value}" for name, value in change.after.items() if name != "banned")
    return f"+ {subject}" + (f" ({cut_at_word(clean(values), 160)})" if values else "")


def group_name(value: object, language: str) -> str:
    """The group of a term's value in words, in brackets; "" when it has none."""
    group = value.get("group") if isinstance(value, dict) else None
    named = f"admin.group_{group}"
    return f"({say(language, named)})" if group and known(language, named) else ""
