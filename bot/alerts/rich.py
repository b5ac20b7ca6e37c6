"""Text and tags → Telegram HTML that is balanced and escaped by construction, with its plain twin and its size.

The only way to put characters into a message is `text`, which escapes them; the only way to put a tag is a function
that closes it. Telegram counts UTF-16 code units after it has read the entities, refuses more than 4096, and ignores
entities after the hundredth (Bot API, sendMessage and "Formatting options").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, Self
from urllib.parse import quote, urlsplit

from bot.alerts.clean import units

UNITS_AT_MOST: Final = 4096
ENTITIES_AT_MOST: Final = 100
BYTES_AT_MOST: Final = 30_000  # of the markup itself, under the 32 kB a Bot API server reads
URL_AT_MOST: Final = 2_000  # characters of an address, as browsers and caches agree
_UNSAFE: Final = frozenset(' "<>\\^`{|}')


@dataclass(frozen=True, slots=True)
class Rich:
    """A piece of a message. `size`: units Telegram counts of `html`; `entities`: tags it makes of it."""

    html: str = ""
    plain: str = ""
    size: int = 0
    entities: int = 0

    def __add__(self, other: Self) -> "Rich":
        return Rich(
            self.html + other.html, self.plain + other.plain, self.size + other.size, self.entities + other.entities
        )

    def __bool__(self) -> bool:
        return bool(self.html or self.plain)

    @property
    def fits(self) -> bool:
        """Whether both twins can be sent in one message."""
        return (
            max(self.size, units(self.plain)) <= UNITS_AT_MOST
            and self.entities <= ENTITIES_AT_MOST
            and len(self.html.encode()) <= BYTES_AT_MOST
        )


def text(value: str) -> Rich:
    """Characters that mean themselves."""
    return Rich(escape(value, quote=False), value, units(value))


def bold(inner: Rich) -> Rich:
    return _tagged("b", inner)


def italic(inner: Rich) -> Rich:
    return _tagged("i", inner)


def code(inner: Rich) -> Rich:
    """Characters that can be read back as they are, and that nothing turns into a link."""
    return _tagged("code", inner)


def link(inner: Rich, url: str) -> Rich:
    """`inner` opening `url`; `inner` alone when the address is none that `address` lets through."""
    target = address(url)
    if not target or not inner:
        return inner
    return Rich(f'<a href="{escape(target)}">{inner.html}</a>', inner.plain, inner.size, inner.entities + 1)


def only_plain(value: str) -> Rich:
    """What the plain twin needs and the tags already say, such as the address of a link."""
    return Rich(plain=value)


def joined(separator: str, pieces: Iterable[Rich]) -> Rich:
    """The pieces that are not empty, with `separator` between them."""
    whole = Rich()
    for piece in pieces:
        whole = (whole + text(separator) + piece if whole else piece) if piece else whole
    return whole


def address(url: str) -> str:
    """`url` as it may stand in a message: http or https, a host and no user name before it; "" otherwise.

    What cannot be seen or would end a link is percent-encoded (RFC 3986, 2.1).
    """
    quoted = "".join(_quoted(char) for char in url.strip())
    try:
        parts = urlsplit(quoted)
        reachable = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    except ValueError:
        return ""
    return quoted if reachable and len(escape(quoted)) <= URL_AT_MOST else ""


def _quoted(char: str) -> str:
    return quote(char, errors="ignore") if char in _UNSAFE or not char.isprintable() else char


def _tagged(tag: str, inner: Rich) -> Rich:
    if not inner:
        return inner
    return Rich(f"<{tag}>{inner.html}</{tag}>", inner.plain, inner.size, inner.entities + 1)
