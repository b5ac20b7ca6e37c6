"""A term as a person writes it → a parsed term, or a refusal that says what to write instead.

    fr: title: ^@élu ~4 (hausse | gel) de taxes & "budget" & immigr*

    term    = prefix* chain ("&" chain)*             chains share a sentence (a title is one sentence)
    chain   = phrase (("~" | ">") N phrase)*         ~ either order, > this order; at most N words between
    phrase  = unit+                                  one after the other
    unit    = word · ACRONYM · "exact form" · trunc* · @list · "(" phrase ("|" phrase)* ")" · ^ (start of a headline)
    prefix  = fr: · en: · title: · source:"Outlet"

Words are read by the same `tokens` as the news, so whatever a reader sees as the same word is the same here. There are
no regular expressions: what looks like one is refused. Never guesses: what can't be understood is refused, with words.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn

from bot.errors import GuetteurError
from bot.locales import say
from bot.model import Field
from bot.text.fold import word_set
from bot.text.tokens import HEAD, Case, Tokens, Word, words_of

CHARACTERS_AT_MOST: Final = 300
WORDS_AT_MOST: Final = 12  # in one phrase
CHOICES_AT_MOST: Final = 60
WITHIN_AT_MOST: Final = 30
TRUNCATED_AT_LEAST: Final = HEAD  # letters before the *


class TermRefused(GuetteurError):
    """A term that can't be understood; `key` names sentences of the catalogue `topics`."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say("fr", f"topics.refused_{key}", **values))
        self.key = key
        self.values = values

    def what(self, language: str) -> str:
        """What is wrong with the term."""
        return say(language, f"topics.refused_{self.key}", **self.values)

    def mend(self, language: str) -> str:
        """What to write instead."""
        return say(language, f"topics.mend_{self.key}", **self.values)


class Kind(StrEnum):
    FORM = "form"  # any inflected form; key: the stem
    EXACT = "exact"  # key: lower case, accents kept
    NAMED = "named"  # exact, written with a capital that counts
    ACRONYM = "acronym"  # in capitals only; key: folded
    TRUNCATED = "truncated"  # key: folded beginning
    LIST = "list"  # key: the list's name
    CHOICE = "choice"  # one of `choices`
    START = "start"  # the start of a headline


@dataclass(frozen=True, slots=True)
class Unit:
    """One place in a phrase. `stem` is where the word is looked up, "" for what is no word."""

    kind: Kind
    key: str = ""
    stem: str = ""
    choices: tuple["Phrase", ...] = ()


Phrase = tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """How a phrase stands to the one before it: at most `within` words between, `ordered` or either way."""

    within: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """Phrases near one another; `joints[i]` stands between phrases i and i + 1."""

    phrases: tuple[Phrase, ...]
    joints: tuple[Joint, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A parsed term; `source` is what the person wrote, and all that is ever shown."""

    source: str
    chains: tuple[Chain, ...]
    language: str | None = None
    field: Field | None = None  # TITLE, or anywhere
    outlet: tuple[str, ...] = ()  # folded words the item's source must hold, in order


_PREFIX: Final = re.compile(r"\s*(fr|en|title|source)\s*:\s*", re.IGNORECASE)
_OUTLET: Final = re.compile(r'"([^"]+)"|(\S+)')
_PIECES: Final = re.compile(
    r'"(?P<exact>[^"]*)"|(?P<joint>[~>])\s*(?P<within>\d*)|@(?P<list>[^@()|&~>"^]*)|(?P<mark>[&()|^])|(?P<words>[^"~>@&()|^]+)'
)
_INCLUSIVE: Final = re.compile(r"(?<=[^\W\d_])\(([^\W\d_]{1,6})\)")  # élu(e)s, travailleur(euse)s
_QUOTES: Final = str.maketrans("“”„«»", '"""""')
_REGEX: Final = re.compile(r"[\\\[\]{}$=]|[.)][*+?]|^/|/$")
_OPERATOR: Final = re.compile(r"(?<!\S)(AND|OR|NOT|ET|OU|SAUF|NEAR)(?!\S)")
_NEGATED: Final = re.compile(r"(?<!\S)[-!]\s*(?=[^\W\d_])")
_UNKNOWN_PREFIX: Final = re.compile(r"\s*([^\W\d_]+)\s*:")
# Alone they would flag everything; beside others they are the last words to wait under.
LITTLE_WORDS: Final = word_set("""
    le la les l un une des de du d a au aux et ou en y ce cet cette ces se sa son ses on il elle ils elles je tu
    nous vous que qui ne pas par pour sur dans avec sans the of and or to in on at for is are was be by an it its
    as with
""")


def parse_term(source: str, lists: Collection[str] = ()) -> Term:
    """Read one term. `lists` are the names that `@name` may use. Raises TermRefused."""
    prefixes, rest = _prefixes(_plainly(source))
    chains = _chains(rest, lists)
    if _is_too_common(rest):
        raise TermRefused("common", term=rest)
    if Kind.START in {unit.kind for chain in chains for phrase in chain.phrases for unit in phrase}:
        prefixes["field"] = Field.TITLE
    return Term(source.strip(), chains, **prefixes)  # type: ignore[arg-type]


def parse_member(source: str, lists: Collection[str] = ()) -> Phrase:
    """Read one member of a list: words one after the other, or another whole list. Raises TermRefused."""
    chains = _chains(_plainly(source), lists)
    phrase = chains[0].phrases[0]
    kinds = {unit.kind for unit in phrase}
    if (
        len(chains) > 1
        or chains[0].joints
        or kinds & {Kind.CHOICE, Kind.START}
        or (Kind.LIST in kinds and len(phrase) > 1)
    ):
        raise TermRefused("member")
    return phrase


def _plainly(source: str) -> str:
    if len(source) > CHARACTERS_AT_MOST:
        raise TermRefused("long", most=CHARACTERS_AT_MOST)
    return " ".join(source.translate(_QUOTES).split())


def _chains(source: str, lists: Collection[str]) -> tuple[Chain, ...]:
    _refuse_lookalikes(source)
    return _Reader(source, lists).chains()


def _prefixes(source: str) -> tuple[dict[str, object], str]:
    found: dict[str, object] = {}
    while prefix := _PREFIX.match(source):
        name, source = prefix[1].lower(), source[prefix.end() :]
        if name == "title":
            found["field"] = Field.TITLE
        elif name == "source":
            outlet = _OUTLET.match(source)
            if not outlet:
                raise TermRefused("source")
            found["outlet"] = outlet_words(outlet[1] or outlet[2])
            source = source[outlet.end() :].strip()
        else:
            found["language"] = name
    if unknown := _UNKNOWN_PREFIX.match(source):
        raise TermRefused("prefix", prefix=unknown[1])
    return found, source.strip()


def outlet_words(outlet: str) -> tuple[str, ...]:
    """An outlet's name as `source:` compares it."""
    return tuple(word.fold for word in Tokens(outlet).words)


def _refuse_lookalikes(rest: str) -> None:
    plain = re.sub(r'"[^"]*"', "", rest)
    if _REGEX.search(plain):
        raise TermRefused("regex")
    if operator := _OPERATOR.search(plain):
        raise TermRefused("operator", word=operator[1])
    if _NEGATED.search(plain):
        raise TermRefused("negated")
    if rest.count('"') % 2:
        raise TermRefused("quote")


def _is_too_common(source: str) -> bool:
    """True when nothing but little words is asked for: it would flag everything."""
    return "@" not in source and all(word.fold in LITTLE_WORDS or len(word.fold) < 2 for word in words_of(source))


class _Reader:
    """Reads the pieces of one term from left to right."""

    def __init__(self, source: str, lists: Collection[str]) -> None:
        self._lists = lists
        self._pieces = _cut(_INCLUSIVE.sub(r"·\1·", source))
        self._piece = next(self._pieces, None)

    def chains(self) -> tuple[Chain, ...]:
        chains = [self._chain()]
        while self._takes("mark", "&"):
            chains.append(self._chain())
        if self._piece is not None:
            raise TermRefused("mark", mark=self._piece.group())
        return tuple(chains)

    def _chain(self) -> Chain:
        phrases = [self._phrase()]
        joints = []
        while self._piece is not None and self._piece.lastgroup == "within":
            joints.append(self._joint(self._piece))
            phrases.append(self._phrase())
        return Chain(tuple(phrases), tuple(joints))

    def _joint(self, piece: re.Match[str]) -> Joint:
        self._piece = next(self._pieces, None)
        if not piece["within"] or not 0 < int(piece["within"]) <= WITHIN_AT_MOST:
            raise TermRefused("within", mark=piece["joint"], most=WITHIN_AT_MOST)
        return Joint(int(piece["within"]), ordered=piece["joint"] == ">")

    def _phrase(self) -> Phrase:
        units: list[Unit] = []
        while (
            self._piece is not None and self._piece.group() not in {"&", "|", ")"} and self._piece.lastgroup != "within"
        ):
            piece, self._piece = self._piece, next(self._pieces, None)
            units.extend(self._units(piece))
        if Kind.START in {unit.kind for unit in units[1:]}:
            raise TermRefused("start")
        if not units:
            raise TermRefused("empty" if self._piece is None else "side", mark=self._piece and self._piece.group())
        if len(units) > WORDS_AT_MOST:
            raise TermRefused("words", most=WORDS_AT_MOST)
        return tuple(units)

    def _units(self, piece: re.Match[str]) -> Iterator[Unit]:
        match piece.lastgroup:
            case "exact":
                yield from (_exact(word) for word in Tokens(piece["exact"]).words)
            case "list":
                name = self._list_name(piece["list"])
                yield Unit(Kind.LIST, name)
                yield from _plain(piece["list"][len(name) :])
            case "words":
                yield from _plain(piece["words"])
            case _ if piece.group() == "^":
                yield Unit(Kind.START)
            case _:
                yield self._choice()

    def _list_name(self, written: str) -> str:
        """The longest known name that `written` begins with: names may hold spaces, and words may follow them."""
        parts = written.split(" ")
        for length in range(len(parts), 0, -1):
            if (name := " ".join(parts[:length])) in self._lists:
                return name
        raise TermRefused("list", name=parts[0])

    def _choice(self) -> Unit:
        choices = [self._phrase()]
        while self._takes("mark", "|"):
            choices.append(self._phrase())
        if not self._takes("mark", ")"):
            raise TermRefused("parenthesis")
        if len(choices) > CHOICES_AT_MOST:
            raise TermRefused("choices", most=CHOICES_AT_MOST)
        for unit in (unit for phrase in choices for unit in phrase):
            if unit.kind in {Kind.CHOICE, Kind.START} or (unit.kind is Kind.LIST and (unit,) not in choices):
                raise TermRefused("nested")
        return Unit(Kind.CHOICE, choices=tuple(choices))

    def _takes(self, group: str, text: str) -> bool:
        if self._piece is None or self._piece.lastgroup != group or self._piece.group() != text:
            return False
        self._piece = next(self._pieces, None)
        return True


def _cut(source: str) -> Iterator[re.Match[str]]:
    return (piece for piece in _PIECES.finditer(source) if piece.group().strip())


def _plain(words: str) -> Iterator[Unit]:
    """Units of plain words, acronyms and truncated words."""
    run: list[str] = []
    for written in words.split():
        if "*" not in written:
            run.append(written)
            continue
        yield from map(_unit, Tokens(" ".join(run)).words)
        run.clear()
        *before, last = Tokens(written[:-1]).words or _refuse_truncation()
        if (
            written.count("*") > 1
            or written[-1] != "*"
            or len(last.fold) < TRUNCATED_AT_LEAST
            or not written[-2].isalnum()
        ):
            _refuse_truncation()
        yield from map(_unit, before)
        yield Unit(Kind.TRUNCATED, last.fold, last.fold)
    yield from map(_unit, Tokens(" ".join(run)).words)


def _refuse_truncation() -> NoReturn:
    raise TermRefused("truncation", least=TRUNCATED_AT_LEAST)


def _unit(word: Word) -> Unit:
    return (
        Unit(Kind.ACRONYM, word.fold, word.stem)
        if word.case is Case.CAPITALS
        else Unit(Kind.FORM, word.stem, word.stem)
    )


def _exact(word: Word) -> Unit:
    if word.case is Case.CAPITALS:
        return Unit(Kind.ACRONYM, word.fold, word.stem)
    return Unit(Kind.NAMED if word.case is Case.CAPITALISED else Kind.EXACT, word.plain, word.stem)
