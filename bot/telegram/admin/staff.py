"""Who may press what among admins: filters by role, and the polite end of a button whose object is gone."""

from aiogram import Router
from aiogram.types import TelegramObject

from bot.changes import Role
from bot.locales import say
from bot.model import Button
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Menu, Reply, key
from bot.telegram.routing import Check
from bot.telegram.visit import House, Visit


def at_least(role: Role) -> Check:
    """In private, somebody whose role reaches `role`; asked anew at every press."""

    async def check(_event: TelegramObject, visit: Visit) -> bool:
        return visit.private and visit.role is not None and visit.role.reaches(role)

    return check


def staff_router(name: str, role: Role) -> Router:
    """A router that answers nobody below `role`."""
    router = Router(name=name)
    router.message.filter(at_least(role))
    router.callback_query.filter(at_least(role))
    return router


def gone(visit: Visit) -> Reply:
    """What a button was about is no longer there."""
    return Reply(toast=say(visit.language, "admin.toast_gone"))


async def menu_of(person_id: int, store: StoreDoor, house: House) -> Menu:
    """What a person's phone lists now that their role changed, in the language they chose."""
    who = await store.subscriber(person_id)
    role = Role.OWNER if person_id in house.operators else (await store.rights(person_id, person_id)).role
    return Menu(person_id, who.chat.language if who else house.language, role)


def to_state(language: str) -> Button:
    """The way back to where everything of the admins starts."""
    return key(say(language, "admin.key_state"), "o", "state")
