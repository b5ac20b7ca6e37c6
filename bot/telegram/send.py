"""A message for a chat becomes an outcome: one call to Telegram, and what it means for the delivery.

What matters is told apart: surely not received (try again), perhaps received (its answer was lost), and the refusals
that each need their own deed. A sender never raises for Telegram or the network, never retries, and never puts a token,
a chat id or a text in a cause: the outbox decides what happens next.
"""

from datetime import timedelta

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
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
from aiogram.types import LinkPreviewOptions

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

# Wordings of 400 answers, lower case (telegram-bot-api, Client.cpp; TDLib, error texts of messages.sendMessage).
FORMAT_WORDS = ("parse entities", "entit", "button url", "button_url", "wrong http url", "button_type_invalid")
THREAD_WORDS = ("thread not found", "topic_closed", "topic_deleted", "topic closed", "topic deleted")
RIGHTS_WORDS = (
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_send_plain_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "user_is_blocked",
    "bot was blocked",
    "bot was kicked",
    "group chat was deactivated",
    "user_deactivated",
    "user is deactivated",
)
# For a wording that is in none of the lists: it is told, not hidden, but never with what it may quote.
KNOWN_REFUSALS = ("chat not found", "message is too long", "text is empty", "peer_id_invalid", "button_data_invalid")


class Sender:
    """The one door alerts leave by."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

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
                link_preview_options=_preview(message),
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
            return Refused("too large")
        case TelegramUnauthorizedError() | TelegramNotFound():  # 404: no such bot; unknown chats are 400
            return Unauthorised(_named(error))
        case TelegramForbiddenError():
            return ChatGone(_plain_words(error))
        case TelegramBadRequest():
            return _refusal(error)
        case TelegramServerError() | TelegramNetworkError():
            return AnswerLost(_named(error))
        case ClientDecodeError():
            return AnswerLost("unreadable answer")
        case TelegramConflictError():
            return NotReceived("conflict")
        case TelegramAPIError() if "too many requests" in error.message.lower():  # a 429 that names no time
            return NotReceived("flood")
        case TelegramAPIError():
            return Refused(_plain_words(error))
        case _:
            return AnswerLost(_named(error))


def _refusal(error: TelegramBadRequest) -> Outcome:
    """One of the many kinds of 400."""
    words = error.message.lower()
    if any(known in words for known in THREAD_WORDS):
        return ThreadGone("thread gone")
    if any(known in words for known in RIGHTS_WORDS):
        return ChatGone(_plain_words(error))
    if any(known in words for known in FORMAT_WORDS):
        return CannotParse("format refused")
    named = next((known for known in KNOWN_REFUSALS if known in words), None)
    return Refused(named or "bad request")


def _plain_words(error: TelegramAPIError) -> str:
    """Telegram's reason in its own words; those of a 403 quote nothing of ours."""
    return error.message.removeprefix("Forbidden: ").removeprefix("Bad Request: ")[:100]


def _named(error: AiogramError) -> str:
    """The kind of a failure; the name of what the network did, when it did something."""
    if type(error) is TelegramNetworkError:
        return error.message
    return type(error).__name__


def _preview(message: Message) -> LinkPreviewOptions:
    """The link we chose, small; no guess of Telegram's among several links."""
    if message.preview_url is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=message.preview_url, prefer_small_media=True)
