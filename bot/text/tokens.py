"""Text → words as the matcher compares them, each knowing where it stands in the original.

    « L'Ancienne-Lorette : les travailleur·euse·s et l'UMQ »
    → ancienne · lorette · les · travailleur · et · UMQ

Elided words vanish (l', d', qu', jusqu' …; « aujourd'hui » and « prud'homme » stay whole), hyphens part words,
inclusive endings fold into their word (employé.e.s, élu(e)s, citoyen-ne-s), dots leave F.T.Q., Saint and St are one,
and « travailleuses et travailleurs » counts as one word. Everything said of a written form is found once and
remembered, for the same few thousand forms make most of the news; places are worked out only for texts that matched.
Linear in the length of any input; never raises.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from sys import intern
from typing import Final

from bot.text.fold import fold, word_set
from bot.text.forms import stem
from bot.text.language import leaning
from bot.text.sentences import sentences

Span = tuple[int, int]


HEAD: Final = 4  # letters that few words share


class Case(IntEnum):
    LOWER = 0
    CAPITALISED = 1
    CAPITALS = 2  # at least two characters, a plural s aside: CAQ, G7, PMEs


@dataclass(frozen=True, slots=True)
class Word:
    """A written form, wherever it stands."""

    plain: str  # lower case, accents kept
    fold: str
    stem: str
    head: str  # the first HEAD letters of `fold`: where truncated terms look
    case: Case
    lead: int  # characters before the word proper: the elided article
    leaning: int  # above 0 French, below 0 English
    doublable: bool  # « et » and « ou »: may stand between two genders of one word


_ENDINGS: Final = (
    "trices|trice|rices|rice|ices|ice|euses|euse|eures|eure|teures|teure|ières|ière|ères|ère|iennes|ienne|ennes|enne|onnes|onne"
    "|aines|aine|ines|ine|antes|ante|entes|ente|elles|elle|ales|ale|ives|ive|ves|ve|sses|sse|nes|ne|tes|te|les|le|ses|se|fes|fe"
    "|che|ches|es|e|s|x"
)
# After a hyphen these would be pronouns (dit-elle, citez-les, va-t-elle).
_HYPHENED: Final = re.sub(r"\|(?:elles?|les?|tes?|ses?|ices?|ales?|entes?|ines?)(?=\|)", "", _ENDINGS)
_LOOSE: Final = "\u0300-\u036f\u00ad\u200c\u200d\u2060\ufeff"  # accents typed apart, soft hyphens, joiners
_LETTERS: Final = rf"[^\W_]++(?:[{_LOOSE}]++[^\W_]*+)*+"
_APOSTROPHE: Final = "['’‘ʼ′‛`´＇]"


def _either_case(endings: str) -> str:
    return f"(?:{endings}|{endings.upper()})"


_WRITTEN: Final = re.compile(
    r"(?:[^\W\d_]\.){2,}+(?:[^\W\d_](?![^\W_]))?+"  # F.T.Q.
    rf"|{_LETTERS}(?:{_APOSTROPHE}(?:{_LETTERS})?+)*+"
    r"(?:(?<=[^\W\d_]{3})(?:"
    rf"\({_either_case(_ENDINGS)}\)(?:s|S|x|X)?+"
    rf"|[·•‧∙⋅./]{_either_case(_ENDINGS)}"
    rf"|[-‑]{_either_case(_HYPHENED)}"
    r")(?:[·•‧∙⋅./\-‑](?:s|S|x|X))?+(?![^\W_]))?+"
)
_DOTTED: Final = re.compile(r"(?:[^\W\d_]\.)++[^\W\d_]?+\Z")
_INCLUSIVE: Final = re.compile(r"[·•‧∙⋅.(/\-‑]")
_ELISION: Final = re.compile(rf"(\w{{1,7}}){_APOSTROPHE}")
_LONGEST: Final = 100  # letters of a word that are looked at; more is no word of any language
_ELIDED: Final = word_set("l d j m t s n c qu jusqu lorsqu puisqu quoiqu")
_LOOSE_LETTERS: Final = re.compile(rf"[{_LOOSE}]")


REMEMBERED: Final = 1 << 16  # runs of letters and marks; a newsroom's week holds fewer different ones
_LONG: Final = 60  # characters: a longer run without a space is no word of a language, and not worth remembering
_Read = tuple[tuple["Word", ...], tuple[Span, ...]]
_remembered: dict[str, _Read] = {}  # a plain dict: `lru_cache` writes at every look, which costs four times as much


def words_of(text: str) -> list[Word]:
    """The words of `text` in order, doublets not yet merged."""
    found: list[Word] = []
    for run in text.split():
        found += (_remembered.get(run) or _read(run))[0]
    return found


def _read(run: str) -> _Read:
    """The words between two spaces, and where each stands in there."""
    words, spans = [], []
    for match in _WRITTEN.finditer(run):
        if found := word(match.group()):
            words.append(found)
            spans.append((match.start() + found.lead, match.end()))
    read = tuple(words), tuple(spans)
    if len(run) <= _LONG:
        if len(_remembered) >= REMEMBERED:
            _remembered.clear()
        _remembered[run] = read
    return read


def word(written: str) -> Word | None:
    """What `written` (one match of the pattern of words) is; None when nothing is left of it, as of a lone « l’ »."""
    written = written[:_LONGEST]
    base = written.replace(".", "") if _DOTTED.match(written) else _INCLUSIVE.split(written, maxsplit=1)[0]
    lead = 0
    for _ in range(2):  # s’il, jusqu’à l’aube: two at most
        elided = _ELISION.match(base)
        if elided and elided[1].lower() in _ELIDED:
            lead += elided.end()
            base = base[elided.end() :]
    base = _without_possessive(base)
    case = _case(base)
    if case is Case.CAPITALS and base[-1] == "s":
        base = base[:-1]  # PMEs
    folded = fold(base)
    if not folded:
        return None
    key = {"st": "saint", "ste": "sainte"}.get(folded, folded)
    plain = unicodedata.normalize("NFC", _LOOSE_LETTERS.sub(_keep_accent, base)).lower()
    leans = leaning(plain) + (2 if lead else 0)
    return Word(plain, key, intern(stem(key)), intern(key[:HEAD]), case, lead, leans, key in {"et", "ou", "and"})


def _keep_accent(loose: re.Match[str]) -> str:
    return loose.group() if unicodedata.combining(loose.group()) else ""


def _without_possessive(base: str) -> str:
    for apostrophe in "'’":
        base = base.removesuffix(f"{apostrophe}s").removesuffix(f"{apostrophe}S").removesuffix(apostrophe)
    return base


def _case(base: str) -> Case:
    if len(base) > 1 and (base.isupper() or (len(base) > 2 and base[-1] == "s" and base[:-1].isupper())):
        return Case.CAPITALS
    return Case.CAPITALISED if base[:1].isupper() else Case.LOWER


_LEANING: Final = attrgetter("leaning")


class Tokens:
    """The words of one text in order. Places and sentences are worked out as far as they are asked for, then kept."""

    __slots__ = ("_at", "_runs", "_sentence_starts", "_spans", "_written", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(text)
        self._written: list[Span] | None = None  # with doublets: for each word, the first and last as written
        if doublets := _doublets(self.words):
            self._written = list(_stretches(len(self.words), doublets))
            self.words = [self.words[first] for first, _ in self._written]
        self._spans: list[Span] = []  # of the words as written, as far as read
        self._runs: Iterator[str] | None = None  # not yet read
        self._at = 0  # where reading stands in `text`
        self._sentence_starts: list[int] | None = None

    @property
    def leaning(self) -> int:
        """The sum of the words' leanings: above 0 French, below 0 English."""
        return sum(map(_LEANING, self.words))

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, last: int) -> Span:
        """Characters from word `first` to word `last`, both included, elided articles before the first left out."""
        if self._written is not None:
            first, last = self._written[first][0], self._written[last][1]
        if len(self._spans) <= last:
            self._read_on(last)
        return self._spans[first][0], self._spans[last][1]

    def sentence(self, index: int) -> int:
        """The number of the sentence that word `index` stands in."""
        if self._sentence_starts is None:
            self._sentence_starts = [sentence.start for sentence in sentences(self.text)]
        return bisect_right(self._sentence_starts, self.span(index, index)[0])

    def _read_on(self, last: int) -> None:
        """Find where the words as written stand, up to number `last`."""
        runs = self._runs = self._runs or iter(self.text.split())
        text, at, spans = self.text, self._at, self._spans
        while len(spans) <= last:
            run = next(runs)
            at = text.index(run, at)
            for start, end in (_remembered.get(run) or _read(run))[1]:
                spans.append((at + start, at + end))
            at += len(run)
        self._at = at


def _doublets(words: list[Word]) -> dict[int, int]:
    """Where « travailleuses et (les) travailleurs » stand: number of the first word → number of the last."""
    found = {}
    for middle, between in enumerate(words):
        if between.doublable and 0 < middle < len(words) - 1:
            left = words[middle - 1]
            for last in range(middle + 1, min(middle + 3, len(words))):
                if left.stem == words[last].stem and left.fold != words[last].fold and len(left.stem) > 2:
                    found[middle - 1] = last
                    break
    return found


def _stretches(words: int, doublets: dict[int, int]) -> Iterator[Span]:
    """For each word that remains, the first and last as written; of « élus et élues et élus » the first two join."""
    index = 0
    while index < words:
        last = doublets.get(index, index)
        yield index, last
        index = last + 1
