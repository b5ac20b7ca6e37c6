"""A reply becomes calls to Telegram: a screen edited in place or sent, a toast, a file, a menu.

What a person cannot help is silent: "message is not modified", an answer to a press that came too late, a screen
deleted meanwhile. What surely did not arrive is tried again for some seconds; a lost answer is not, because a screen
sent twice is worse than one pressed twice.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    MaybeInaccessibleMessageUnion,
    Message,
    ReplyParameters,
    Update,
)
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_exponential

from bot.changes import Role
from bot.model import ChatKind
from bot.telegram.client import NeverSent
from bot.telegram.commands import menu
from bot.telegram.keyboards import keyboard
from bot.telegram.reply import File, Menu, Offer, Offers, Place, Reply, Screen

FLOOD_AT_MOST = timedelta(seconds=10)  # a longer wait is not waited for: the person has gone on
ATTEMPTS = 3
TOAST = 200  # characters (core.telegram.org/bots/api#answercallbackquery)
CACHED_SECONDS = 30  # of an inline answer, by Telegram
FROM_INLINE = "partage"  # what /start is then told; it names no topic
PICTURE = "guetteur.png"
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def superseded(replies: Sequence[tuple[Update, Reply | None]]) -> list[tuple[Update, Reply | None]]:
    """Of several presses on one screen answered together, only the last one redraws it. Pure."""
    last: set[tuple[int, int]] = set()
    kept: list[tuple[Update, Reply | None]] = []
    for update, reply in reversed(replies):
        query = update.callback_query
        if reply and reply.screen and reply.place is Place.HERE and query and query.message:
            drawn = (query.message.chat.id, query.message.message_id)
            reply = replace(reply, screen=None) if drawn in last else reply  # noqa: PLW2901 (the same reply, less)
            last.add(drawn)
        kept.append((update, reply))
    return kept[::-1]


async def answer(bot: Bot, update: Update, reply: Reply | None, turn: Callable[[int], Awaitable[None]]) -> None:
    """Carries a reply out. `turn(chat_id)` waits for the pace. Raises AiogramError for what is worth a log line."""
    try:
        if update.callback_query:
            await _answer_press(bot, update.callback_query, reply, turn)
        elif update.inline_query and reply and reply.offers:
            await _answer_search(bot, update.inline_query, reply.offers)
        elif reply and (update.message or update.my_chat_member):
            await _answer_message(bot, update, reply, turn)
    except TelegramForbiddenError:
        pass  # blocked or put out: my_chat_member says it
    for chat_id, screen in reply.notices if reply else ():
        with suppress(TelegramForbiddenError, TelegramBadRequest):  # somebody who never wrote to the bot, or left
            await turn(chat_id)
            await _post(bot, chat_id, None, None, screen, None)
    for listed in reply.menus if reply else ():
        with suppress(TelegramForbiddenError, TelegramBadRequest):
            await _set_menu(bot, listed)


async def _answer_press(
    bot: Bot, query: CallbackQuery, reply: Reply | None, turn: Callable[[int], Awaitable[None]]
) -> None:
    """The press first, so that the phone stops waiting; then the screen."""
    reply = reply or Reply()
    with suppress(TelegramBadRequest):  # the press is too old to be answered; the screen still counts
        await _try(bot.answer_callback_query, query.id, text=reply.toast[:TOAST] or None, show_alert=reply.loud or None)
    if query.message is None:
        return
    chat_id, message_id = query.message.chat.id, query.message.message_id
    await turn(chat_id)
    if reply.place is Place.NOWHERE:
        await _remove(bot, chat_id, message_id)
    elif reply.screen and reply.place is Place.HERE:
        await redraw(bot, query.message, reply.screen)
    elif reply.screen:
        await _post(bot, chat_id, None, message_id, reply.screen, reply.file)


async def _answer_message(bot: Bot, update: Update, reply: Reply, turn: Callable[[int], Awaitable[None]]) -> None:
    """In a group the answer quotes the question, in the same forum topic; in private it just follows."""
    message: Message | None = update.message
    chat = message.chat if message else update.my_chat_member.chat  # type: ignore[union-attr]
    thread_id = message.message_thread_id if message and message.is_topic_message else None
    quoted = message.message_id if message and chat.type != "private" else None
    if reply.screen is None:
        return
    await turn(chat.id)
    await _post(bot, chat.id, thread_id, quoted, reply.screen, reply.file)


async def _answer_search(bot: Bot, query: InlineQuery, offers: Offers) -> None:
    """What may be shared, each person their own (is_personal), kept by Telegram for no longer than news are new."""
    button = InlineQueryResultsButton(text=offers.door, start_parameter=FROM_INLINE) if offers.door else None
    with suppress(TelegramBadRequest):  # the person has typed on, or gone
        await _try(
            bot.answer_inline_query,
            query.id,
            [_result(offer) for offer in offers.page],
            cache_time=CACHED_SECONDS,
            is_personal=True,
            next_offset=offers.further,
            button=button,
        )


def _result(offer: Offer) -> InlineQueryResultArticle:
    said = InputTextMessageContent(message_text=offer.body.html, parse_mode="HTML", link_preview_options=NO_PREVIEW)
    return InlineQueryResultArticle(
        id=offer.number,
        title=offer.label,
        description=offer.byline or None,
        url=offer.url or None,
        input_message_content=said,
    )


async def redraw(bot: Bot, message: MaybeInaccessibleMessageUnion, screen: Screen) -> None:
    """Edits in place; a screen that can no longer be edited is sent anew.

    A text can become a picture (core.telegram.org/bots/api#editmessagemedia) and never the other way round: a text that
    follows a picture is sent, and the picture goes.
    """
    chat_id, message_id = message.chat.id, message.message_id
    if isinstance(message, Message) and message.photo and not screen.picture:
        await _post(bot, chat_id, None, None, screen, None)
        await _remove(bot, chat_id, message_id)
        return
    try:
        await _try(_edit, bot, chat_id, message_id, screen)
    except TelegramBadRequest as error:
        if "not modified" in error.message:
            return
        await _post(bot, chat_id, None, None, screen, None)


async def _edit(bot: Bot, chat_id: int, message_id: int, screen: Screen) -> None:
    buttons = keyboard(screen.buttons)
    if screen.picture:
        photo = BufferedInputFile(screen.picture, PICTURE)
        media = InputMediaPhoto(media=photo, caption=screen.body.html, parse_mode="HTML")
        await bot.edit_message_media(media, chat_id=chat_id, message_id=message_id, reply_markup=buttons)
        return
    await bot.edit_message_text(
        screen.body.html,
        chat_id=chat_id,
        message_id=message_id,
        parse_mode="HTML",
        link_preview_options=NO_PREVIEW,
        reply_markup=buttons,
    )


async def _post(
    bot: Bot, chat_id: int, thread_id: int | None, quoted: int | None, screen: Screen, file: File | None
) -> None:
    quote = ReplyParameters(message_id=quoted, allow_sending_without_reply=True) if quoted else None
    common: dict[str, Any] = {
        "message_thread_id": thread_id,
        "parse_mode": "HTML",
        "reply_parameters": quote,
        "reply_markup": keyboard(screen.buttons),
    }
    if screen.picture:
        photo = BufferedInputFile(screen.picture, PICTURE)
        await _try(bot.send_photo, chat_id, photo, caption=screen.body.html, **common)
        return
    if file:
        document = BufferedInputFile(file.data, file.name)
        await _try(bot.send_document, chat_id, document, caption=screen.body.html, **common)
        return
    await _try(bot.send_message, chat_id, screen.body.html, link_preview_options=NO_PREVIEW, **common)


async def _remove(bot: Bot, chat_id: int, message_id: int) -> None:
    """A message older than 48 hours cannot be deleted: its buttons go (core.telegram.org/bots/api#deletemessage)."""
    try:
        await _try(bot.delete_message, chat_id, message_id)
    except TelegramBadRequest:
        with suppress(TelegramBadRequest):
            await _try(bot.edit_message_reply_markup, chat_id=chat_id, message_id=message_id)


async def _set_menu(bot: Bot, listed: Menu) -> None:
    """The chat's own menu, in the language it chose whatever the phone speaks."""
    kind = ChatKind.PRIVATE if listed.chat_id > 0 else ChatKind.GROUP
    commands = bot_commands(listed.language, kind, listed.role)
    await _try(bot.set_my_commands, commands, scope=BotCommandScopeChat(chat_id=listed.chat_id))


def bot_commands(language: str, kind: ChatKind, role: Role | None = None) -> list[BotCommand]:
    return [BotCommand(command=spelling, description=words) for spelling, words in menu(language, kind, role)]


def _worth_trying_again(error: BaseException) -> bool:
    """Surely not received, and soon possible."""
    if isinstance(error, TelegramRetryAfter):
        return timedelta(seconds=error.retry_after) <= FLOOD_AT_MOST
    return isinstance(error, NeverSent)


def _wait(state: RetryCallState) -> float:
    """As long as Telegram asks; else 0.5 s, 1 s."""
    error = state.outcome.exception() if state.outcome else None
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else wait_exponential(0.5)(state)


@retry(retry=retry_if_exception(_worth_trying_again), wait=_wait, stop=stop_after_attempt(ATTEMPTS), reraise=True)
async def _try(call: Callable[..., Awaitable[Any]], *args: Any, **values: Any) -> Any:
    return await call(*args, **values)
