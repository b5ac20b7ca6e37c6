"""/diffuser: a text becomes a preview, a question, and once confirmed a bar that follows the sending until its end.

The draft is kept by the store, so a restart loses nothing; confirming twice sends once. Sending is `loops/broadcast`.
"""

from aiogram import Router
from aiogram.types import CallbackQuery, TelegramObject

from bot.alerts.broadcast import UNITS, draw_progress, preview, written
from bot.alerts.clean import units
from bot.alerts.rich import Rich
from bot.changes import Broadcast, BroadcastState, Role
from bot.locales import say
from bot.telegram import callback
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import gone, staff_router, to_state
from bot.telegram.commands import spelled
from bot.telegram.reply import Reply, Screen, key, page
from bot.telegram.routing import asks
from bot.telegram.visit import Visit


def broadcasting() -> Router:
    router = staff_router("broadcasting", Role.ADMIN)
    router.message(asks("broadcast"))(draft)
    router.callback_query(asks("dy"))(confirm)
    router.callback_query(asks("dc"))(cancel)
    return router


async def draft(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/diffuser <text>: as it will be read, to how many, and the question."""
    language, said = visit.language, written(visit.argument)
    if not said or units(said) > UNITS:
        how = say(language, "admin.cast_how", broadcast=spelled("broadcast", language), most=UNITS)
        return Reply(Screen(page(say(language, "admin.cast_title"), how), ((to_state(language),),)))
    one = await office.draft(visit.person_id, language, said, visit.now)
    yes = key(say(language, "admin.key_cast_send", n=one.waiting), "dy", one.id)
    return Reply(Screen(preview(one), ((yes, key(say(language, "chat.key_cancel"), "dc", one.id)),)))


async def confirm(event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """The yes: owed to everybody from now on; pressed twice, the progress is shown."""
    one = await _asked(visit, office)
    if one is None or event.message is None:
        return gone(visit)
    await office.send(one.id, visit.person_id, event.message.message_id, visit.now)
    return await _shown(visit, office, one)


async def cancel(_event: CallbackQuery, visit: Visit, office: Office) -> Reply:
    """Whoever may send may stop, whoever sends."""
    one = await _asked(visit, office)
    if one is None:
        return gone(visit)
    await office.cancel(one.id)
    if one.state is BroadcastState.DRAFT:
        return Reply(Screen(page(say(visit.language, "admin.cancelled")), ((to_state(visit.language),),)))
    return await _shown(visit, office, one)


async def _asked(visit: Visit, office: Office) -> Broadcast | None:
    number = callback.number(visit.argument)
    return await office.broadcast(number) if number else None


async def _shown(visit: Visit, office: Office, one: Broadcast) -> Reply:
    now_ = await office.broadcast(one.id)
    if now_ is None:
        return gone(visit)
    drawn = draw_progress(now_)
    return Reply(Screen(Rich(drawn.html, drawn.plain), drawn.buttons))
