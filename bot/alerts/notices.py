"""An event becomes a notice that opens or closes; notices become one message that an operator can act on. Pure.

An operator hears of a thing once when it begins and once when it is over, in words that say what to do. What cannot be
said while it lasts (the token is refused) is said when it is over. Must never name a chat or quote a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, bold, joined, text
from bot.alerts.when import in_quiet_hours
from bot.events import (
    ConfigRefused,
    ConfigReloaded,
    DeliveryDied,
    DeliverySent,
    Event,
    LoopFailed,
    LoopRecovered,
    ThreadLost,
    TokenRefused,
)
from bot.locales import known, say
from bot.model import Chat, Message, Notice, NoticeKind

PASSING: Final = (
    NoticeKind.DELIVERY_REFUSED,
    NoticeKind.THREAD_LOST,
    NoticeKind.UNEXPECTED,
    NoticeKind.CONFIG_DIFFERS,
)  # they have no end of their own, or their machine may go without one
SAID_AFTERWARDS: Final = NoticeKind.TOKEN_REFUSED
SHARED: Final = frozenset({"conflict", "webhook_set"})
OUR_FAULT: Final = frozenset({"bad_request", "format_refused", "too_long", "empty_text"})
LINES_AT_MOST: Final = 12
LONGEST_VALUE: Final = 700  # characters
HICCUP: Final = timedelta(minutes=1)  # a database that fails for less is nobody's business
CALM: Final = timedelta(minutes=2)  # without a failure: it is over


@dataclass(frozen=True, slots=True)
class Opening:
    kind: NoticeKind
    subject: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    kind: NoticeKind


@dataclass(frozen=True, slots=True)
class Outage:
    """Failures of the database that belong together. `told`: operators know."""

    since: datetime
    latest: datetime
    told: bool = False


def noted(event: Event) -> tuple[Opening | Closing, ...]:
    """What an event means for operators; nothing, for most."""
    match event:
        case ConfigRefused(problems=problems):
            return (Opening(NoticeKind.CONFIG_REFUSED, values={"problems": "\n".join(problems)}),)
        case ConfigReloaded():
            return (Closing(NoticeKind.CONFIG_REFUSED),)
        case TokenRefused():
            return (Opening(NoticeKind.TOKEN_REFUSED),)
        case DeliverySent():
            return (Closing(NoticeKind.TOKEN_REFUSED),)
        case LoopRecovered(loop="chat"):
            return Closing(NoticeKind.TOKEN_REFUSED), Closing(NoticeKind.TOKEN_SHARED)
        case LoopFailed(loop="chat", cause=cause) if cause in SHARED:
            return (Opening(NoticeKind.TOKEN_SHARED, values={"cause": cause}),)
        case LoopFailed(loop=loop, cause=cause, error=error) if error is not None:
            return (Opening(NoticeKind.UNEXPECTED, f"{loop}: {cause}"),)
        case ThreadLost():
            return (Opening(NoticeKind.THREAD_LOST),)
        case DeliveryDied(cause=cause) if cause in OUR_FAULT:
            return (Opening(NoticeKind.DELIVERY_REFUSED, cause, {"cause": cause}),)
        case _:
            return ()


def follow_outage(outage: Outage | None, now: datetime, *, failed: bool) -> Outage | None:
    """The database's outage after another look: it grows while it fails, and ends after two minutes without."""
    if failed:
        return Outage(outage.since, now, outage.told) if outage else Outage(now, now)
    return None if outage is None or now - outage.latest >= CALM else outage


def is_outage(outage: Outage | None) -> bool:
    """Whether it has lasted long enough to be told."""
    return outage is not None and outage.latest - outage.since >= HICCUP


def draw_notices(chat: Chat, notices: Sequence[Notice], now: datetime) -> Message:
    """One message for all; past a dozen the rest is counted. Without a sound in the chat's quiet hours."""
    shown = [text(_told(one, chat, now)) for one in notices[:LINES_AT_MOST]]
    while True:
        left = len(notices) - len(shown)
        more = text(say(chat.language, "notice.more", n=left)) if left else Rich()
        body = joined("\n\n", (bold(text(say(chat.language, "notice.title"))), *shown, more))
        if body.fits or len(shown) <= 1:
            return Message(body.html, body.plain, silent=in_quiet_hours(chat, now))
        shown.pop()


def sentence(one: Notice, language: str, timezone: str, now: datetime) -> str:
    """What lasts, and what to do; « depuis » in words of `timezone`."""
    return _words(one, "opened", language, timezone, now)


def _told(one: Notice, chat: Chat, now: datetime) -> str:
    over = one.closed_at is not None or one.kind is SAID_AFTERWARDS
    return _words(one, "closed" if over else "opened", chat.language, chat.timezone, now)


def _words(one: Notice, end: str, language: str, timezone: str, now: datetime) -> str:
    values = {name: cut_at_word(_cleaned(value), LONGEST_VALUE) for name, value in one.values.items()}
    if "cause" in values:
        cause = f"cause.{one.values['cause']}"
        values["cause"] = say(language, cause) if known(language, cause) else values["cause"]
    since = dates.moment(one.opened_at, now, timezone, language)
    return say(language, f"notice.{one.kind.value}_{end}", **values, subject=clean(one.subject), since=since)


def _cleaned(value: str) -> str:
    """Lines stay lines: a configuration has one a mistake."""
    return "\n".join(clean(line) for line in value.splitlines())
