"""Where symbols stand in one field → where a whole pattern stands in it, as the numbers of its words.

A symbol is a name for one unit of a term (a stem, an acronym, a list …); the lexicon says where each stands in the
text, this module puts them together: one after the other, near one another, in one sentence. Every step
looks at a bounded neighbourhood of each occurrence, so the cost is linear in the text whatever it holds.
"""

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.text.tokens import Span, Tokens
from bot.topics.syntax import Phrase

START: Final = "^"  # the symbol of the start of a headline; it takes no word

Symbols = tuple[str, ...]
Places = dict[int, tuple[int, ...]]  # number of the word where a symbol begins → numbers just after its ends
Spots = dict[str, list[int]]  # symbol → numbers of the words where it begins, rising
Words = tuple[int, ...]  # numbers of the words a pattern took, rising

_KICKER_WORDS: Final = 6
_KICKER: Final = re.compile(r"[:|—»]|\s[–-]\s")
_NEW_START: Final = re.compile(r"[?!…]")  # inside a title
_NOWHERE: Final[Places] = {}
_STOPS: Final = frozenset(".!?…\n")  # may end a sentence
_BREAKING: Final = _STOPS | frozenset(":;|–—")
_BREAK: Final = re.compile(r"[:;|!?…—]|\s[–-]\s")  # « Ville : grève » is no « ville grève »


@dataclass(frozen=True, slots=True)
class Pattern:
    """One chain of a term in symbols: phrases, and between two of them (most words between, in this order only)."""

    phrases: tuple[Symbols, ...]
    joints: tuple[tuple[int, bool], ...] = ()


class Ground:
    """One field ready to be searched: its words, the symbols found in it, and where a headline may begin.

    A symbol is one word wide, save those in `wide`: choices with a member of several words. Those in `rarely` are not
    in `spots`, but worked out from their members when they are asked for.
    """

    __slots__ = ("_places", "_starts", "one_sentence", "rarely", "spots", "tokens", "wide")

    def __init__(
        self, tokens: Tokens, spots: Spots, rarely: Mapping[str, Mapping[Phrase, Symbols]], *, one_sentence: bool
    ) -> None:
        self.tokens = tokens
        self.spots = spots
        self.rarely = rarely
        self.wide: dict[str, Places] = {}
        self.one_sentence = one_sentence  # a title is one, whatever its marks
        self._places: dict[str, Places] = {}
        self._starts: tuple[int, ...] | None = None

    def without(self, words: set[int]) -> "Ground":
        """The same field where `words` count for nothing."""
        spots = {
            symbol: kept
            for symbol, numbers in self.spots.items()
            if symbol not in self.wide and (kept := [number for number in numbers if number not in words])
        }
        rest = Ground(self.tokens, spots, self.rarely, one_sentence=self.one_sentence)
        for symbol, places in self.wide.items():
            rest.widen(symbol, ((start, end) for start, ends in places.items() for end in ends), words)
        return rest

    def widen(self, symbol: str, spans: Iterable[Span], without: Container[int] = ()) -> None:
        """Add places of a choice that may be several words wide, save those that hold a word of `without`."""
        found: dict[int, set[int]] = {number: {number + 1} for number in self.spots.get(symbol, ())}
        for start, end in spans:
            if not any(number in without for number in range(start, end)):
                found.setdefault(start, set()).add(end)
        if found:
            self.spots[symbol] = sorted(found)
            self.wide[symbol] = {start: tuple(sorted(found[start])) for start in sorted(found)}

    def places(self, symbol: str) -> Places:
        """Where a symbol stands, in the order of the text."""
        if symbol in self.wide:
            return self.wide[symbol]
        if symbol not in self._places:
            if symbol in self.rarely:
                self.widen(
                    symbol, (span for phrase in self.rarely[symbol].values() for span in words_places(phrase, self))
                )
            self._places[symbol] = {number: (number + 1,) for number in self.spots.get(symbol, ())}
        return self.wide.get(symbol) or self._places[symbol]

    def headline_starts(self) -> tuple[int, ...]:
        """The first word, and the first after « ? », « ! » or a kicker of at most six words (« Itinérance : »)."""
        if self._starts is None:
            self._starts = tuple(_headline_starts(self.tokens))
        return self._starts

    def unbroken(self, first: int, last: int) -> bool:
        """Whether words `first` to `last` follow one another, nothing between that parts them (a comma does not)."""
        whole = self.tokens.text[self.tokens.span(first, first)[0] : self.tokens.span(last, last)[1]]
        if _BREAKING.isdisjoint(whole) and " - " not in whole:
            return True
        return self.together(first, last) and not any(
            _BREAK.search(self._between(number, number + 1)) for number in range(first, last)
        )

    def _between(self, before: int, after: int) -> str:
        return self.tokens.text[self.tokens.span(before, before)[1] : self.tokens.span(after, after)[0]]

    def together(self, first: int, last: int) -> bool:
        """Whether words `first` and `last` (first < last) stand in one sentence."""
        if self.one_sentence:
            return True
        if _STOPS.isdisjoint(self._between(first, last)):
            return True
        return self.tokens.sentence(first) == self.tokens.sentence(last)


def first_phrase(phrase: Symbols, ground: Ground) -> Words | None:
    """The first place where words follow one another unbroken; each symbol of `phrase` is one word wide."""
    if len(phrase) == 1:
        return (ground.spots[phrase[0]][0],)
    for start, end in words_places(phrase, ground):
        if ground.unbroken(start, end - 1):
            return tuple(range(start, end))
    return None


def first_match(patterns: tuple[Pattern, ...], ground: Ground) -> Words | None:
    """The words of the first place where every pattern stands in one sentence; None when there is none."""
    return next(every_match(patterns, ground), None)


def every_match(patterns: tuple[Pattern, ...], ground: Ground) -> Iterator[Words]:
    """The words of every place of one pattern; of several, one place a sentence that holds them all."""
    if len(patterns) == 1:
        yield from _matches(patterns[0], ground)
        return
    by_sentence: list[dict[int, Words]] = []
    for pattern in patterns:
        sentences: dict[int, Words] = {}
        for words in _matches(pattern, ground):
            sentences.setdefault(0 if ground.one_sentence else ground.tokens.sentence(words[0]), words)
        if not sentences:
            return
        by_sentence.append(sentences)
    for sentence in sorted(set.intersection(*map(set, by_sentence))):
        yield _union(sentences[sentence] for sentences in by_sentence)


def phrase_places(phrase: Symbols, ground: Ground) -> Iterator[tuple[int, int]]:
    """Every (first word, word after the last) where the symbols of `phrase` follow one another unbroken."""
    if len(phrase) == 1:
        for start, ends in ground.places(phrase[0]).items():
            for end in ends:
                if end - start < 2 or ground.unbroken(start, end - 1):
                    yield start, end
        return
    tables = [ground.places(symbol) for symbol in phrase if symbol != START]
    if not all(tables):
        return
    for start in ground.headline_starts() if phrase[0] == START else tables[0]:
        frontier: Iterable[int] = (start,)
        for table in tables:
            frontier = {end for at in frontier for end in table.get(at, ())}
        for end in sorted(frontier):
            if end - start < 2 or ground.unbroken(start, end - 1):
                yield start, end


def words_places(phrase: Symbols, ground: Ground) -> Iterator[tuple[int, int]]:
    """The same for symbols that are one word wide, whatever stands between the words."""
    others = [ground.places(symbol) for symbol in phrase[1:]]
    for start in ground.spots.get(phrase[0], ()):
        end = start + 1
        for table in others:
            if end not in table:
                break
            end += 1
        else:
            yield start, end


def _matches(pattern: Pattern, ground: Ground) -> Iterator[Words]:
    """The words taken at each place of a chain, from left to right of its last phrase."""
    first, *others = pattern.phrases
    if not others:
        for start, end in phrase_places(first, ground):
            yield tuple(range(start, end))
        return
    reached = [(start, end, tuple(range(start, end))) for start, end in phrase_places(first, ground)]
    if not reached:
        return
    for joint, phrase in zip(pattern.joints, others, strict=True):
        reached = list(_joined(reached, phrase_places(phrase, ground), joint, ground))
    for _start, _end, words in reached:
        yield words


_Reached = tuple[int, int, Words]


def _joined(
    reached: list[_Reached],
    nexts: Iterable[tuple[int, int]],
    joint: tuple[int, bool],
    ground: Ground,
) -> Iterator[_Reached]:
    """Each of `nexts` that stands near enough to something reached."""
    within, ordered = joint
    starts = [start for start, _end, _words in reached]  # rising
    widest = max((end - start for start, end, _words in reached), default=0)
    for start, end in nexts:
        low = bisect_left(starts, start - within - widest)
        for before_start, before_end, words in reached[low : bisect_left(starts, end + within + 1)]:
            after = 0 <= start - before_end <= within
            before = not ordered and 0 <= before_start - end <= within
            if (after or before) and ground.together(min(start, before_start), max(end, before_end) - 1):
                yield start, end, _union((words, tuple(range(start, end))))
                break


def _union(parts: Iterable[Words]) -> Words:
    return tuple(sorted({word for part in parts for word in part}))


def _headline_starts(tokens: Tokens) -> Iterator[int]:
    if tokens.words:
        yield 0
    for index in range(1, len(tokens)):
        between = tokens.text[tokens.span(index - 1, index - 1)[1] : tokens.span(index, index)[0]]
        if _NEW_START.search(between) or (index <= _KICKER_WORDS and _KICKER.search(between)):
            yield index
