"""Text → the facts a reader could check: money, figures, durations, dates, bills, acronyms, names.

Two decisions need them: the summary keeps sentences that bring facts, and grouping ties items by the facts they
share. Each fact has a key that is the same in French and in English: « 1,5 million de dollars » and "$1.5 million"
are both `1500000$`, « 24 novembre » and "Nov. 24" are both `11-24`, « ONU » and "UN" are both `onu`. Never guesses: a
word is a name only where its capital says so, hence not where every word has one, and at the start of a sentence only
if the text writes it with a capital elsewhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from bot.text.fold import fold, word_set
from bot.text.sentences import OPENERS, sentences


class Kind(StrEnum):
    MONEY = "money"
    PERCENT = "percent"
    BILL = "bill"
    DATE = "date"
    DURATION = "duration"
    HOUR = "hour"
    ORDINAL = "ordinal"
    YEAR = "year"
    FIGURE = "figure"
    ACRONYM = "acronym"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Fact:
    """`key` compares across languages; the fact stands at `start:end` (characters)."""

    kind: Kind
    key: str
    start: int
    end: int


def facts(text: str) -> tuple[Fact, ...]:
    """Every fact of `text`, in order; none overlaps another."""
    found: list[Fact] = []
    left = text
    if any(map(str.isdecimal, text)) or _WRITTEN_OUT.search(text):
        for kind, pattern, key in _COMPILED:  # what an earlier kind took is no longer there for a later one
            found += (Fact(kind, key(*m.groups()), m.start(), m.end()) for m in pattern.finditer(left))
            left = pattern.sub(lambda taken: "\x00" * len(taken[0]), left)
    return tuple(sorted((*found, *_capitals(left)), key=lambda fact: fact.start))


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ranked(text: str, first: int = 0) -> dict[str, int]:
    """« a b|c » → a and b are `first`, c is the next."""
    return {word: rank for rank, words in enumerate(text.split("|"), first) for word in words.split()}


_MONTHS: Final = _ranked(
    "janvier janv january jan|février févr february feb|mars march mar|avril avr april apr|mai may|juin june jun"
    "|juillet juil july jul|août august aug|septembre september sept sep|octobre october oct|novembre november nov"
    "|décembre déc december dec",
    first=1,
)
_NUMBERS: Final = _ranked(
    "un une one|deux two|trois three|quatre four|cinq five|six|sept seven|huit eight|neuf nine|dix ten|onze eleven"
    "|douze twelve",
    first=1,
)
# « Premier » is left out: it is a minister far more often than a rank.
_ORDINALS: Final = _ranked(
    "deuxième second|troisième third|quatrième fourth|cinquième fifth|sixième sixth|septième seventh|huitième eighth"
    "|neuvième ninth|dixième tenth",
    first=2,
)
_UNITS: Final = _ranked(
    "jour jours day days|semaine semaines week weeks|mois month months|an ans année années year years"
)
_SCALES: Final = {"million": 6, "m": 6, "milliard": 9, "billion": 9, "md": 9, "g": 9, "b": 9}

_GAP: Final = r"[ \u00a0\u202f]"
_NUMBER: Final = rf"\d{{1,3}}(?:{_GAP}\d{{3}}\b)+(?:,\d+)?|\d{{1,3}}(?:,\d{{3}}\b)+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_SCALE: Final = rf"(?:{_GAP}?(millions?|milliards?|billions?|md|[mgb]\b)(?:{_GAP}d(?:e{_GAP}|’|'))?)?"


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _amount(number: str, scale: str | None) -> str:
    """« 643 000 » → 643000, « 1,5 » and « million » → 1500000, "10,000" → 10000."""
    digits = re.sub(_GAP, "", number)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    value = float(digits.replace(",", ".")) * 10 ** _SCALES.get((scale or "").lower().rstrip("s"), 0)
    return f"{value:.10g}"


def _date(day: str, month: str) -> str:
    return f"{_MONTHS[month.lower()]:02}-{int(day):02}"


def _duration(length: str, unit: str) -> str:
    return f"{_NUMBERS.get(length.lower(), length)}{'dwmy'[_UNITS[unit.lower()]]}"


_PATTERNS: Final[tuple[tuple[Kind, str, Callable[..., str]], ...]] = (
    (
        Kind.MONEY,
        rf"\b({_NUMBER}){_SCALE}{_GAP}?(?:[$€]|dollars?\b|euros?\b)",
        lambda number, scale: f"{_amount(number, scale)}$",
    ),
    (Kind.MONEY, rf"[$€]({_NUMBER})\b{_SCALE}", lambda number, scale: f"{_amount(number, scale)}$"),
    (
        Kind.PERCENT,
        rf"\b({_NUMBER}){_GAP}?(?:%|p\.{_GAP}?100|pour{_GAP}cent\b|per{_GAP}?cent\b)",
        lambda number: f"{_amount(number, None)}%",
    ),
    (
        Kind.BILL,
        rf"\b(?:loi|bill|law|règlement|by-?law){_GAP}(?:n[o°º]s?\.?{_GAP}?)?([A-Z]{{0,2}}-?\d+(?:-\d+)*)\b",
        lambda number: f"loi {number.lower()}",
    ),
    (Kind.DATE, r"\b(\d{1,2})/(0?[1-9]|1[0-2])(?:/\d{2,4})?\b", lambda day, month: f"{int(month):02}-{int(day):02}"),
    (Kind.DATE, rf"\b(\d{{1,2}})(?:er)?{_GAP}({_any(_MONTHS)})\b", _date),
    (Kind.DATE, rf"\b({_any(_MONTHS)})\.?{_GAP}(\d{{1,2}})(?:st|nd|rd|th)?\b", lambda month, day: _date(day, month)),
    (Kind.DURATION, rf"\b(\d{{1,4}}|{_any(_NUMBERS)}){_GAP}({_any(_UNITS)})\b", _duration),
    (Kind.HOUR, rf"\b(\d{{1,2}}){_GAP}?(?:h|:){_GAP}?(\d\d)?\b", lambda hour, minute: f"{int(hour)}h{minute or '00'}"),
    (Kind.ORDINAL, rf"\b({_any(_ORDINALS)})\b", lambda word: f"{_ORDINALS[word.lower()]}e"),
    (Kind.ORDINAL, r"\b(\d{1,3})(?:e|ème|nd|rd|th)\b", lambda rank: f"{rank}e"),
    (Kind.YEAR, r"(?<![\d.,-])((?:19|20)\d\d)\b(?![-.,]\d)", lambda year: year),
    (Kind.FIGURE, rf"(?<![\w.,-])({_NUMBER})\b(?![-.,]\d){_SCALE}", _amount),
)
_COMPILED: Final = tuple((kind, re.compile(pattern, re.IGNORECASE), key) for kind, pattern, key in _PATTERNS)
_WRITTEN_OUT: Final = re.compile(rf"\b(?:{_any(_NUMBERS)}|{_any(_ORDINALS)})\b", re.IGNORECASE)

# ── Acronyms and names ───────────────────────────────────────────────────────────────────────────────────────────────

_WORD: Final = re.compile(r"[^\W\d_]+(?:[-.&]?[^\W_]+)*")
_OPENERS: Final = frozenset(':;«“"‘?!([•–—|/')
_INNER_CAPITAL: Final = re.compile(r"-[A-ZÀ-ÖØ-Þ]")  # « Seine-et-Marne »: a name wherever it stands
_NO_NAMES: Final = word_set("monday tuesday wednesday thursday friday saturday sunday i") | _MONTHS.keys()
_TITLED: Final = 0.85  # share of long words with a capital above which capitals say nothing
_SAME: Final = {
    "un": "onu", "nato": "otan", "eu": "ue", "who": "oms", "imf": "fmi", "rcmp": "grc", "cbsa": "asfc", "cra": "arc",
    "cupe": "scfp", "psac": "afpc", "cupw": "sttp", "ndp": "npd", "hiv": "vih", "tfwp": "ptet", "irb": "cisr",
    "unhcr": "hcr", "bape": "bape", "us": "eu", "usa": "eu",
}  # fmt: skip
LONG_ACRONYMS: Final = {english: french for english, french in _SAME.items() if len(english) > 3}  # no word of English


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    opens: bool  # stands where any word takes a capital

    @property
    def acronym(self) -> bool:
        """« STM », « C-12 », « A69 », « R&D »."""
        letters = re.sub(r"[-.&\d]", "", self.text)
        return letters.isupper() and (2 if letters == self.text else 1) <= len(letters) <= 6

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def _capitals(text: str) -> Iterator[Fact]:
    lines = [_words(text, sentence.start, sentence.end) for sentence in sentences(text)]
    telling = [words for words in lines if not _titled(words) and any(word.text.islower() for word in words)]
    sure = {fold(word.text) for words in telling for word in words if word.capital and not word.opens} - _NO_NAMES
    for words in lines:
        if any(word.text[0].islower() for word in words):  # a line IN CAPITALS holds no acronym
            yield from (_acronym(word) for word in words if word.acronym)
        yield from _names(words, sure)


def _words(text: str, start: int, end: int) -> list[_Word]:
    found = []
    for match in _WORD.finditer(text, start, end):
        before = text[start : match.start()].rstrip()
        found.append(_Word(match[0], match.start(), match.end(), not before or before[-1] in _OPENERS))
    return found


def _titled(words: list[_Word]) -> bool:
    """True for "A Title Set Like This" and FOR THIS: its capitals do not tell names."""
    long = [word for word in words if len(word.text) > 3 and not word.opens]
    return len(long) > 3 and sum(word.capital for word in long) > _TITLED * len(long)


def _acronym(word: _Word) -> Fact:
    key = fold(word.text.replace(".", ""))
    return Fact(Kind.ACRONYM, _SAME.get(key, key), word.start, word.end)


def _names(words: list[_Word], sure: set[str]) -> Iterator[Fact]:
    """Capitals that stand side by side are one name: « Hélène Bastarache », « Bas-Saint-Laurent »."""
    run: list[_Word] = []
    for word, following in zip_longest(words, words[1:]):
        known = (
            fold(word.text) in sure
            or _INNER_CAPITAL.search(word.text)
            or (word.opens and following is not None and _follows(word, following, sure))
        )
        if word.acronym or not word.capital or not known:
            continue
        if run and word.start - run[-1].end > 1:
            yield _name(run)
            run = []
        run.append(word)
    if run:
        yield _name(run)


def _follows(word: _Word, following: _Word, sure: set[str]) -> bool:
    """« Hélène Bastarache annonce »: the first name opens the sentence, and is one because a name follows it."""
    beside = following.start - word.end == 1 and following.capital and not following.acronym
    return beside and fold(following.text) in sure and fold(word.text) not in OPENERS


def _name(run: list[_Word]) -> Fact:
    return Fact(Kind.NAME, " ".join(fold(word.text) for word in run), run[0].start, run[-1].end)
