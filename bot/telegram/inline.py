"""What a person types after the bot's @name, in any chat, becomes alerts and articles to share there.

Nothing typed: the latest alerts of the topics they follow; words: the stored articles that hold them. What is shared is
a plain message with the outlet and the link, without our buttons: it stands in a chat that is not ours. With access by
approval only those who were let in are answered; a stranger is shown the door, and nothing of anybody is kept.

Source: core.telegram.org/bots/api#answerinlinequery (50 results at most, next_offset, is_personal, button).
"""

from dataclasses import dataclass
from datetime import datetime

from aiogram import Router
from aiogram.types import InlineQuery

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_sentence, cut_at_word
from bot.alerts.rich import Rich, address, italic, text
from bot.locales import say
from bot.model import Alert, Chat, Item
from bot.telegram import callback, screens
from bot.telegram.doors import StoreDoor
from bot.telegram.news import title_of
from bot.telegram.reply import Offer, Offers, Reply, lines
from bot.telegram.routing import asks
from bot.telegram.subscriber import Topics, chat_of_visit
from bot.telegram.visit import INLINE, House, Visit
from bot.text.search import search_words

PAGE = 10  # results at a time
WORDS_BYTES = 200
TITLE = 120  # characters of a result's title, of two lines on a phone
SUMMARY = 600  # units of the summary that is shared
FETCHED = 0  # an item's number that no item has


def sharing() -> Router:
    """For everybody the house is open to."""
    router = Router(name="sharing")
    router.inline_query(asks(INLINE))(offer)
    return router


async def offer(_event: InlineQuery, visit: Visit, store: StoreDoor, topics: Topics, house: House) -> Reply:
    """A page of what may be shared."""
    if house.by_approval and visit.who is None and not visit.operator:
        return Reply(offers=Offers((), door=say(visit.language, "chat.inline_closed")))
    words = search_words(visit.argument, WORDS_BYTES)
    before = callback.number(visit.args[1]) if len(visit.args) == 2 else None
    chat = chat_of_visit(visit)
    if words:
        found = await store.search(words, limit=PAGE, before=before)
        offers = tuple(_of_item(item, chat, visit.now) for item, _ in found)
        last = found[-1][0].id if found else FETCHED
    else:
        shown = screens.followed(visit.who, topics()) if visit.who else []
        wanted = [topic.id for topic in shown or topics()]
        alerts = await store.latest_alerts(wanted, limit=PAGE, before=before)
        offers = tuple(_of_alert(alert, chat, visit.now) for alert in alerts)
        last = alerts[-1].id if alerts else FETCHED
    door = (
        say(visit.language, "chat.inline_none" if words else "chat.inline_empty") if not offers and not before else ""
    )
    return Reply(offers=Offers(offers, str(last) if len(offers) == PAGE else "", door))


def _of_item(item: Item, chat: Chat, now: datetime) -> Offer:
    told = _Told(item.title, item.url, item.lang, item.digest or item.summary, item.outlet, item.found_at)
    return told.offer(f"i{item.id}", chat, now)


def _of_alert(alert: Alert, chat: Chat, now: datetime) -> Offer:
    outlet = alert.mentions[0].outlet if alert.mentions else ""
    return _Told(alert.title, alert.url, alert.lang, alert.summary, outlet, alert.raised_at).offer(
        f"a{alert.id}", chat, now
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """A piece of news as it is shared."""

    title: str
    url: str
    lang: str
    summary: str
    outlet: str
    at: datetime

    def offer(self, number: str, chat: Chat, now: datetime) -> Offer:
        moment = dates.moment(self.at, now, chat.timezone, chat.language)
        byline = " · ".join(part for part in (cut_at_word(clean(self.outlet), TITLE), moment) if part)
        return Offer(number, cut_at_word(clean(self.title), TITLE) or "…", byline, self._body(), address(self.url))

    def _body(self) -> Rich:
        """Title, summary, outlet: no date in words, because « today » will be read tomorrow."""
        summary = cut_at_sentence(clean(self.summary), SUMMARY)
        source = italic(text(cut_at_word(clean(self.outlet), TITLE)))
        return lines(title_of(self.title, self.url, self.lang), summary, source)
