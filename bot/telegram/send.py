"""A message for a chat becomes an outcome: one call to Telegram, and what it means for the delivery.

What matters is told apart: surely not received (try again), perhaps received (its answer was lost), and the refusals
that each need their own deed. A sender never raises for Telegram or the network and never retries: the outbox decides
what happens next. A cause is always a name of the catalogue `cause`, so that no token, chat id or text is in it.
"""

from datetime import timedelta
from typing import Literal

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import LinkPreviewOptions, ReplyParameters

from bot.model import (
    AnswerLost,
    CannotParse,
    ChatGone,
    Message,
    Migrated,
    NotReceived,
    Outcome,
    Refused,
    Sent,
    ThreadGone,
    Unauthorised,
)
from bot.telegram.client import NeverSent
from bot.telegram.keyboards import keyboard, without_links

# Telegram's wordings, lower case, and the names of the catalogue `cause` (telegram-bot-api, Client.cpp; TDLib).
FORMAT = ("parse entities", "entit", "button url", "button_url", "wrong http url", "button_type_invalid")
THREAD = ("thread not found", "topic_closed", "topic_deleted", "topic closed", "topic deleted")
GONE = (
    ("blocked by the user", "blocked"),
    ("user_is_blocked", "blocked"),
    ("kicked", "kicked"),
    ("deactivated", "deactivated"),
    ("not a member", "kicked"),
    ("initiate conversation", "never_started"),
    ("was deleted", "deleted"),
    ("rights", "no_rights"),
    ("chat_write_forbidden", "no_rights"),
    ("chat_send_plain_forbidden", "no_rights"),
    ("chat_restricted", "no_rights"),
    ("chat_admin_required", "no_rights"),
)
REFUSED = (
    ("chat not found", "chat_not_found"),
    ("peer_id_invalid", "chat_not_found"),
    ("too long", "too_long"),
    ("text is empty", "empty_text"),
    ("not found", "message_not_found"),
    ("can't be edited", "message_not_found"),
)


class Sender:
    """The one door alerts leave by."""

    def __init__(self, bot: Bot, paid: Literal["off", "on"] = "off") -> None:
        """`paid`: each message may cost Stars, and leave beyond 30 a second (Bot API, allow_paid_broadcast)."""
        self._bot = bot
        self._paid = paid == "on" or None

    async def send(self, chat_id: int, thread_id: int, message: Message) -> Outcome:
        """Sends `message`; an empty `html` sends the plain twin, without entities and without link buttons.

        `thread_id` 0 is the chat itself or its General topic. Never raises for Telegram or the network.
        """
        formatted = bool(message.html)
        try:
            sent = await self._bot.send_message(
                chat_id,
                message.html or message.plain,
                message_thread_id=thread_id or None,
                parse_mode="HTML" if formatted else None,
                disable_notification=message.silent or None,
                allow_paid_broadcast=self._paid,
                link_preview_options=_preview(message),
                reply_parameters=_answered(message),
                reply_markup=keyboard(message.buttons if formatted else without_links(message.buttons)),
            )
        except AiogramError as error:
            return outcome_of(error)
        return Sent(sent.message_id)

    async def edit(self, chat_id: int, message_id: int, message: Message) -> Outcome:
        """Replaces what stands in a message that was sent; one that is the same already counts as done."""
        formatted = bool(message.html)
        try:
            await self._bot.edit_message_text(
                message.html or message.plain,
                chat_id=chat_id,
                message_id=message_id,
                parse_mode="HTML" if formatted else None,
                link_preview_options=_preview(message),
                reply_markup=keyboard(message.buttons if formatted else without_links(message.buttons)),
            )
        except TelegramBadRequest as error:
            return Sent(message_id) if "message is not modified" in error.message else outcome_of(error)
        except AiogramError as error:
            return outcome_of(error)
        return Sent(message_id)


def outcome_of(error: AiogramError) -> Outcome:
    """What an error of aiogram means for a delivery. Never Sent.

    Sources: core.telegram.org/bots/api#making-requests (ok, error_code, parameters) and #responseparameters.
    """
    match error:
        case TelegramRetryAfter():
            return NotReceived("flood", timedelta(seconds=error.retry_after))
        case TelegramMigrateToChat():
            return Migrated(error.migrate_to_chat_id)
        case NeverSent():
            return NotReceived(error.message)
        case TelegramEntityTooLarge():  # a kind of network error to aiogram, an answer to us
            return Refused("too_long")
        case TelegramUnauthorizedError() | TelegramNotFound():  # 404: no such bot; an unknown chat is a 400
            return Unauthorised("token_refused")
        case TelegramForbiddenError():
            return ChatGone(_named(error, GONE) or "forbidden")
        case TelegramBadRequest():
            return _bad_request(error)
        case TelegramServerError():
            return AnswerLost("telegram_down")
        case TelegramNetworkError():
            return AnswerLost(error.message)
        case TelegramConflictError():
            return NotReceived("conflict")
        case TelegramAPIError() if "too many requests" in error.message.lower():  # a 429 that names no time
            return NotReceived("flood")
        case TelegramAPIError():
            return Refused("bad_request")
        case _:  # ClientDecodeError above all: HTML from a gateway, half an answer
            return AnswerLost("telegram_unreadable")


def _bad_request(error: TelegramBadRequest) -> Outcome:
    """One of the many kinds of 400."""
    words = error.message.lower()
    if any(known in words for known in THREAD):
        return ThreadGone("thread_gone")
    if gone := _named(error, GONE):
        return ChatGone(gone)
    if any(known in words for known in FORMAT):
        return CannotParse("format_refused")
    return Refused(_named(error, REFUSED) or "bad_request")


def _named(error: TelegramAPIError, names: tuple[tuple[str, str], ...]) -> str:
    """The name of a refusal, "" for a wording we do not know: the wording itself may quote what we sent."""
    words = error.message.lower()
    return next((name for known, name in names if known in words), "")


def _answered(message: Message) -> ReplyParameters | None:
    """The message it answers; it is sent all the same when that one was deleted (Bot API, ReplyParameters)."""
    if not message.reply_to:
        return None
    return ReplyParameters(message_id=message.reply_to, allow_sending_without_reply=True)


def _preview(message: Message) -> LinkPreviewOptions:
    """The link we chose, small; no guess of Telegram's among several links."""
    if message.preview_url is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=message.preview_url, prefer_small_media=True)


async def own_name(bot: Bot) -> str | Outcome:
    """The bot's @name, or why Telegram did not say it. Never raises for Telegram or the network."""
    try:
        return (await bot.get_me()).username or ""
    except AiogramError as error:
        return outcome_of(error)
