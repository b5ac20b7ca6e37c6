"""Text → its sentences, each with where it stands, in French and in English.

A summary quotes whole sentences and a term of the form `A & B` wants both words in one, so a full stop is told from the
dot of « M. Roy », « art. 5 », « no. 12 », « p. ex. », "Mr.", "U.S." or « J.-F. ». Both languages share one set of
rules, because articles quote each other's language. A line that opens with a capital opens a sentence: it is a
paragraph or a heading. A quotation that opens in a sentence closes in it, so that nobody is quoted by half.
Never changes a character: `text[sentence.start:sentence.end] == sentence.text`.
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.text.fold import word_set


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` stands at `start:end` (characters) of the text it was cut from; no space at either end."""

    text: str
    start: int
    end: int


QUOTED_AT_MOST: Final = 600  # characters: a quotation that closes later than this is a typing mistake

# Their dot belongs to the word whatever follows: a name does.
_TITLES: Final = word_set(
    "m mm mr mrs ms mme mlle messrs dr drs pr prof mgr sen rep gov gen gén col lt sgt capt cmdr hon rev supt coun vs cf"
    " ex av boul bd env approx"
)
# Their dot belongs to the word when a number follows.
_BEFORE_NUMBERS: Final = word_set(
    "no nos nº n art p pp vol ch chap al par tél tel fig sec s c l janv jan févr fév feb mar avr apr juin juil jul août"
    " aug sept sep oct nov déc dec"
)
# Their dot may end the sentence too: it does when a word that opens sentences follows.
_EITHER: Final = word_set(
    "st ste sts stes etc inc ltée ltd co corp bros jr sr éd ed dir coll app apt dept dép univ assoc"
)
# Words that open sentences, and never are a name.
OPENERS: Final = word_set(
    "le la les l un une des du au aux ce cet cette ces c il elle ils elles on nous vous je j son sa ses leur leurs en"
    " dans pour par sur selon avec sans mais et ou or donc car si quand lorsque après avant depuis pendant malgré à d"
    " plus plusieurs quant aucun tous toutes the an this that these those he she it they we you i his her its their at"
    " for by with but and if when while after before since because according to there"
)

_STOP: Final = re.compile(r"[.!?…]+(?:[\s\u00a0\u202f]*[»”]|[\"’')\]])*(?=\s)|(?P<line>[^\S\n]*\n\s*)")
_OPENING: Final = re.compile(r"[\s«“\"'‘(\[—–•●▪*-]*([A-ZÀ-ÖØ-ÞŒŸ][\w]*|\d)")
_LAST_WORD: Final = re.compile(r"(?<!\d)((?:[^\W\d_]+[.’'-]+)*[^\W\d_]+)\.$")
_DOTTED: Final = re.compile(r"(?:[^\W\d_]{1,2}[.-]+)*[^\W\d_]")
_NUMBERED: Final = re.compile(r"\(?\d{1,2}\.")
_PAIRS: Final = (("«", "»"), ("“", "”"), ("(", ")"))


def sentences(text: str) -> tuple[Sentence, ...]:
    """Every sentence of `text`, in order; nothing but white space lies between two of them."""
    found: list[Sentence] = []
    start = 0
    for stop in _STOP.finditer(text):
        cut = stop.start() if stop["line"] is not None else stop.end()
        ends = _line_ends(text, stop) if stop["line"] is not None else _stop_ends(text, start, cut)
        if ends and text[start:cut].strip():
            found.append(_trimmed(text, start, cut))
            start = cut
    if text[start:].strip():
        found.append(_trimmed(text, start, len(text)))
    return tuple(found)


def _trimmed(text: str, start: int, end: int) -> Sentence:
    piece = text[start:end]
    stripped = piece.strip()
    left = start + len(piece) - len(piece.lstrip())
    return Sentence(stripped, left, left + len(stripped))


def _line_ends(text: str, line: re.Match[str]) -> bool:
    """A blank line always ends a sentence; a single one does when what follows opens one."""
    return line["line"].count("\n") > 1 or _OPENING.match(text, line.end()) is not None


def _stop_ends(text: str, start: int, cut: int) -> bool:
    opening = _OPENING.match(text, cut)
    if opening is None or _quoting(text, start, cut):
        return False
    said = text[start:cut].strip()
    if _NUMBERED.fullmatch(said):  # « 1. Les taxes »
        return False
    last = _LAST_WORD.search(said)
    return last is None or _word_ends(last[1], opening[1])


def _word_ends(word: str, following: str) -> bool:
    """Whether the dot after `word` ends the sentence, when `following` comes next."""
    short = word.lower().rpartition("'")[2].rpartition("’")[2]
    if short in _TITLES:
        return False
    if short in _BEFORE_NUMBERS and following.isdecimal():
        return False
    if short in _EITHER or (_DOTTED.fullmatch(word) and (word[0].isupper() or "." in word)):
        return following.lower() in OPENERS
    return True


def _quoting(text: str, start: int, cut: int) -> bool:
    """True inside a quotation or parenthesis that closes further on in the same paragraph."""
    said = text[start:cut]
    rest = text[cut : start + QUOTED_AT_MOST].partition("\n")[0]
    if any(said.count(left) > said.count(right) and right in rest for left, right in _PAIRS):
        return True
    return said.count('"') % 2 == 1 and '"' in rest
