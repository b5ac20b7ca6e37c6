"""The words of an item → the municipalities, boroughs, MRCs and regions of Québec it is about.

    gazetteer, boroughs, regions, homonyms (bot/topics/data)  →  a tree of names, word by word
    words  →  the longest names that stand there  →  those that the words around them let us believe

Half of Québec's municipalities share their name with a saint, a street, a person or a city of France. Each name says
what it takes to be believed (`Belief`); the region of the surely found ones helps to believe the others. Streets,
universities, teams and datelines never count. « Québec » is the city only where the words say so; else it is the
province, which is no place here.

Pure and linear in the number of words. Never guesses: a name that could be somewhere else is left out, and one that two
regions share is given without a region.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cache
from importlib.resources import files

from bot.model import Field, Place, Text
from bot.text.tokens import Case, Tokens, Word, words_of

__all__ = ["find_places", "place_lists"]


class Belief(IntEnum):
    """What it takes to believe a name; see homonyms.tsv."""

    SURE = 0
    AT = 1
    TOLD = 2
    FAR = 3
    NONE = 4


@dataclass(frozen=True, slots=True)
class Named:
    """A place under one of its names. `within`: the city of a borough, which an item about the borough is about too."""

    place: Place
    belief: Belief = Belief.SURE
    mrc: str = ""
    population: int = 0
    within: Place | None = None


@dataclass(slots=True)
class Node:
    """A word of names: the words that may follow, and who bears the name that ends here."""

    after: dict[str, "Node"] = field(default_factory=dict)
    bearers: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A name found at words `first` to `last` of a field."""

    tokens: Tokens
    field: Field
    first: int
    last: int
    bearers: tuple[Named, ...]


Found = tuple[int, int, tuple[Named, ...]]  # first word, last word, who bears the name

_BODY_WORDS = 120  # an article's first paragraphs say what it is about
_DOMINANT = 5  # times the population of its namesakes: the big one is meant

_QUEBEC = Place("Québec", "municipality", "Capitale-Nationale")
_SOURCES_OF_THE_CITY = re.compile(r"m[ée]tro qu[ée]bec|ville de qu[ée]bec|qu[ée]bec hebdo", re.IGNORECASE)
_SAINT = re.compile(r"\bSaint(e?)\b(?=-)")
_LONE_SAINT = re.compile(r"Sainte?-[^- ]+\Z")


def find_places(text: Text, tokens: Mapping[Field, Tokens]) -> tuple[Place, ...]:
    """The places of title and summary, or of the body's beginning when those name none; in order, once each.

    `tokens` holds the words of the fields that have any, page furniture already blanked. `Place.text` is what stands
    in the text.
    """
    hits = [hit for field in (Field.TITLE, Field.SUMMARY) if field in tokens for hit in _hits(tokens[field], field)]
    found = _believed(hits, text)
    if not found and Field.BODY in tokens:
        found = _believed(list(_hits(tokens[Field.BODY], Field.BODY)), text)
    return tuple({(place.name, place.kind, place.region): place for place in reversed(found)}.values())[::-1]


@cache
def place_lists() -> Mapping[str, tuple[str, ...]]:
    """Lists for the keyword file: `@municipalité`, `@localité`, `@arrondissement`, `@mrc` → terms in quotes.

    In quotes, capitals count: « L'Avenir » is a village, « l'avenir » is not. Beyond that a term does not look at what
    stands around a name. So names that are rather a person or a common word are apart, as `@localité`; far cities'
    names and Québec, which is mostly the province, are left out.
    """
    beliefs = _beliefs()
    lists: dict[str, set[str]] = {"municipalité": set(), "localité": set(), "arrondissement": set(), "mrc": set()}
    for name, _, _, mrc, *_ in _rows("quebec_municipalities.tsv"):
        belief = _belief(name, beliefs)
        if name != _QUEBEC.name and belief <= Belief.TOLD:
            lists["municipalité" if belief <= Belief.AT else "localité"].add(name)
        lists["mrc"] |= {mrc} - {""}
    for _, _, names in _rows("quebec_boroughs.tsv"):
        lists["arrondissement"] |= {name for name in names.split("|") if _belief(name, beliefs) <= Belief.AT}
    return {
        list_name: tuple(sorted({f'"{spelling}"' for name in names for spelling in _spellings(name)}))
        for list_name, names in lists.items()
    }


def _spellings(name: str) -> Iterator[str]:
    """As written, as English papers write it (Montreal), and with the saint cut short (St-Jérôme)."""
    for spelling in (name, _SAINT.sub(r"St\1", name)):
        yield spelling
        yield "".join(char for char in unicodedata.normalize("NFD", spelling) if not unicodedata.combining(char))


def _hits(tokens: Tokens, field: Field) -> Iterator[Hit]:
    """Names in a field, the longest at each spot, left to right, none inside another."""
    names, mrcs = _index()
    of_an_mrc = _words("mrc before")
    words = tokens.words
    end = len(words) if field is not Field.BODY else min(len(words), _BODY_WORDS)
    at = 0
    while at < end:
        first = words[at].fold
        hit = _mrc_at(words, at, mrcs) if first in of_an_mrc else None
        if hit is None and first in names.after:
            hit = _name_at(words, at, names)
        if hit is None:
            at += 1
            continue
        begin, last, bearers = hit
        yield Hit(tokens, field, begin, last, bearers)
        at = last + 1


def _name_at(words: Sequence[Word], at: int, names: Node) -> Found | None:
    """The longest name that begins at word `at`."""
    found = None
    node: Node | None = names
    for last in range(at, len(words)):
        node = node.after.get(words[last].fold) if node else None
        if node is None:
            break
        if node.bearers:
            found = at, last, node.bearers
    return found


def _mrc_at(words: Sequence[Word], at: int, mrcs: Node) -> Found | None:
    """« MRC de La Haute-Yamaska », « préfète des Collines-de-l'Outaouais »: the article may be contracted, or gone."""
    for step in range(at + 1, min(at + 5, len(words))):
        word = words[step].fold
        if word in mrcs.after and (hit := _name_at(words, step, mrcs)):
            return hit
        if word not in _words("article") and word != "mrc":
            return None
    return None


def _believed(hits: Sequence[Hit], text: Text) -> list[Place]:
    """The places of the hits that hold, in order."""
    sure = {id(hit): named for hit in hits if (named := _surely(hit, text))}
    near = {named.place.region for named in sure.values()} | {named.mrc for named in sure.values()}
    near |= {named.place.name for named in sure.values()}
    found: list[Place] = []
    for hit in hits:
        named = sure.get(id(hit)) or _perhaps(hit, near - {""})
        if named:
            first, last = hit.tokens.span(hit.first, hit.last)
            words = hit.tokens.text[first:last]
            found.append(replace(named.place, text=words))
            if named.within:
                found.append(replace(named.within, text=words))
    return found


def _surely(hit: Hit, text: Text) -> Named | None:
    """The one bearer of an unmistakable name that stands in a fit place."""
    if hit.bearers[0].place == _QUEBEC:
        return hit.bearers[0] if _is_the_city(hit, text) else None
    if hit.bearers[0].belief is Belief.SURE and _stands_as_a_name(hit):
        return _one_of(hit.bearers, frozenset())
    return None


def _perhaps(hit: Hit, near: set[str]) -> Named | None:
    """The bearer of a doubtful name, when the words around or the region of other places speak for it."""
    belief = hit.bearers[0].belief
    if belief in (Belief.SURE, Belief.NONE) or hit.bearers[0].place == _QUEBEC or not _stands_as_a_name(hit):
        return None
    neighbours = [named for named in hit.bearers if {named.place.region, named.mrc} & near]
    if neighbours or _says_quebec(hit):
        return _one_of(tuple(neighbours) or hit.bearers, near)
    if belief is not Belief.FAR and (_is_told(hit) or (belief is Belief.AT and _is_at(hit))):
        return _one_of(hit.bearers, near)
    return None


def _one_of(bearers: tuple[Named, ...], near: Iterable[str]) -> Named:
    """One bearer: the neighbour, the much bigger one, or the name without a region when nothing tells them apart."""
    close = [named for named in bearers if named.mrc in near] or list(bearers)
    ranked = sorted(close, key=lambda named: -named.population)
    if len({named.place.region for named in ranked}) == 1:
        return ranked[0]
    if ranked[0].population >= _DOMINANT * ranked[1].population:
        return ranked[0]
    return replace(ranked[0], place=replace(ranked[0].place, region=""), mrc="")


def _stands_as_a_name(hit: Hit) -> bool:
    """Capitalised as names are, in no street, university or dateline."""
    words = hit.tokens.words
    cases = words[hit.first].case, words[hit.last].case
    if Case.LOWER in cases and any(word.case is not Case.LOWER for word in words):
        return False
    if hit.first and words[hit.first - 1].fold in _words("street before"):
        return False
    if hit.last + 1 < len(words) and words[hit.last + 1].fold in _words("street after"):
        return False
    dateline = hit.first == 0 and hit.field is not Field.TITLE and cases == (Case.CAPITALS, Case.CAPITALS)
    return not dateline or all(word.case is not Case.LOWER for word in words)


def _is_at(hit: Hit) -> bool:
    if hit.first == 0:
        return False
    return hit.tokens.words[hit.first].lead > 0 or hit.tokens.words[hit.first - 1].fold in _words("at")


def _is_told(hit: Hit) -> bool:
    """A municipal word before the name, with nothing but small words between, or right after it in English."""
    words = hit.tokens.words
    if hit.last + 1 < len(words) and words[hit.last + 1].fold in _words("municipal after"):
        return True
    for at in range(hit.first - 1, max(-1, hit.first - 5), -1):
        if words[at].fold in _words("municipal before"):
            return True
        if words[at].fold not in _words("between"):
            return False
    return False


def _says_quebec(hit: Hit) -> bool:
    """« Windsor, au Québec », « Richmond, Que. »"""
    after = hit.tokens.words[hit.last + 1 : hit.last + 4]
    return any(word.fold in ("quebec", "que", "estrie") for word in after)


def _is_the_city(hit: Hit, text: Text) -> bool:
    words = hit.tokens.words
    if not _stands_as_a_name(hit):
        return False
    before = [word.fold for word in words[max(0, hit.first - 4) : hit.first]][::-1]
    after = words[hit.last + 1].fold if hit.last + 1 < len(words) else ""
    if after == "city" or before[:1] in (["a"], ["vieux"]):
        return True
    if before[:1] == ["de"]:
        return any(word in _words("city of Québec before") for word in before[1:])
    return _opens_the_headline(hit) and _SOURCES_OF_THE_CITY.search(text.source) is not None


def _opens_the_headline(hit: Hit) -> bool:
    """« Québec renforce ses liens », « Budget : Québec gèle les taxes », and no « Québec International »."""
    if hit.field is not Field.TITLE:
        return False
    before = hit.tokens.text[: hit.tokens.span(hit.first, hit.first)[0]].rstrip()
    words = hit.tokens.words
    alone = hit.last + 1 == len(words) or words[hit.last + 1].case is Case.LOWER
    return alone and (not before or before[-1] in ":–—|")


@cache
def _index() -> tuple[Node, Node]:
    """All names by their folded words; those of MRCs apart, which need « MRC » before them."""
    names: dict[tuple[str, ...], list[Named]] = {}
    mrcs: dict[tuple[str, ...], list[Named]] = {}
    for spelling, named in _all_names():
        key = tuple(word.fold for word in words_of(spelling))
        names.setdefault(key, []).append(named)
    for name, region in _mrc_regions().items():
        key = _without_article(tuple(word.fold for word in words_of(name)))
        named = Named(Place(name, "mrc", region), mrc=name)
        mrcs[key] = [named]
        if len(key) > 1 and key not in names:  # « Vaudreuil-Soulanges » is no other place
            names[key] = [named]
    return _tree(names), _tree(mrcs)


def _all_names() -> Iterator[tuple[str, Named]]:
    beliefs = _beliefs()
    for name, _, region, mrc, _, population in _rows("quebec_municipalities.tsv"):
        place = Place(name, "municipality", region)
        named = Named(place, _belief(name, beliefs), mrc, int(population or 0))
        yield name, named
        if name.startswith("Les ") and named.belief is Belief.SURE:
            yield name.removeprefix("Les "), named  # « aux Îles-de-la-Madeleine »
    cities = {name: region for name, _, region, *_ in _rows("quebec_municipalities.tsv")}
    for city, borough, names in _rows("quebec_boroughs.tsv"):
        within = Place(city, "municipality", cities[city])
        for name in names.split("|"):
            yield name, Named(Place(borough, "borough", cities[city]), _belief(name, beliefs), within=within)
    for region, names in _rows("quebec_regions.tsv"):
        for name in names.split("|"):
            yield name, Named(Place(region, "region", region))
    for name, belief in beliefs.items():
        if belief is Belief.NONE:
            yield name, Named(Place(name, "", ""), belief)


def _tree(names: Mapping[tuple[str, ...], list[Named]]) -> Node:
    root = Node()
    for key, bearers in names.items():
        node = root
        for word in key:
            node = node.after.setdefault(word, Node())
        node.bearers = tuple(sorted(bearers, key=lambda named: named.belief))
    return root


def _without_article(key: tuple[str, ...]) -> tuple[str, ...]:
    return key[1:] if key[0] in _words("article") and len(key) > 1 else key


def _mrc_regions() -> dict[str, str]:
    return {mrc: region for _, _, region, mrc, *_ in _rows("quebec_municipalities.tsv") if mrc}


def _beliefs() -> dict[str, Belief]:
    return {name: Belief[belief.upper()] for belief, _, names in _rows("homonyms.tsv") for name in names.split("|")}


def _belief(name: str, beliefs: Mapping[str, Belief]) -> Belief:
    """What homonyms.tsv says; a lone saint's name is a street or a parish everywhere."""
    return beliefs.get(name, Belief.AT if _LONE_SAINT.match(name) else Belief.SURE)


@cache
def _words(use: str) -> frozenset[str]:
    """The folded words of one use in place_words.tsv."""
    return frozenset(next(words for name, words in _rows("place_words.tsv") if name == use).split())


def _rows(file: str) -> Iterator[list[str]]:
    """The fields of a data file's lines; lines that begin with # speak to readers."""
    for line in files("bot.topics").joinpath("data", file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")
