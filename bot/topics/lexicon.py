"""Units of terms become small numbers, symbols; a field's words become the places where symbols stand.

A symbol is a stem, an exact form, an acronym, a truncated form, or a choice between phrases of those (a list of the
file, or parentheses). Each word is looked up once, whatever the number of terms. A choice stands where a member does: a
member of one word is filed as if it were the choice's own word, one of several words waits under its rarest. Choices
with a little word in them (de | du) would stand everywhere, so they are worked out only where a term asks for them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.text.capitals import is_acronym
from bot.text.fold import fold
from bot.text.tokens import HEAD, Case, Span, Tokens, Word
from bot.topics.patterns import START, Ground, Pattern, Spots, Symbols, words_places
from bot.topics.syntax import LITTLE_WORDS, Chain, Kind, Phrase, Unit

_WORDS: Final = frozenset({Kind.FORM, Kind.EXACT, Kind.NAMED, Kind.ACRONYM, Kind.TRUNCATED})


class Lexicon:
    """Every unit that some term uses. Grows; words that no term uses any more stay until the index is built anew."""

    def __init__(self, lists: Mapping[str, tuple[Phrase, ...]]) -> None:
        self._lists = lists
        self._symbols: dict[Unit, int] = {}
        self._counts: list[int] = [0]  # how many terms use each symbol; 0 is START
        self._common: set[int] = set()  # symbols of little words and of choices: nothing waits under them if it can
        self._forms: dict[str, Symbols] = {}  # stem → symbols
        self._exact: dict[str, Symbols] = {}  # form as written → symbols
        self._named: dict[str, Symbols] = {}  # the same, where a capital is asked
        self._shouted: dict[str, Symbols] = {}  # both without accents, for words in capitals: CONGRES
        self._acronyms: dict[str, Symbols] = {}  # folded acronym → symbols
        self._beginnings: dict[str, dict[int, dict[str, Symbols]]] = {}  # first letters → length → form → symbols
        self._rarely: dict[int, tuple[Symbols, ...]] = {}  # choice with little words → its members
        self._members: dict[int, dict[Symbols, list[int]]] = {}  # rarest word → phrase → choices it is a member of

    def pattern(self, chain: Chain) -> Pattern:
        """A chain in symbols; its units are known from now on, and counted."""
        phrases = tuple(tuple(map(self._symbol, phrase)) for phrase in chain.phrases)
        return Pattern(phrases, tuple((joint.within, joint.ordered) for joint in chain.joints))

    def signs(self, patterns: tuple[Pattern, ...]) -> tuple[int, Symbols]:
        """What tells a text that may hold the patterns: the rarest of their symbols, and all that `find` gives."""
        symbols = {symbol for pattern in patterns for phrase in pattern.phrases for symbol in phrase} - {START}
        if symbols <= self._rarely.keys():
            self._find_always(min(symbols))
        found = symbols - self._rarely.keys()
        return self._rarest(found), tuple(sorted(found))

    def _rarest(self, symbols: Iterable[int]) -> int:
        """The symbol that fewest texts hold, as far as the terms tell: that fewest terms use, little words last."""
        return min(symbols, key=lambda symbol: (symbol in self._common, self._counts[symbol], symbol))

    def _find_always(self, choice: int) -> None:
        """File a choice with little words after all: a term has nothing else."""
        unit = next(unit for unit, symbol in self._symbols.items() if symbol == choice)
        phrases = dict.fromkeys(self._members_of(unit))
        self._file_members(dict(zip(phrases, self._rarely.pop(choice), strict=True)), choice)

    def find(self, tokens: Tokens, *, one_sentence: bool) -> Ground:
        """Where symbols stand in one field. Its loop is what every word of every item goes through."""
        spots: Spots = {}
        lower, capitals = Case.LOWER, Case.CAPITALS
        forms, exact, named, beginnings = self._forms, self._exact, self._named, self._beginnings
        for number, word in enumerate(tokens.words):
            if word.stem in forms:
                for symbol in forms[word.stem]:
                    if symbol not in spots:
                        spots[symbol] = [number]
                    else:
                        spots[symbol].append(number)
            if word.plain in exact:
                for symbol in exact[word.plain]:
                    if symbol not in spots:
                        spots[symbol] = [number]
                    elif spots[symbol][-1] != number:  # two forms may file one symbol under one word
                        spots[symbol].append(number)
            if word.case is not lower and (word.plain in named or word.case is capitals):
                for symbol in self._capitalised(word, tokens, number):
                    _stand(spots, symbol, number)
            if word.head in beginnings:
                for length, truncated in beginnings[word.head].items():
                    for symbol in truncated.get(word.fold[:length], ()):
                        _stand(spots, symbol, number)
        ground = Ground(tokens, spots, self._rarely, one_sentence=one_sentence)
        if self._members:
            self._add_members(ground)
        return ground

    def _capitalised(self, word: Word, tokens: Tokens, number: int) -> Iterator[int]:
        """Symbols that ask for a capital, or for capitals."""
        yield from self._named.get(word.plain, ())
        if word.case is Case.CAPITALS:
            yield from self._shouted.get(word.fold, ())
            if word.fold in self._acronyms and is_acronym(tokens, number):
                yield from self._acronyms[word.fold]

    def _add_members(self, ground: Ground) -> None:
        """Mark where members of several words stand; that nothing parts them is seen with the whole term."""
        found: dict[int, list[Span]] = {}
        spots = ground.spots
        for symbol in spots.keys() & self._members.keys():
            for phrase, choices in self._members[symbol].items():
                for part in phrase:
                    if part not in spots:
                        break
                else:
                    for span in words_places(phrase, ground):
                        for choice in choices:
                            found.setdefault(choice, []).append(span)
        for choice, spans in found.items():
            ground.widen(choice, spans)

    def _symbol(self, unit: Unit) -> int:
        if unit.kind is Kind.START:
            return START
        symbol = self._symbols.get(unit)
        if symbol is None:
            symbol = self._symbols[unit] = len(self._counts)
            self._counts.append(0)
            if unit.key in LITTLE_WORDS or unit.kind not in _WORDS:
                self._common.add(symbol)
            if unit.kind in _WORDS:
                self._file(unit, symbol)
            else:
                self._file_choice(unit, symbol)
        self._counts[symbol] += 1
        return symbol

    def _file(self, unit: Unit, symbol: int) -> None:
        """Where `unit` stands, so does `symbol`: its own, or that of a choice it is a member of."""
        key = unit.key
        if unit.kind is Kind.TRUNCATED:
            lengths = self._beginnings.setdefault(key[:HEAD], {})
            _append(lengths.setdefault(len(key), {}), key, symbol)
        elif unit.kind is Kind.FORM:
            _append(self._forms, key, symbol)
        elif unit.kind is Kind.ACRONYM:
            _append(self._acronyms, key, symbol)
        else:
            _append(self._named if unit.kind is Kind.NAMED else self._exact, key, symbol)
            if fold(key) != key:
                _append(self._shouted, fold(key), symbol)

    def _file_choice(self, unit: Unit, choice: int) -> None:
        phrases = dict.fromkeys(self._members_of(unit))
        members = {phrase: tuple(map(self._symbol, phrase)) for phrase in phrases}  # counts all before any is filed
        if any(len(phrase) == 1 and phrase[0].key in LITTLE_WORDS for phrase in phrases):
            self._rarely[choice] = tuple(members.values())
        else:
            self._file_members(members, choice)

    def _file_members(self, members: Mapping[Phrase, Symbols], choice: int) -> None:
        for phrase, symbols in members.items():
            if len(phrase) == 1:
                self._file(phrase[0], choice)
            else:
                self._members.setdefault(self._rarest(symbols), {}).setdefault(symbols, []).append(choice)

    def _members_of(self, unit: Unit) -> Iterator[Phrase]:
        """The phrases of words that a list or choice stands for, those of whole lists inside it included."""
        for phrase in unit.choices or self._lists.get(unit.key, ()):
            if len(phrase) == 1 and phrase[0].kind is Kind.LIST:
                yield from self._members_of(phrase[0])
            else:
                yield phrase


def is_plain(phrase: Phrase) -> bool:
    """Whether a phrase holds words only: no choice, no start of a headline."""
    return all(unit.kind in _WORDS for unit in phrase)


def _append(filed: dict[str, Symbols], key: str, symbol: int) -> None:
    filed[key] = (*filed.get(key, ()), symbol)


def _stand(spots: Spots, symbol: int, number: int) -> None:
    numbers = spots.setdefault(symbol, [])
    if not numbers or numbers[-1] != number:
        numbers.append(number)
