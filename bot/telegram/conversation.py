"""An update becomes a decision that has committed, and the reply to give: the conversation, apart from the wire.

    update → handled before? → is the person heard? → who visits, with which rights → one handler → Reply

The dispatcher's routers stand in this order: operators, our own place in chats, strangers at a closed door, those who
may choose, the polite refusals, everybody. Nothing is answered here (`answer`) and nothing is polled here (`chat`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiogram import Bot, Dispatcher, Router
from aiogram.types import TelegramObject, Update
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from bot.changes import Rights
from bot.errors import GuetteurError
from bot.locales import say
from bot.telegram import screens
from bot.telegram.admin.doors import Office
from bot.telegram.admin.routers import administering
from bot.telegram.channels import channelling
from bot.telegram.doors import StoreDoor
from bot.telegram.inline import sharing
from bot.telegram.keywords import Keywords, wording
from bot.telegram.membership import membership
from bot.telegram.newcomer import approving, knocking
from bot.telegram.operator import operating
from bot.telegram.patience import Heard, Patience
from bot.telegram.reply import Offers, Reply
from bot.telegram.routing import is_choice
from bot.telegram.search import searching
from bot.telegram.sources import Outlets, sourcing
from bot.telegram.subscriber import Emit, Topics, choosing, reading
from bot.telegram.visit import House, Visit, chat_of, person_of, visit_of
from bot.telegram.voting import voting

STORE_ATTEMPTS = 3
STORE_PAUSE = 0.3  # seconds


def make_dispatcher(
    store: StoreDoor, topics: Topics, emit: Emit, outlets: Outlets, office: Office, keywords: Keywords
) -> Dispatcher:
    """Every router with what its handlers need; `visit`, `house` and `now` come with each update."""
    dispatcher = Dispatcher(
        disable_fsm=True, store=store, topics=topics, emit=emit, outlets=outlets, office=office, keywords=keywords
    )
    dispatcher.include_routers(
        operating(),
        *administering(),
        approving(),
        membership(),
        knocking(),
        choosing(),
        sourcing(),
        wording(),
        refusing(),
        channelling(),
        voting(),
        searching(),
        sharing(),
        reading(),
    )
    return dispatcher


def refusing() -> Router:
    """A choice by somebody who may not: says why, changes nothing."""

    async def not_yours(_event: TelegramObject, visit: Visit) -> bool:
        return is_choice(visit)

    router = Router(name="refusing")
    router.message(not_yours)(refuse_message)
    router.callback_query(not_yours)(refuse_press)
    return router


async def refuse_message(_event: TelegramObject, visit: Visit) -> Reply:
    return Reply(screens.note(visit.language, "anonymous" if visit.anonymous else "admins_only"))


async def refuse_press(_event: TelegramObject, visit: Visit) -> Reply:
    return Reply(toast=say(visit.language, "chat.note_admins_only"), loud=True)


# A store that is locked for a moment is asked again: every wish sets a state, so asking twice does no harm.
patiently = retry(
    retry=retry_if_exception_type(GuetteurError),
    wait=wait_fixed(STORE_PAUSE),
    stop=stop_after_attempt(STORE_ATTEMPTS),
    reraise=True,
)


@dataclass(slots=True)
class Conversation:
    """What it takes to answer an update. `clock` gives aware UTC, once per update."""

    bot: Bot
    dispatcher: Dispatcher
    store: StoreDoor
    house: House
    clock: Callable[[], datetime]
    patience: Patience = field(default_factory=Patience)

    async def decide(self, update: Update) -> Reply | None:
        """What to answer; whatever it changes has committed. None: nothing to say. Raises what handlers raise."""
        now = self.clock()
        heard = self._hears(update, now)
        return None if heard is Heard.IGNORE else await self._decide(update, heard, now)

    @patiently
    async def _decide(self, update: Update, heard: Heard, now: datetime) -> Reply | None:
        if await self.store.update_seen(update.update_id):
            return None
        rights = await self.store.rights(person_of(update), chat_of(update))
        visit = visit_of(update, await self.store.subscriber(chat_of(update)), self.house, now, rights)
        if visit is None and not update.my_chat_member:
            return None
        if visit and heard is Heard.WARN:
            return _remark(update, visit, "slow_down")
        reply = await self.dispatcher.feed_update(self.bot, update, visit=visit, house=self.house, now=now)
        return reply if isinstance(reply, Reply) else None

    async def settled(self, update: Update) -> None:
        """The update was answered: a second delivery of it does nothing."""
        await self.store.mark_update(update.update_id, self.clock())

    def apology(self, update: Update) -> Reply | None:
        """What a person reads when their wish could not be kept: nothing changed, and they know it."""
        visit = visit_of(update, None, self.house, self.clock(), Rights())
        if visit is None:
            return None
        return _remark(update, visit, "trouble")

    def _hears(self, update: Update, now: datetime) -> Heard:
        event = update.message or update.callback_query or update.inline_query
        person = event.from_user if event else None
        return self.patience.hears(person.id, now) if person else Heard.LISTEN


def _remark(update: Update, visit: Visit, name: str) -> Reply:
    """A sentence, where the person looks: in the chat after a message, over it after a press."""
    if update.message:
        return Reply(screens.note(visit.language, name))
    if update.inline_query:
        return Reply(offers=Offers(()))  # a person who types on asks again
    return Reply(toast=say(visit.language, f"chat.note_{name}"), loud=True)
