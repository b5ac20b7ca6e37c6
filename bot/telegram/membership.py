"""What Telegram says of our own place in a chat becomes a state: let in, put out, blocked, let in again, moved.

Subscriptions outlive every one of these. Source: core.telegram.org/bots/api#chatmemberupdated (my_chat_member) and
#message (migrate_to_chat_id).
"""

from datetime import datetime

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, TelegramObject

from bot.events import SubscriberCame, SubscriberGone
from bot.locales import language_of
from bot.model import ChatKind
from bot.telegram import callback, screens
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply
from bot.telegram.routing import asks
from bot.telegram.subscriber import Emit, Topics
from bot.telegram.visit import MIGRATED, House, Visit, kind_of

OUT = {ChatMemberStatus.LEFT, ChatMemberStatus.KICKED}


def membership() -> Router:
    router = Router(name="membership")
    router.my_chat_member()(changed)
    router.message(asks(MIGRATED))(migrated)
    return router


async def changed(
    event: ChatMemberUpdated, store: StoreDoor, topics: Topics, emit: Emit, house: House, now: datetime
) -> Reply | None:
    """Our status in a chat changed."""
    chat, kind = event.chat, kind_of(event.chat.type)
    cause = _put_out(event, kind)
    if cause:
        await store.lost(chat.id, cause, now)
        emit(SubscriberGone(chat.id, cause))
        return None
    known = await store.found(chat.id, now)
    if known is not None or kind is not ChatKind.GROUP or event.old_chat_member.status not in OUT:
        return None
    language = language_of(event.from_user.language_code)
    if house.by_approval and event.from_user.id not in house.operators:
        return Reply(screens.note(language, "by_invitation"))
    arrival = await store.arrive(chat.id, kind, language, now, name=chat.title or "")
    if arrival.new:
        emit(SubscriberCame(chat.id, kind.value))
    return Reply(screens.hello_group(language, chat.title or "", topics()))


def _put_out(event: ChatMemberUpdated, kind: ChatKind) -> str:
    """Why we may no longer write, as a name of the catalogue `cause`; "" when we may."""
    member = event.new_chat_member
    if member.status in OUT:
        return "blocked" if kind is ChatKind.PRIVATE else "kicked"
    if isinstance(member, ChatMemberRestricted) and not member.can_send_messages:
        return "no_rights"
    return ""


async def migrated(_event: TelegramObject, visit: Visit, store: StoreDoor) -> None:
    """The group became a supergroup; the argument is its new number, from Telegram's own service message."""
    new = callback.number(visit.argument.removeprefix("-"))
    if new:
        await store.migrate(visit.chat_id, -new, visit.now)
