"""Units of terms become small numbers, symbols; a field's words become the places where symbols stand.

A symbol is a stem, an exact form, an acronym, a truncated form, or a choice between phrases of those (a list of the
file, or parentheses). Each word is looked up once, whatever the number of terms. A choice stands where a member does: a
member of one word is filed as if it were the choice's own word, one of several words waits under its rarest.
"""

from collections.abc import Iterable, Iterator, Mapping

from bot.text.capitals import is_acronym
from bot.text.fold import fold
from bot.text.tokens import Case, Tokens, Word
from bot.topics.patterns import START, Ground, Pattern, Places, words_places
from bot.topics.syntax import LITTLE_WORDS, TRUNCATED_AT_LEAST, Chain, Kind, Phrase, Unit

_WORDS = frozenset({Kind.FORM, Kind.EXACT, Kind.NAMED, Kind.ACRONYM, Kind.TRUNCATED})


Symbols = tuple[int, ...]


class Lexicon:
    """Every unit that some term uses. Grows; words that no term uses any more stay until the index is built anew."""

    def __init__(self, lists: Mapping[str, tuple[Phrase, ...]]) -> None:
        self._lists = lists
        self._symbols: dict[Unit, int] = {}
        self._counts: list[int] = [0]  # how many terms use each symbol; 0 is START
        self._common: set[int] = set()  # symbols of little words and of choices: nothing waits under them if it can
        self._forms: dict[str, Symbols] = {}  # stem → symbols
        self._exact: dict[str, Symbols] = {}  # form as written → symbols
        self._named: dict[str, Symbols] = {}  # the same, where a capital is asked; the same keys
        self._shouted: dict[str, Symbols] = {}  # both without accents, for words in capitals: CONGRES
        self._acronyms: dict[str, Symbols] = {}  # folded acronym → symbols
        self._beginnings: dict[str, dict[str, Symbols]] = {}  # first letters → truncated form → symbols
        self._lengths: dict[str, tuple[int, ...]] = {}  # first letters → lengths of those forms
        self._members: dict[int, dict[Symbols, list[int]]] = {}  # rarest word → phrase → choices it is a member of

    def pattern(self, chain: Chain) -> Pattern:
        """A chain in symbols; its units are known from now on, and counted."""
        phrases = tuple(tuple(map(self._symbol, phrase)) for phrase in chain.phrases)
        plain = all(unit.kind in _WORDS for phrase in chain.phrases for unit in phrase)
        return Pattern(phrases, tuple((joint.within, joint.ordered) for joint in chain.joints), plain)

    def rarest(self, symbols: Iterable[int]) -> int:
        """The symbol that fewest texts hold, as far as the terms tell: that fewest terms use, little words last."""
        return min(symbols, key=lambda symbol: (symbol in self._common, self._counts[symbol], symbol))

    def find(self, tokens: Tokens, *, one_sentence: bool) -> Ground:
        """Where symbols stand in one field. Its loop is what every word of every item goes through."""
        spots: dict[int, Places] = {}
        forms, exact, beginnings, capitals = self._forms, self._exact, self._beginnings, Case.CAPITALS
        for number, word in enumerate(tokens.words):
            ends = (number + 1,)
            if word.stem in forms:
                for symbol in forms[word.stem]:
                    if symbol in spots:
                        spots[symbol][number] = ends
                    else:
                        spots[symbol] = {number: ends}
            if word.plain in exact or word.case is capitals:
                for symbol in self._narrower(word, tokens, number):
                    spots.setdefault(symbol, {})[number] = ends
            if word.head in beginnings:
                for length in self._lengths[word.head]:
                    for symbol in beginnings[word.head].get(word.fold[:length], ()):
                        spots.setdefault(symbol, {})[number] = ends
        self._add_members(spots)
        return Ground(tokens, spots, one_sentence=one_sentence)

    def _narrower(self, word: Word, tokens: Tokens, number: int) -> Iterator[int]:
        """Symbols that ask for more than the stem: an exact form, a capital, an acronym."""
        if word.plain in self._exact:
            yield from self._exact[word.plain]
            if word.case is not Case.LOWER:
                yield from self._named[word.plain]
        if word.case is Case.CAPITALS:
            yield from self._shouted.get(word.fold, ())
            if word.fold in self._acronyms and is_acronym(tokens, number):
                yield from self._acronyms[word.fold]

    def _add_members(self, spots: dict[int, Places]) -> None:
        """Mark where members of several words stand; that they stand in one sentence is seen with the whole term."""
        found: dict[int, dict[int, set[int]]] = {}
        for symbol in spots.keys() & self._members.keys():
            for phrase, choices in self._members[symbol].items():
                for start, end in words_places(phrase, spots):
                    for choice in choices:
                        found.setdefault(choice, {}).setdefault(start, set()).add(end)
        for choice, places in found.items():
            for start, ends in spots.get(choice, {}).items():
                places.setdefault(start, set()).update(ends)
            spots[choice] = {start: tuple(sorted(places[start])) for start in sorted(places)}

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
                self._file_members(unit, symbol)
        self._counts[symbol] += 1
        return symbol

    def _file(self, unit: Unit, symbol: int) -> None:
        """Where `unit` stands, so does `symbol`: its own, or that of a choice it is a member of."""
        key = unit.key
        if unit.kind is Kind.TRUNCATED:
            head = key[:TRUNCATED_AT_LEAST]
            _append(self._beginnings.setdefault(head, {}), key, symbol)
            self._lengths[head] = tuple(sorted({len(form) for form in self._beginnings[head]}))
        elif unit.kind is Kind.FORM:
            _append(self._forms, key, symbol)
        elif unit.kind is Kind.ACRONYM:
            _append(self._acronyms, key, symbol)
        else:
            exact, named = ((), (symbol,)) if unit.kind is Kind.NAMED else ((symbol,), ())
            self._exact[key] = self._exact.get(key, ()) + exact
            self._named[key] = self._named.get(key, ()) + named
            if fold(key) != key:
                _append(self._shouted, fold(key), symbol)

    def _file_members(self, unit: Unit, choice: int) -> None:
        members = dict.fromkeys(self._members_of(unit))
        symbols = {phrase: tuple(map(self._symbol, phrase)) for phrase in members}
        for phrase, numbers in symbols.items():  # all counted by now, so that « saint » is known to be common
            if len(phrase) == 1:
                self._file(phrase[0], choice)
            else:
                self._members.setdefault(self.rarest(numbers), {}).setdefault(numbers, []).append(choice)

    def _members_of(self, unit: Unit) -> Iterator[Phrase]:
        """The phrases of words that a list or choice stands for, those of whole lists inside it included."""
        for phrase in unit.choices or self._lists.get(unit.key, ()):
            if len(phrase) == 1 and phrase[0].kind is Kind.LIST:
                yield from self._members_of(phrase[0])
            else:
                yield phrase


def _append(filed: dict[str, Symbols], key: str, symbol: int) -> None:
    filed[key] = (*filed.get(key, ()), symbol)
