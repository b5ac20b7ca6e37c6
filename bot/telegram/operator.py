"""What an operator asks, in private, becomes one call of the store and a screen. Nobody else is answered here."""

from aiogram import Router
from aiogram.types import TelegramObject

from bot.locales import say
from bot.telegram import callback, overview
from bot.telegram.admin.doors import Office
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply, Screen
from bot.telegram.routing import asks, is_operator
from bot.telegram.subscriber import Topics, chat_of_visit
from bot.telegram.visit import Visit


def operating() -> Router:
    """For operators alone; stands before the routers of everybody, so that /etat is theirs."""
    router = Router(name="operating")
    router.message.filter(is_operator)
    router.callback_query.filter(is_operator)
    router.message(asks("status"))(state)
    router.callback_query(asks("o"))(state)
    return router


async def state(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, office: Office) -> Reply:
    """/etat: feeds, last poll, errors, subscribers, queue; or a page of the feeds; or a chart of it all."""
    if visit.args == ("chart",):
        return _chart(visit, store, topics, office)
    seen = await store.overview(visit.now)
    match visit.args:
        case ("feeds", page):
            return Reply(overview.feeds_screen(chat_of_visit(visit), seen, callback.number(page) or 0))
        case _:
            return Reply(overview.overview_screen(chat_of_visit(visit), seen, topics(), charts=office.can_draw()))


def _chart(visit: Visit, store: StoreDoor, topics: Topics, office: Office) -> Reply:
    """The picture takes the screen's place once it is drawn; where it cannot be, the counts in words say so."""
    chat = chat_of_visit(visit)

    async def made() -> Screen:
        picture = await office.picture(chat.language, chat.timezone, visit.now)
        if picture:
            return overview.chart_screen(chat, picture, topics())
        seen = await store.overview(visit.now)
        return overview.overview_screen(
            chat, seen, topics(), charts=office.can_draw(), remark=say(chat.language, "picture.not_drawn")
        )

    return Reply(toast=say(chat.language, "picture.drawing"), after=made)
