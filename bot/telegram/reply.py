"""What a handler decides to show: a screen, a word at the top of the phone, a file. Values; nothing is sent here.

A screen is rich text, escaped by construction, with rows of buttons. By default it takes the place of the screen whose
button was pressed, so that the conversation never piles up.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.alerts.rich import Rich, bold, joined, text
from bot.changes import Role
from bot.model import Button
from bot.telegram import callback
from bot.telegram.keyboards import Rows


@dataclass(frozen=True, slots=True)
class Screen:
    """`picture`: a PNG over the text, which is then its caption (1,024 UTF-16 units); b"" for none."""

    body: Rich
    buttons: Rows = ()
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to share in another chat: `label` and `byline` in the list one picks from, `body` what is then said."""

    number: str
    label: str
    byline: str
    body: Rich
    url: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """A page of them. `further`: what asks for the next one. `door`: words of a button that opens our own chat."""

    page: tuple[Offer, ...]
    further: str = ""
    door: str = ""


class Place(StrEnum):
    HERE = "here"  # instead of the screen whose button was pressed; a message of its own for a command
    BESIDE = "beside"  # a message that quotes what was pressed or written
    NOWHERE = "nowhere"  # the pressed screen goes away


@dataclass(frozen=True, slots=True)
class File:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands a chat lists from now on: in this language, with those of a role in that person's private chat."""

    chat_id: int
    language: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`toast`: a line over the chat for whoever pressed (200 characters); `loud`: it must be tapped away.

    `menus`: chats whose list of commands changes with this. `notices`: screens for other chats.
    `offers`: what may be shared, for who asks from another chat. `later` makes the screen when it takes time and
    changes nothing: while answering, so that others are served. `after` makes one that takes longer still: the answer
    is given first, and the screen takes the pressed one's place once made, unless the person has gone on meanwhile.
    """

    screen: Screen | None = None
    toast: str = ""
    loud: bool = False
    place: Place = Place.HERE
    file: File | None = None
    menus: tuple[Menu, ...] = ()
    offers: Offers | None = None
    notices: tuple[tuple[int, Screen], ...] = ()
    later: Callable[[], Awaitable[Screen]] | None = None
    after: Callable[[], Awaitable[Screen]] | None = None


def page(title: str, *paragraphs: str | Rich) -> Rich:
    """A bold title and paragraphs with an empty line between them; "" paragraphs vanish."""
    return joined("\n\n", (bold(text(title)), *map(_rich, paragraphs)))


def lines(*pieces: str | Rich) -> Rich:
    """One under the other; "" pieces vanish."""
    return joined("\n", map(_rich, pieces))


def key(label: str, verb: str, *args: object) -> Button:
    """A button of ours."""
    return Button(label, data=callback.write(verb, *args))


def rows_of(buttons: Iterable[Button], width: int) -> Rows:
    """Buttons in rows of `width`."""
    given = tuple(buttons)
    return tuple(given[start : start + width] for start in range(0, len(given), width))


def _rich(piece: str | Rich) -> Rich:
    return text(piece) if isinstance(piece, str) else piece
