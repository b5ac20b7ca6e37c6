"""/canal @name, in private: the subscriber's own screens, at work on a channel its administrator leads from there.

A channel has nobody to press its buttons, so they stand in the private chat and carry the channel's number before what
they mean: `h1:<channel>:<verb>:<argument>:…`. At every press Telegram is asked whether the person still administers the
channel and whether the bot may still post there. Who administers what is kept nowhere, and whoever is not an
administrator learns nothing of a channel.

Source: core.telegram.org/bots/api#getchat, #getchatmember, #chatmemberadministrator (can_post_messages).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiogram import Bot, Router
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.exceptions import AiogramError, ClientDecodeError
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.events import SubscriberCame, SubscriberGone
from bot.locales import say
from bot.model import Button, ChatKind
from bot.telegram import callback, screens, sources, subscriber
from bot.telegram.client import raw_result
from bot.telegram.commands import spelled
from bot.telegram.doors import StoreDoor
from bot.telegram.keyboards import Rows
from bot.telegram.reply import Reply, Screen, key, lines, page
from bot.telegram.routing import RULERS, asks
from bot.telegram.sources import Outlets
from bot.telegram.subscriber import Emit, Topics
from bot.telegram.visit import UNKNOWN, Visit

NAMED = re.compile(
    r"(?:@|(?:https?://)?t\.me/)?(?P<name>[A-Za-z][A-Za-z0-9_]{3,31})/?|(?P<number>-100\d{6,13})", re.ASCII
)
TITLE = 80
ASKING = 5  # seconds a question to Telegram may take

# What may be set of a channel, by the verb of its button, and the screens that lead there.
WISHES: dict[str, Callable[..., Any]] = {
    "f": subscriber.follow,
    "u": subscriber.unfollow,
    "t": subscriber.change_topic_rhythm,
    "p": subscriber.pause_or_resume,
    "l": subscriber.set_language,
    "r": subscriber.change_rhythm,
    "z": subscriber.change_zone,
    "m": sources.change_source,
}
SCREENS: dict[str, Callable[..., Any]] = {
    "home": subscriber.home,
    "status": subscriber.status,
    "language": subscriber.languages,
    "sources": sources.show_sources,
    **dict.fromkeys(("rhythm", "quiet", "off", "cap", "zone"), subscriber.show_rhythm),
}


def channelling() -> Router:
    """For anybody, in private: what may be done is asked of Telegram each time."""
    router = Router(name="channelling")
    router.message(asks("channel"))(link)
    router.callback_query(asks("h"), _is_private)(lead)
    return router


async def _is_private(_event: TelegramObject, visit: Visit) -> bool:
    return visit.private


async def link(_event: Message, visit: Visit, store: StoreDoor, topics: Topics, emit: Emit, bot: Bot) -> Reply:
    """/canal @name: the channel is known from now on, if the person leads it and the bot may post there."""
    if not visit.private:
        return Reply(how_to_link(visit.language))
    if visit.who is None:
        return subscriber.unknown_chat(visit, topics)
    named = NAMED.fullmatch(visit.argument.strip())
    if named is None:
        return Reply(how_to_link(visit.language))
    asked = int(named["number"]) if named["number"] else f"@{named['name']}"
    chat = await _told(bot.get_chat(asked, request_timeout=ASKING))
    if not chat or chat.get("type") != "channel":
        return Reply(refusal_screen(visit.language, "channel_unseen"))
    channel_id, title = int(chat["id"]), str(chat.get("title") or "")
    refused = await _why_not(bot, store, channel_id, visit.person_id)
    if refused:
        return Reply(refusal_screen(visit.language, refused))
    arrival = await store.arrive(channel_id, ChatKind.CHANNEL, visit.language, visit.now, name=title)
    if arrival.new:
        emit(SubscriberCame(channel_id, ChatKind.CHANNEL.value))
    shown = screens.home(arrival.subscriber, topics())
    return Reply(_led(shown, channel_id, arrival.subscriber.chat.language, title))


async def lead(
    event: CallbackQuery, visit: Visit, store: StoreDoor, topics: Topics, outlets: Outlets, emit: Emit, bot: Bot
) -> Reply:
    """A button of a channel's screens, pressed in private."""
    channel_id = _channel_id(visit.argument)
    if channel_id is None or len(visit.args) < 2:
        return await subscriber.outdated(event, visit, topics)
    who = await store.subscriber(channel_id)
    refused = await _why_not(bot, store, channel_id, visit.person_id)
    if refused or who is None or who.chat.kind is not ChatKind.CHANNEL:
        return Reply(refusal_screen(visit.language, refused or "channel_unlinked"))
    _, verb, *args = visit.args
    if verb == "e":
        return await _unlink(visit, store, emit, channel_id, args)
    wish = SCREENS.get(args[0]) if verb == "g" and args else WISHES.get(verb)
    if wish is None:
        return await subscriber.outdated(event, visit, topics)
    language = who.chat.language
    there = replace(
        visit, asked=verb, args=tuple(args), chat_id=channel_id, kind=ChatKind.CHANNEL, who=who, language=language
    )
    reply: Reply = await CallableObject(wish).call(
        event, visit=there, store=store, topics=topics, outlets=outlets, emit=emit
    )
    screen = reply.screen or screens.home(who, topics())
    now = await store.subscriber(channel_id) or who
    return replace(reply, screen=_led(screen, channel_id, now.chat.language), menus=())


async def _unlink(visit: Visit, store: StoreDoor, emit: Emit, channel_id: int, args: list[str]) -> Reply:
    """Asks once, then nothing is left of the channel."""
    language = visit.language
    if args != ["yes"]:
        yes = key(say(language, "chat.key_unlink_yes"), "h", channel_id, "e", "yes")
        no = key(say(language, "chat.key_cancel"), "h", channel_id, "g", "home")
        return Reply(
            Screen(page(say(language, "chat.unlink_title"), say(language, "chat.unlink_text")), ((yes,), (no,)))
        )
    await store.erase(channel_id)
    emit(SubscriberGone(channel_id, "erased"))
    return Reply(refusal_screen(language, "channel_unlinked"))


# Rights, asked of Telegram.


async def _why_not(bot: Bot, store: StoreDoor, channel_id: int, person_id: int) -> str:
    """Why a person may not lead a channel from here, as a name of the catalogue; "" when they may."""
    us = await _told(bot.get_chat_member(channel_id, bot.id, request_timeout=ASKING))
    if not us:
        return "channel_unseen"
    if us.get("status") != "administrator" or us.get("can_post_messages") is False:
        return "channel_no_rights"
    if (await store.rights(person_id, channel_id)).banned:
        return "channel_unseen"
    them = await _told(bot.get_chat_member(channel_id, person_id, request_timeout=ASKING))
    return "" if them.get("status") in RULERS else "channel_unseen"


async def _told(question: Any) -> dict[str, Any]:
    """What Telegram answers, as it was sent; {} when it does not say."""
    try:
        answer = await question
    except ClientDecodeError as error:
        raw = raw_result(error)
        return raw if isinstance(raw, dict) else {}
    except AiogramError:
        return {}
    plain: dict[str, Any] = answer.model_dump(mode="json", exclude_none=True)
    return plain


def _channel_id(written: str) -> int | None:
    found = NAMED.fullmatch(written)
    return int(found["number"]) if found and found["number"] else None


# Screens.


def how_to_link(language: str) -> Screen:
    """What to type, and what has to be done before."""
    command = spelled("channel", language)
    body = page(
        say(language, "chat.channel_title"),
        lines(say(language, "chat.channel_how_1"), say(language, "chat.channel_how_2", channel=command)),
        say(language, "chat.channel_how_3"),
    )
    return Screen(body, ((key(say(language, "chat.key_home"), "g", "home"),),))


def refusal_screen(language: str, why: str) -> Screen:
    """Why nothing is shown of a channel."""
    body = page(say(language, "chat.channel_title"), say(language, f"chat.{why}"))
    return Screen(body, ((key(say(language, "chat.key_home"), "g", "home"),),))


def _led(screen: Screen, channel_id: int, language: str, title: str = "") -> Screen:
    """A subscriber's screen, at work on a channel: its number in each button, and the way out of it."""
    name = cut_at_word(clean(title), TITLE)
    head = say(language, "chat.channel_named", channel=name) if name else say(language, "chat.channel_other")
    rows = tuple(tuple(_led_key(button, channel_id) for button in row if _is_led(button)) for row in screen.buttons)
    unlink = (key(say(language, "chat.key_unlink"), "h", channel_id, "e", "ask"),)
    is_home = any(button.data.startswith(("f1:", "u1:")) for row in screen.buttons for button in row)
    kept: Rows = (*(row for row in rows if row), *((unlink,) if is_home else ()))
    return Screen(lines(head, screen.body), kept)


def _is_led(button: Button) -> bool:
    press = callback.read(button.data)
    return press is not None and (press.verb in WISHES or (press.verb == "g" and press.args[0] in SCREENS))


def _led_key(button: Button, channel_id: int) -> Button:
    press = callback.read(button.data) or callback.Press(UNKNOWN)
    return key(button.label, "h", channel_id, press.verb, *press.args)
