"""A thumb pressed under an alert becomes the person's opinion of it, and a short word over the chat.

Anybody who reads a chat may press, in a group each person for themselves, and only under an alert the chat was owed.
A press both sets and withdraws, so it marks its update in the same transaction: delivered twice, it has one effect.
"""

from aiogram import Router
from aiogram.types import CallbackQuery, Update

from bot.alerts.opinion import BAD, GOOD, NONE
from bot.locales import say
from bot.telegram import callback
from bot.telegram.doors import StoreDoor
from bot.telegram.reply import Reply
from bot.telegram.routing import asks
from bot.telegram.visit import Visit

THUMBS = {"1": GOOD, "-1": BAD}
TOASTS = {GOOD: "toast_good", BAD: "toast_bad", NONE: "toast_no_opinion"}


def voting() -> Router:
    """The thumbs, for everybody."""
    router = Router(name="voting")
    router.callback_query(asks("v"))(vote)
    return router


async def vote(_event: CallbackQuery, visit: Visit, store: StoreDoor, event_update: Update) -> Reply:
    alert_id, thumb = read_vote(visit.args)
    if alert_id is None or thumb is None:
        return Reply(toast=say(visit.language, "chat.toast_alert_gone"))
    standing = await store.vote(visit.chat_id, visit.person_id, alert_id, thumb, visit.now, event_update.update_id)
    name = "toast_alert_gone" if standing is None else TOASTS[standing]
    return Reply(toast=say(visit.language, f"chat.{name}"))


def read_vote(args: tuple[str, ...]) -> tuple[int | None, int | None]:
    """The alert and the thumb of a button; None for what a forger made up."""
    match args:
        case (alert, thumb):
            return callback.number(alert), THUMBS.get(thumb)
        case _:
            return None, None
