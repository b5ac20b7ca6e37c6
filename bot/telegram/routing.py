"""Filters and words the routers share: what was asked, who may ask it."""

from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import AiogramError, ClientDecodeError
from aiogram.types import TelegramObject

from bot.telegram.client import raw_result
from bot.telegram.visit import Visit

Check = Callable[..., Awaitable[bool]]

# What changes a chat, or tells what is kept of it: in a group, for its administrators alone.
CHOICES = frozenset(
    {
        "start",
        "topics",
        "rhythm",
        "pause",
        "resume",
        "stop",
        "language",
        "mydata",
        "forget",
        "sources",
        "keywords",
    }  # commands
    | {"f", "u", "r", "z", "p", "s", "l", "d", "e", "m", "k", "t"}  # buttons
)
CHOICE_SCREENS = frozenset({"home", "rhythm", "quiet", "off", "cap", "zone", "language", "sources", "keywords"})
RULERS = {ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR}


def asks(*names: str) -> Check:
    """The visit asks for one of `names`."""

    async def check(_event: TelegramObject, visit: Visit) -> bool:
        return visit.asked in names

    return check


def goes_to(*screens: str) -> Check:
    """A button that only leads to a screen."""

    async def check(_event: TelegramObject, visit: Visit) -> bool:
        return visit.asked == "g" and visit.argument in screens

    return check


def is_choice(visit: Visit) -> bool:
    return visit.asked in CHOICES or (visit.asked == "g" and visit.argument in CHOICE_SCREENS)


async def may_choose(_event: TelegramObject, visit: Visit, bot: Bot) -> bool:
    """A choice by somebody entitled to it: oneself in private, a real administrator in a group (default: no).

    Source: core.telegram.org/bots/api#getchatmember. Asked at every press: administrators come and go.
    """
    if not is_choice(visit):
        return False
    if visit.private:
        return True
    if visit.anonymous or not visit.person_id:
        return False
    try:
        member = await bot.get_chat_member(visit.chat_id, visit.person_id, request_timeout=5)
    except ClientDecodeError as error:
        raw = raw_result(error)
        return isinstance(raw, dict) and raw.get("status") in RULERS
    except AiogramError:
        return False
    return member.status in RULERS


async def is_operator(_event: TelegramObject, visit: Visit) -> bool:
    """An operator, in the private chat: what operators see is nobody else's business."""
    return visit.operator and visit.private
