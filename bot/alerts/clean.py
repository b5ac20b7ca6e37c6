"""A publisher's text → one line that shows what it says and does nothing else.

Feeds carry whatever people type into them. Before a title or a summary may stand in a message, control, bidirectional
and invisible characters go, piles of combining marks are cut, and a sign that would make Telegram turn a word into a
mention, a command, a hashtag or a cashtag is followed by a word joiner (U+2060): nobody sees it and it ends the match
(rules: tdlib, MessageEntity.cpp, match_mentions and its neighbours). Escaping is not done here: `rich.text` does it,
always. `clean` is idempotent, and never changes a visible character beyond Unicode's canonical composition (NFC).
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from bot.text.sentences import sentences

JOINER: Final = "\u2060"
SPACE: Final = "\u00a0"  # non-breaking
ELLIPSIS: Final = "…"

_MARKS_AT_MOST: Final = 3  # in a row; Vietnamese and polytonic Greek need two once composed
_GLUE: Final = "\u200d"  # joins the parts of an emoji
_BLANK: Final = frozenset("\u2800\u3164\u115f\u1160\uffa0\u17b4\u17b5")  # letters and symbols that show nothing
_SIGN: Final = re.compile(r"(?<!\w)([@/#$])(?=\w)")

_FRENCH: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"«\s*"), f"«{SPACE}"),
    (re.compile(r"\s*»"), f"{SPACE}»"),
    (re.compile(r"(?<=\S) (?=[:;!?](?:\W|$))"), SPACE),
    (re.compile(r"(?<=\d) (?=[$€%¢°])"), SPACE),
    (re.compile(r"(?<=\d)(?=[$€%](?:\W|$))"), SPACE),
    (re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)"), lambda thousands: thousands[0].replace(" ", SPACE)),
    (re.compile(r"\b(\d{1,2}) ?h ?(\d{2})\b"), rf"\1{SPACE}h{SPACE}\2"),
    (re.compile(r"\b(\d{1,2}) h\b"), rf"\1{SPACE}h"),
)


def clean(value: str) -> str:
    """`value` as one visible, unclickable line; "" when nothing of it can be seen."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", value):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category in {"Cs", "Co"} or char in _BLANK or marks > _MARKS_AT_MOST or _is_no_character(char):
            continue
        elif category != "Cf" or (char == _GLUE and kept and unicodedata.category(kept[-1]) in {"So", "Sk", "Mn"}):
            kept.append(char)
    return _SIGN.sub(rf"\1{JOINER}", " ".join("".join(kept).split()))


def typeset(value: str, language: str) -> str:
    """French as a newsroom sets it: « mot », 14 h 30, 643 000 $, and no line that starts with : ; ! or ?.

    Only spaces change, and only in French (Office québécois de la langue française, « Espacement »).
    """
    if language == "fr":
        for pattern, right in _FRENCH:
            value = pattern.sub(right, value)
    return value


def units(value: str) -> int:
    """Length as Telegram counts it: UTF-16 code units (Bot API, MessageEntity)."""
    return len(value) + sum(char > "\uffff" for char in value)


def cut_at_sentence(value: str, limit: int) -> str:
    """As many whole sentences as `limit` units hold; the first one cut at a word when it is longer by itself."""
    if units(value) <= limit:
        return value
    ends = [sentence.end for sentence in sentences(value) if units(value[: sentence.end]) <= limit]
    return value[: ends[-1]] if ends else cut_at_word(value, limit)


def cut_at_word(value: str, limit: int) -> str:
    """`value`, or its start and « … » at the end of a word, in `limit` units at most."""
    if units(value) <= limit:
        return value
    room = limit - units(ELLIPSIS)
    start = value[:room]
    while units(start) > room:
        start = start[:-1]
    words = start.rstrip() if value[len(start)].isspace() else start.rpartition(" ")[0].rstrip()
    return (words or start).rstrip(" ,;:–—-" + SPACE) + ELLIPSIS


def _is_no_character(char: str) -> bool:
    """Code points Unicode reserves as no character (U+FDD0–FDEF and the last two of each plane)."""
    return "\ufdd0" <= char <= "\ufdef" or ord(char) & 0xFFFE == 0xFFFE
