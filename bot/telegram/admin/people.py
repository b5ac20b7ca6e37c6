"""/admins and /bannir: who may do what, and who may no longer write, by numbers; names change hands and prove nothing.

Owners are those of the settings: nobody makes or unmakes one here. Every press is checked for the role of that moment.
"""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Router
from aiogram.types import TelegramObject

from bot.changes import Change, ChangeKind, Role
from bot.locales import say
from bot.telegram import callback
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import gone, menu_of, staff_router, to_state
from bot.telegram.commands import spelled
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply, Screen, key, lines, page, rows_of
from bot.telegram.routing import asks
from bot.telegram.visit import House, Visit

SHOWN = 20  # buttons
GIVEN = {"admin": Role.ADMIN, "editor": Role.EDITOR}
SPELLINGS = {"admin": "admin", "administrateur": "admin", "editor": "editor", "editeur": "editor", "éditeur": "editor"}


def appointing() -> Router:
    """For owners alone."""
    router = staff_router("appointing", Role.OWNER)
    router.message(asks("admins"))(show_admins)
    router.callback_query(asks("ss"))(show_admins)
    router.callback_query(asks("sg"))(appoint)
    router.callback_query(asks("sd"))(dismiss)
    return router


def banning() -> Router:
    router = staff_router("banning", Role.ADMIN)
    router.message(asks("ban"))(show_bans)
    router.callback_query(asks("bl"))(show_bans)
    router.callback_query(asks("by"))(ban)
    router.callback_query(asks("bd"))(lift)
    return router


# /admins


async def show_admins(_event: TelegramObject, visit: Visit, office: Office, house: House, store: StoreDoor) -> Reply:
    """/admins lists; /admins <number> asks which role to give."""
    number, _, spelling = visit.argument.partition(" ")
    person = callback.number(number)
    if person is None or visit.asked != "admins":
        return await _admins(visit, office, house)
    if person in house.operators:
        return Reply(_note(visit, "admin.already_owner"))
    if given := SPELLINGS.get(spelling.strip().lower()):
        return await _give(visit, office, house, store, person, given)
    keys = tuple(key(say(visit.language, f"admin.role_{role}"), "sg", person, role) for role in GIVEN)
    cancel = key(say(visit.language, "chat.key_cancel"), "ss")
    body = page(
        say(visit.language, "admin.appoint_title", person=person),
        lines(say(visit.language, "admin.role_admin_may"), say(visit.language, "admin.role_editor_may")),
    )
    return Reply(Screen(body, (keys, (cancel,))))


async def appoint(_event: TelegramObject, visit: Visit, office: Office, house: House, store: StoreDoor) -> Reply:
    """A role's button."""
    match visit.args:
        case (number, role) if (person := callback.number(number)) and role in GIVEN and person not in house.operators:
            return await _give(visit, office, house, store, person, role)
        case _:
            return gone(visit)


async def _give(visit: Visit, office: Office, house: House, store: StoreDoor, person: int, role: str) -> Reply:
    wanted = Change(ChangeKind.ADMIN, str(person), {"role": GIVEN[role].value})
    await office.act(visit.person_id, "admin_added", [wanted], visit.now)
    toast = say(visit.language, "admin.toast_appointed", person=person, role=say(visit.language, f"admin.role_{role}"))
    listed = await _admins(visit, office, house, toast)
    return replace(listed, menus=(await menu_of(person, store, house),))


async def dismiss(_event: TelegramObject, visit: Visit, office: Office, house: House, store: StoreDoor) -> Reply:
    """Takes a role back; gone already is as good."""
    person = callback.number(visit.argument)
    if not person:
        return gone(visit)
    await office.act(visit.person_id, "admin_removed", [Change(ChangeKind.ADMIN, str(person), None)], visit.now)
    listed = await _admins(visit, office, house, say(visit.language, "admin.toast_dismissed", person=person))
    return replace(listed, menus=(await menu_of(person, store, house),))


async def _admins(visit: Visit, office: Office, house: House, toast: str = "") -> Reply:
    return Reply(admins_screen(visit.language, sorted(house.operators), await office.admins()), toast=toast)


def admins_screen(language: str, owners: Sequence[int], admins: Sequence[tuple[int, Role]]) -> Screen:
    """Everybody with a role, by number; a button takes back a role that was given here."""
    listed = [say(language, "admin.is_owner", person=person) for person in owners]
    listed += [say(language, f"admin.is_{role.value}", person=person) for person, role in admins]
    how = say(language, "admin.admins_how", admins=spelled("admins", language))
    body = page(say(language, "admin.admins_title"), lines(*listed), how)
    dismissals = [key(say(language, "admin.key_dismiss", person=person), "sd", person) for person, _ in admins[:SHOWN]]
    return Screen(body, (*rows_of(dismissals, 2), (to_state(language),)))


# /bannir


async def show_bans(_event: TelegramObject, visit: Visit, office: Office, house: House) -> Reply:
    """/bannir lists; /bannir <number> asks first."""
    language = visit.language
    digits = visit.argument.removeprefix("-")
    if visit.asked != "ban" or callback.number(digits) is None:
        return await _bans(visit, office)
    chat_id = int(visit.argument)
    if await _is_staff(chat_id, office, house):
        return Reply(_note(visit, "admin.ban_staff"))
    yes = key(say(language, "admin.key_ban_yes"), "by", chat_id)
    no = key(say(language, "chat.key_cancel"), "bl")
    body = page(say(language, "admin.ban_title", chat=chat_id), say(language, "admin.ban_text"))
    return Reply(Screen(body, ((yes, no),)))


async def ban(_event: TelegramObject, visit: Visit, office: Office, house: House) -> Reply:
    """The yes of the question."""
    if callback.number(visit.argument.removeprefix("-")) is None:
        return gone(visit)
    chat_id = int(visit.argument)
    if await _is_staff(chat_id, office, house):
        return Reply(_note(visit, "admin.ban_staff"))
    await office.ban(chat_id, visit.person_id, visit.now)
    return await _bans(visit, office, say(visit.language, "admin.toast_banned", chat=chat_id))


async def lift(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """The chat may write again; its alerts stay stopped until it asks for them."""
    if callback.number(visit.argument.removeprefix("-")) is None:
        return gone(visit)
    await office.act(visit.person_id, "ban_lifted", [Change(ChangeKind.BAN, str(int(visit.argument)), None)], visit.now)
    return await _bans(visit, office, say(visit.language, "admin.toast_lifted", chat=visit.argument))


async def _is_staff(chat_id: int, office: Office, house: House) -> bool:
    """Whoever has a role loses it before they can be banned."""
    return chat_id in house.operators or chat_id in {person for person, _ in await office.admins()}


async def _bans(visit: Visit, office: Office, toast: str = "") -> Reply:
    language, banned = visit.language, await office.banned()
    listed = lines(*(str(chat_id) for chat_id in banned[:SHOWN])) or say(language, "admin.bans_none")
    how = say(language, "admin.bans_how", ban=spelled("ban", language))
    lifts = [key(say(language, "admin.key_lift", chat=chat_id), "bd", chat_id) for chat_id in banned[:SHOWN]]
    body = page(say(language, "admin.bans_title", n=len(banned)), listed, how)
    return Reply(Screen(body, (*rows_of(lifts, 2), (to_state(language),))), toast=toast)


def _note(visit: Visit, name: str) -> Screen:
    return Screen(lines(say(visit.language, name)), ((to_state(visit.language),),))
