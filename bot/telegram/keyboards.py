"""Rows of our buttons become Telegram's inline keyboard."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model import Button

Rows = tuple[tuple[Button, ...], ...]


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """None when there are no buttons: Telegram then removes those that stand."""
    if not rows:
        return None
    return InlineKeyboardMarkup(inline_keyboard=[[_key(button) for button in row] for row in rows if row])


def without_links(rows: Rows) -> Rows:
    """The buttons that cannot be refused for their address."""
    kept = (tuple(button for button in row if not button.url) for row in rows)
    return tuple(row for row in kept if row)


def _key(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(text=button.label, url=button.url)
    return InlineKeyboardButton(text=button.label, callback_data=button.data)
