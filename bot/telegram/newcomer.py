"""With access by approval, a stranger's /start becomes a request to the operators, and their press an answer.

Nothing is stored of a stranger: the request is the message the operators get, and its buttons carry the chat's number.
The name shown there comes from the request itself and goes no further. A group comes in when an operator adds the bot.
"""

from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.changes import Role
from bot.events import SubscriberCame
from bot.locales import LANGUAGES, say
from bot.model import ChatKind
from bot.telegram import callback, screens
from bot.telegram.admin.staff import at_least
from bot.telegram.doors import StoreDoor
from bot.telegram.pace import Limit
from bot.telegram.patience import Heard, Patience
from bot.telegram.reply import Reply, Screen, key, page
from bot.telegram.routing import asks
from bot.telegram.subscriber import Emit, Topics
from bot.telegram.visit import House, Visit

ASK_AGAIN = Limit(timedelta(hours=12), 1)  # operators hear of the same person twice a day at most


def approving() -> Router:
    """The operators' side."""
    router = Router(name="approving")
    router.callback_query.filter(at_least(Role.ADMIN))
    router.callback_query(asks("a"))(decide)
    return router


def knocking() -> Router:
    """The strangers' side: in a house with access by approval, nothing else answers them."""
    asked = Patience(ASK_AGAIN)

    async def knocks(event: Message, visit: Visit, house: House) -> Reply:
        return knock(event, visit, house, asked)

    router = Router(name="knocking")
    router.message.filter(is_stranger)
    router.callback_query.filter(is_stranger)
    router.message(asks("start"))(knocks)
    router.message()(closed)
    router.callback_query()(closed_press)
    return router


async def is_stranger(_event: TelegramObject, visit: Visit, house: House) -> bool:
    """Nobody we know, in a house that is not open."""
    return house.by_approval and visit.who is None and not visit.operator


def knock(event: Message, visit: Visit, house: House, asked: Patience) -> Reply:
    """A private /start: the operators are asked, in the house's language; a group has to be added by one of them."""
    if not visit.private:
        return Reply(screens.note(visit.language, "by_invitation"))
    if asked.hears(visit.chat_id, visit.now) is not Heard.LISTEN:
        return Reply(screens.note(visit.language, "asked_already"))
    person = event.from_user
    name = cut_at_word(clean(person.full_name if person else ""), 80)
    request = _request(house.language, name, visit.chat_id, visit.language)
    return Reply(screens.note(visit.language, "asked"), notices=tuple((chief, request) for chief in house.operators))


async def closed(_event: TelegramObject, visit: Visit) -> Reply:
    return Reply(screens.note(visit.language, "by_invitation"))


async def closed_press(_event: CallbackQuery, visit: Visit) -> Reply:
    return Reply(toast=say(visit.language, "chat.note_by_invitation"), loud=True)


async def decide(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, emit: Emit) -> Reply:
    """An operator's yes or no. A yes pressed twice, or by two operators, lets in once."""
    match visit.args:
        case ("yes", number, language) if (chat_id := callback.number(number)) and language in LANGUAGES:
            arrival = await store.arrive(chat_id, ChatKind.PRIVATE, language, visit.now)
            done = Reply(Screen(page(say(visit.language, "admin.let_in"))))
            if not arrival.new:
                return done
            emit(SubscriberCame(chat_id, ChatKind.PRIVATE.value))
            welcome = screens.welcome(language, topics(), arrival.subscriber)
            return Reply(done.screen, notices=((chat_id, welcome),))
        case ("no", *_):
            return Reply(Screen(page(say(visit.language, "admin.kept_out"))))
        case _:
            return Reply(toast=say(visit.language, "chat.toast_outdated"))


def _request(language: str, name: str, chat_id: int, their_language: str) -> Screen:
    yes = key(say(language, "admin.key_let_in"), "a", "yes", chat_id, their_language)
    no = key(say(language, "admin.key_keep_out"), "a", "no", chat_id)
    return Screen(page(say(language, "admin.knock_title"), say(language, "admin.knock", name=name)), ((yes, no),))
