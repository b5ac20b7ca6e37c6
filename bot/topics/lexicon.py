"""Units of terms get names, symbols; a field's words become the places where symbols stand.

The symbol of a word in any form is its stem, so that every word of a text is its own symbol and nothing is looked up
for it. Exact forms, acronyms and truncated forms, which are few, have names that no stem has. A choice (a list of the
file, or parentheses) stands where a member does: a member of one word is filed as if it were the choice's own word, one
of several words waits under its rarest. Choices with a little word in them (de | du) would stand everywhere, so they
are worked out only where a term asks for them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.text.capitals import is_acronym
from bot.text.fold import fold
from bot.text.tokens import HEAD, Case, Span, Tokens, Word
from bot.topics.patterns import START, Ground, Pattern, Spots, Symbols, words_places
from bot.topics.syntax import LITTLE_WORDS, Chain, Kind, Phrase, Unit

# What goes before the key of a unit to name it; no stem begins with any of these signs.
_NAMES: Final = {Kind.FORM: "", Kind.EXACT: "=", Kind.NAMED: '"', Kind.ACRONYM: "!", Kind.TRUNCATED: "*"}
_OPENING: Final = 6  # letters of a truncated form that few others share
_CHOICE: Final = "|"
_WORDS: Final = _NAMES.keys()


class Lexicon:
    """Every unit that some term uses. Grows; words that no term uses any more stay until the index is built anew."""

    def __init__(self, lists: Mapping[str, tuple[Phrase, ...]]) -> None:
        self._lists = lists
        self._counts: dict[str, int] = {}  # symbol → how many terms use it
        self._choices: dict[Unit, str] = {}  # choice → symbol
        self._forms: dict[str, Symbols] = {}  # stem → choices it is a member of
        self._exact: dict[str, Symbols] = {}  # form as written → symbols
        self._named: dict[str, Symbols] = {}  # the same, where a capital is asked
        self._shouted: dict[str, Symbols] = {}  # both without accents, for words in capitals: CONGRES
        self._acronyms: dict[str, Symbols] = {}  # folded acronym → symbols
        self._openings: dict[str, bool] = {}  # first HEAD letters of truncated forms → some are shorter than _OPENING
        self._beginnings: dict[str, dict[str, Symbols]] = {}  # the first letters, at most _OPENING → form → symbols
        self._rarely: dict[str, dict[Phrase, Symbols]] = {}  # choice with little words → its members
        self._members: dict[str, dict[Symbols, list[str]]] = {}  # rarest word → phrase → choices it is a member of

    def pattern(self, chain: Chain) -> Pattern:
        """A chain in symbols; its units are known from now on, and counted."""
        phrases = tuple(tuple(map(self._symbol, phrase)) for phrase in chain.phrases)
        return Pattern(phrases, tuple((joint.within, joint.ordered) for joint in chain.joints))

    def signs(self, patterns: tuple[Pattern, ...]) -> tuple[str, Symbols]:
        """What tells a text that may hold the patterns: the rarest of their symbols, and all that `find` gives."""
        symbols = {symbol for pattern in patterns for phrase in pattern.phrases for symbol in phrase} - {START}
        if symbols <= self._rarely.keys():
            self._find_always(min(symbols))
        found = symbols - self._rarely.keys()
        return self._rarest(found), tuple(sorted(found))

    def _rarest(self, symbols: Iterable[str]) -> str:
        """The symbol that fewest texts hold, as far as the terms tell: that fewest use, little words last."""
        counts = self._counts
        return min(symbols, key=lambda symbol: (symbol in LITTLE_WORDS, counts[symbol], symbol))

    def _find_always(self, choice: str) -> None:
        """File a choice with little words after all: a term has nothing else."""
        self._file_members(self._rarely.pop(choice), choice)

    def find(self, tokens: Tokens, *, one_sentence: bool) -> Ground:
        """Where symbols stand in one field. Its loop is what every word of every item goes through."""
        spots: Spots = {}
        lower, capitals = Case.LOWER, Case.CAPITALS
        forms, exact, named = self._forms, self._exact, self._named
        openings, beginnings = self._openings, self._beginnings
        for number, word in enumerate(tokens.words):
            stem = word.stem
            if stem in spots:
                spots[stem].append(number)
            else:
                spots[stem] = [number]
            if stem in forms:
                for symbol in forms[stem]:
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
            if word.head in openings and (openings[word.head] or word.fold[:_OPENING] in beginnings):
                for symbol in self._begun(word.fold):
                    _stand(spots, symbol, number)
        ground = Ground(tokens, spots, self._rarely, one_sentence=one_sentence)
        if self._members:
            self._add_members(ground)
        return ground

    def _begun(self, word: str) -> list[str]:
        """Symbols of the truncated forms that a folded word begins with."""
        found: list[str] = []
        for opening in range(HEAD, min(len(word), _OPENING) + 1):
            if forms := self._beginnings.get(word[:opening]):
                for length in range(opening, len(word) + 1):
                    found += forms.get(word[:length], ())
        return found

    def _capitalised(self, word: Word, tokens: Tokens, number: int) -> Iterator[str]:
        """Symbols that ask for a capital, or for capitals."""
        yield from self._named.get(word.plain, ())
        if word.case is Case.CAPITALS:
            yield from self._shouted.get(word.fold, ())
            if word.fold in self._acronyms and is_acronym(tokens, number):
                yield from self._acronyms[word.fold]

    def _add_members(self, ground: Ground) -> None:
        """Mark where members of several words stand; that nothing parts them is seen with the whole term."""
        found: dict[str, list[Span]] = {}
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

    def _symbol(self, unit: Unit) -> str:
        if unit.kind is Kind.FORM:
            symbol = unit.key
        elif unit.kind is Kind.START:
            return START
        elif unit.kind in _WORDS:
            symbol = _NAMES[unit.kind] + unit.key
            if symbol not in self._counts:
                self._file(unit, symbol)
        elif unit in self._choices:
            symbol = self._choices[unit]
        else:
            symbol = self._choices[unit] = f"{_CHOICE}{len(self._choices)}"
            self._file_choice(unit, symbol)
        self._counts[symbol] = self._counts.get(symbol, 0) + 1
        return symbol

    def _file(self, unit: Unit, symbol: str) -> None:
        """Where `unit` stands, so does `symbol`: its own, or that of a choice it is a member of."""
        key = unit.key
        if unit.kind is Kind.TRUNCATED:
            self._openings[key[:HEAD]] = len(key) < _OPENING or self._openings.get(key[:HEAD], False)
            _append(self._beginnings.setdefault(key[:_OPENING], {}), key, symbol)
        elif unit.kind is Kind.FORM:
            _append(self._forms, key, symbol)
        elif unit.kind is Kind.ACRONYM:
            _append(self._acronyms, key, symbol)
        else:
            _append(self._named if unit.kind is Kind.NAMED else self._exact, key, symbol)
            if fold(key) != key:
                _append(self._shouted, fold(key), symbol)

    def _file_choice(self, unit: Unit, choice: str) -> None:
        phrases = dict.fromkeys(self._members_of(unit))
        members = {phrase: tuple(map(self._symbol, phrase)) for phrase in phrases}  # counts all before any is filed
        self._counts[choice] = len(members)  # as good as one word for each
        if any(len(phrase) == 1 and phrase[0].key in LITTLE_WORDS for phrase in phrases):
            self._rarely[choice] = members
        else:
            self._file_members(members, choice)

    def _file_members(self, members: Mapping[Phrase, Symbols], choice: str) -> None:
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
    return all(unit.kind is Kind.FORM or unit.kind in _WORDS for unit in phrase)


def _append(filed: dict[str, Symbols], key: str, symbol: str) -> None:
    filed[key] = (*filed.get(key, ()), symbol)


def _stand(spots: Spots, symbol: str, number: int) -> None:
    numbers = spots.setdefault(symbol, [])
    if not numbers or numbers[-1] != number:
        numbers.append(number)
