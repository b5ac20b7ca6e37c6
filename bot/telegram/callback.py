"""What a button means ⇄ the opaque data Telegram carries for it: `<verb><version>:<argument>:…`, 64 bytes at most.

Data comes back from the other side and anybody can forge it, so reading it decides nothing: rights are checked at each
press, the chat is the one the button stands in, and an argument is looked up before it is believed. A button of another
version, or of none, is None: the screen has aged. `w1:<alert id>` stands under alerts too (`alerts/render`).

Source: core.telegram.org/bots/api#inlinekeyboardbutton (callback_data, 1-64 bytes).
"""

import re
from dataclasses import dataclass

VERSION = "1"
BYTES_AT_MOST = 64
_DATA = re.compile(rf"(?P<verb>[a-z]+){VERSION}(?P<rest>(?::[^:]*)*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Press:
    """A verb and its arguments, as text."""

    verb: str
    args: tuple[str, ...] = ()


def write(verb: str, *args: object) -> str:
    """The data of a button. Raises ValueError when it would be longer than Telegram takes."""
    data = ":".join((f"{verb}{VERSION}", *map(str, args)))
    if len(data.encode()) > BYTES_AT_MOST:
        raise ValueError(f"callback data over {BYTES_AT_MOST} bytes: {data!r}")
    return data


def read(data: str) -> Press | None:
    """What a button of ours means; None for one that is not, or no longer, ours."""
    found = _DATA.fullmatch(data)
    if found is None or len(data.encode(errors="replace")) > BYTES_AT_MOST:
        return None
    return Press(found["verb"], tuple(found["rest"].split(":")[1:]))


def number(text: str) -> int | None:
    """An argument that must be a positive number; None for anything else, however long."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
