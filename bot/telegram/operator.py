"""What an operator asks, in private, becomes one call of the store and a screen. Nobody else is answered here."""

from aiogram import Router
from aiogram.types import TelegramObject

from bot.telegram import callback, overview
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply
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


async def state(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    """/etat: feeds, last poll, errors, subscribers, queue; or a page of the feeds."""
    seen = await store.overview(visit.now)
    match visit.args:
        case ("feeds", page):
            return Reply(overview.feeds_screen(chat_of_visit(visit), seen, callback.number(page) or 0))
        case _:
            return Reply(overview.overview_screen(chat_of_visit(visit), seen, topics()))
