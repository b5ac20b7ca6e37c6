"""topics.yaml becomes Topics, or the list of all that is wrong in it, each with its line and what to write instead.

    weights: {title: 1.25, summary: 1, body: 0.75}      what a place weighs (these are the defaults)
    lists: {élu: [maire, mairesse, …]}                  named for use in terms: @élu
    aside: [chambre de commerce, …]                     words that count for no topic
    topics:
      municipalities:
        names: {fr: Municipalités, en: Municipalities}
        emoji: 🏛️
        threshold: 1                                    the default
        strong: [conseil municipal, {term: budget, weight: 0.8}, …]
        weak: […]  against: […]  never: […]  aside: […]

A term is a text, or a mapping with its own weight. YAML reads an unquoted `fr: grève` as a mapping; it is understood
as the term it looks like. Nothing else is guessed: a wrong file gives no topics, and the caller keeps those it has.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from bot.errors import ConfigError, Problem
from bot.locales import LANGUAGES, say
from bot.model import Field
from bot.topics.places import place_lists
from bot.topics.syntax import Kind, Phrase, Term, TermRefused, Unit, parse_member, parse_term
from bot.topics.topic import FACTORS, THRESHOLD, WEIGHTS, Group, Topic, Topics, WeighedTerm
from bot.written import line_of, nearest, read_tree

__all__ = ["FILE_KEYS", "MOST", "SLUG", "TERM_KEYS", "TOPIC_KEYS", "Topics", "load_topics"]

FILE_KEYS: Final = ("weights", "lists", "aside", "topics")
TOPIC_KEYS: Final = ("names", "emoji", "threshold", *Group)
PREFIXES: Final = ("fr", "en", "title", "source")
TERM_KEYS: Final = ("term", "weight", *PREFIXES)
SLUG: Final = r"[a-z][a-z0-9-]{0,31}"
MOST: Final = 100.0  # of any weight or threshold


def load_topics(path: Path, language: str = "fr") -> Topics:
    """Read the keyword file. Raises ConfigError with every problem, in the order of its lines, told in `language`."""
    reading = _Reading(path.name, language)
    topics = reading.file(read_tree(path, language))
    mistakes = tuple(sorted((p for p in reading.problems if not p.warning), key=lambda p: p.line))
    if mistakes:
        raise ConfigError(mistakes)
    return topics


@dataclass(slots=True)
class _Reading:
    """One pass over the file, gathering problems."""

    name: str
    language: str
    problems: list[Problem] = field(default_factory=list)
    lists: dict[str, tuple[Phrase, ...]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # lists that some term or list names
    names: Collection[str] = ()  # of all lists

    def file(self, tree: Any) -> Topics:
        tree = self._mapping(tree, 0, FILE_KEYS)
        self._lists(tree.get("lists"), line_of(tree, "lists"))
        factors = self._factors(tree.get("weights"), line_of(tree, "weights"))
        aside = tuple(term for term, _, _ in self._terms(tree.get("aside"), line_of(tree, "aside"), Group.ASIDE))
        topics = tuple(self._topics(tree.get("topics"), line_of(tree, "topics")))
        self._warn_of_unused(tree.get("lists"))
        warnings = tuple(sorted((p for p in self.problems if p.warning), key=lambda p: p.line))
        return Topics(topics, MappingProxyType(self.lists), aside, factors, warnings)

    # ── Lists ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _lists(self, written: Any, line: int) -> None:
        given = place_lists()
        own = self._mapping(written, line, None) if written is not None else {}
        self.names = {*given, *map(str, own)}
        for name, members in given.items():
            self.lists[name] = tuple(parse_member(member) for member in members)
        for name in own:
            if name in given:
                self._tell(line_of(own, name), "list_given", name=name)
            self.lists[str(name)] = tuple(self._members(own[name], line_of(own, name)))
        for name in own:
            if self._leads_to_itself(str(name), str(name), set()):
                self._tell(line_of(own, name), "list_loop", name=name)

    def _members(self, written: Any, line: int) -> Iterator[Phrase]:
        if not isinstance(written, list) or not written:
            self._tell(line, "list_empty")
            return
        seen: dict[Phrase, str] = {}
        for number, member in enumerate(written):
            at = line_of(written, number)
            phrase = self._member(str(member), at)
            if phrase in seen:
                self._warn(at, "list_twice", term=member, other=seen[phrase])
            elif phrase:
                seen[phrase] = str(member)
                yield phrase

    def _member(self, written: str, line: int) -> Phrase | None:
        try:
            phrase = parse_member(written, self.names)
        except TermRefused as refused:
            self._refuse(written, line, refused)
            return None
        self.used.update(unit.key for unit in phrase if unit.kind is Kind.LIST)
        return phrase

    def _leads_to_itself(self, name: str, at: str, seen: set[str]) -> bool:
        for phrase in self.lists.get(at, ()):
            following = phrase[0].key if phrase[0].kind is Kind.LIST else ""
            if following == name:
                return True
            if following and following not in seen:
                seen.add(following)
                if self._leads_to_itself(name, following, seen):
                    return True
        return False

    def _warn_of_unused(self, own: Any) -> None:
        for name in own or ():
            if name not in self.used:
                self._warn(line_of(own, name), "list_unused", name=name)

    # ── Topics ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _topics(self, written: Any, line: int) -> Iterator[Topic]:
        topics = self._mapping(written, line, None)
        if not topics:
            self._tell(line, "no_topics")
        for id_ in topics:
            at = line_of(topics, id_)
            topic = self._mapping(topics[id_], at, TOPIC_KEYS)
            if not _is_slug(id_):
                self._tell(at, "slug", name=id_)
            terms = tuple(self._all_terms(topic))
            if not any(term.group in {Group.STRONG, Group.WEAK} for term in terms):
                self._tell(at, "no_terms", name=id_)
            yield Topic(
                str(id_),
                MappingProxyType(self._names(topic, at)),
                self._text(topic, "emoji", at),
                terms,
                self._number(topic, "threshold", THRESHOLD),
            )

    def _all_terms(self, topic: Any) -> Iterator[WeighedTerm]:
        seen: dict[object, tuple[Group, int]] = {}
        for group in Group:
            for term, weight, line in self._terms(topic.get(group.value), line_of(topic, group.value), group):
                same = (term.chains, term.language, term.field, term.outlet)
                if same in seen:
                    other, at = seen[same]
                    tell = self._warn if other is group else self._tell
                    tell(line, "term_twice", term=term.source, group=other.value, line=at)
                seen.setdefault(same, (group, line))
                yield WeighedTerm(term, group, weight, line)

    def _names(self, topic: Any, line: int) -> dict[str, str]:
        if "names" not in topic:
            self._tell(line, "missing", name="names")
            return {}
        names = self._mapping(topic["names"], line_of(topic, "names"), LANGUAGES)
        return {language: self._text(names, language, line_of(topic, "names")) for language in LANGUAGES}

    # ── Terms ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _terms(self, written: Any, line: int, group: Group) -> Iterator[tuple[Term, float, int]]:
        if written is None:
            return
        if not isinstance(written, list):
            self._tell(line, "terms", group=group.value)
            return
        for number, entry in enumerate(written):
            at = line_of(written, number)
            source, weight = self._entry(entry, at, group)
            term = self._term(source, at) if source is not None else None
            if term:
                yield term, weight, at

    def _entry(self, entry: Any, line: int, group: Group) -> tuple[str | None, float]:
        """The text and the weight of one entry, whichever way it is written."""
        if not isinstance(entry, dict):
            if entry is None or isinstance(entry, list):
                self._tell(line, "entry")
                return None, 0.0
            return str(entry), WEIGHTS[group]
        entry = self._mapping(entry, line, TERM_KEYS)
        texts = [key for key in entry if key in TERM_KEYS and key != "weight"]
        if len(texts) != 1 or isinstance(entry[texts[0]], dict | list):
            self._tell(line, "entry")
            return None, 0.0
        text = entry[texts[0]]
        source = str(text) if texts[0] == "term" else f"{texts[0]}: {text}"
        return source, self._number(entry, "weight", WEIGHTS[group])

    def _term(self, source: str, line: int) -> Term | None:
        try:
            term = parse_term(source, self.names)
        except TermRefused as refused:
            self._refuse(source, line, refused)
            return None
        self.used.update(unit.key for unit in _units(term) if unit.kind is Kind.LIST)
        return term

    def _refuse(self, source: str, line: int, refused: TermRefused) -> None:
        what = say(self.language, "topics.file_term", term=source, why=refused.what(self.language))
        self._add(line, what, refused.mend(self.language))

    # ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _factors(self, written: Any, line: int) -> Mapping[Field, float]:
        if written is None:
            return FACTORS
        weights = self._mapping(written, line, tuple(Field))
        return MappingProxyType({part: self._number(weights, part.value, FACTORS[part]) for part in Field})

    def _mapping(self, written: Any, line: int, known: Collection[str] | None) -> Any:
        """`written` when it is a mapping of known keys (None: any), else an empty one, once told."""
        if not isinstance(written, dict):
            self._tell(line, "mapping")
            return {}
        for key in written:
            if known is not None and key not in known:
                what = say(self.language, "topics.file_unknown", name=key)
                self._add(line_of(written, key), what, nearest(key, known, self.language))
        return written

    def _text(self, written: Any, key: str, line: int) -> str:
        value = written.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._tell(line_of(written, key) if key in written else line, "missing", name=key)
        return ""

    def _number(self, written: Any, key: str, default: float) -> float:
        value = written.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MOST:
            return float(value)
        self._tell(line_of(written, key), "number", name=key, most=int(MOST))
        return default

    def _tell(self, line: int, key: str, /, **values: object) -> None:
        self._note(line, key, values, warning=False)

    def _warn(self, line: int, key: str, /, **values: object) -> None:
        self._note(line, key, values, warning=True)

    def _note(self, line: int, key: str, values: Mapping[str, object], *, warning: bool) -> None:
        what = say(self.language, f"topics.file_{key}", **values)
        self._add(line, what, say(self.language, f"topics.file_mend_{key}", **values), warning=warning)

    def _add(self, line: int, what: str, mend: str, *, warning: bool = False) -> None:
        self.problems.append(Problem(self.name, line, what, mend, warning, self.language))


def _units(term: Term) -> Iterator[Unit]:
    """Every unit of a term, those inside choices included."""
    for chain in term.chains:
        for phrase in chain.phrases:
            for unit in phrase:
                yield unit
                for choice in unit.choices:
                    yield from choice


def _is_slug(id_: object) -> bool:
    return isinstance(id_, str) and re.fullmatch(SLUG, id_) is not None
