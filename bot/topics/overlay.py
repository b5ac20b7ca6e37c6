"""The keyword file and what admins changed of its terms become the topics in use, or a merged file to take its place.

A change that no longer fits (its topic or a list it names is gone, the file has the term by now) is left out and told
as a warning: what admins wrote must never keep the bot from starting. The file itself is never written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bot.changes import REMOVED, Change, ChangeKind
from bot.errors import Problem
from bot.locales import say
from bot.topics.file import TERM_KEYS
from bot.topics.syntax import TermRefused, parse_term
from bot.topics.topic import WEIGHTS, Group, Topic, Topics, WeighedTerm
from bot.written import read_tree, write_tree

PLACE: Final = "admins"  # stands for the file in a problem


def term_subject(topic: str, term: str) -> str:
    """The subject of a change: topic ids hold no colon."""
    return f"{topic}:{term.strip()}"


def add_term(topic: str, term: str, group: Group, weight: float | None = None) -> Change:
    """A term put into a group, from wherever it was."""
    value = {"group": group.value, "weight": WEIGHTS[group] if weight is None else weight}
    return Change(ChangeKind.TERM, term_subject(topic, term), value)


def remove_term(topic: str, term: str) -> Change:
    return Change(ChangeKind.TERM, term_subject(topic, term), REMOVED)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change cannot be laid: a key of the catalogue `topics` and what fills it."""

    key: str
    values: Mapping[str, object]

    def said(self, language: str) -> str:
        return say(language, f"topics.overlay_{self.key}", **self.values)


def lay_term(topics: Topics, change: Change) -> Topics | Refusal:
    """The topics after one change of a term, or why it cannot be laid."""
    id_, _, written = change.subject.partition(":")
    topic = next((topic for topic in topics.topics if topic.id == id_), None)
    if topic is None:
        return Refusal("topic_gone", {"term": written, "topic": id_})
    laid = _lay(topic, written, change, topics)
    if isinstance(laid, Refusal):
        return laid
    return replace(topics, topics=tuple(laid if one is topic else one for one in topics.topics))


def lay_terms(topics: Topics, changes: Iterable[Change]) -> Topics:
    """The topics with what stands of the admins' changes; what no longer fits becomes a warning."""
    warnings = []
    for change in changes:
        if change.kind is not ChangeKind.TERM or change.after is None:
            continue
        laid = lay_term(topics, change)
        if isinstance(laid, Refusal):
            warnings.append(Problem(PLACE, 0, laid.said("fr"), warning=True))
        else:
            topics = laid
    return replace(topics, warnings=(*topics.warnings, *warnings)) if warnings else topics


def _lay(topic: Topic, written: str, change: Change, topics: Topics) -> Topic | Refusal:
    """One topic after one change, or why the change is left out."""
    others = tuple(weighed for weighed in topic.terms if weighed.term.source != written)
    group, weight = _value(change)
    if group is None:
        return replace(topic, terms=others) if _speaks(others) else Refusal("last_term", {"term": written})
    try:
        term = parse_term(written, topics.lists)
    except TermRefused as refused:
        return Refusal("refused", {"term": written, "why": refused.what("fr")})
    sense = (term.chains, term.language, term.field, term.outlet)
    for other in others:
        if (other.term.chains, other.term.language, other.term.field, other.term.outlet) == sense:
            return Refusal("twice", {"term": written, "other": other.term.source})
    return replace(topic, terms=(*others, WeighedTerm(term, group, weight)))


def _value(change: Change) -> tuple[Group | None, float]:
    """Group and weight; None for a term that is removed, or whose value nobody understands any more."""
    value = change.after or {}
    try:
        group = Group(str(value["group"]))
    except (KeyError, ValueError):
        return None, 0.0
    weight = value.get("weight")
    return group, float(weight) if isinstance(weight, int | float) else WEIGHTS[group]


def _speaks(terms: Iterable[WeighedTerm]) -> bool:
    """A topic needs a term that speaks for it."""
    return any(weighed.group in {Group.STRONG, Group.WEAK} for weighed in terms)


def changes_between(now: Topics, wanted: Topics) -> tuple[Change, ...]:
    """The changes that give each topic in use the terms it has in `wanted`, those that come before those that go.

    Topics that only one of the two has are left alone, and so is all that is no term.
    """
    in_use = {topic.id: {one.term.source: one for one in topic.terms} for topic in now.topics}
    come, go = [], []
    for topic in wanted.topics:
        if topic.id not in in_use:
            continue
        mine, theirs = in_use[topic.id], {one.term.source: one for one in topic.terms}
        for source, one in theirs.items():
            if source not in mine or (mine[source].group, mine[source].weight) != (one.group, one.weight):
                come.append(add_term(topic.id, source, one.group, one.weight))
        go += [remove_term(topic.id, source) for source in mine if source not in theirs]
    return (*come, *go)


def merged_topics(path: Path, topics: Topics) -> str:
    """The keyword file with its terms made to be those of `topics`, comments kept: to be put in its place by a person.

    Raises ConfigError when the file cannot be read.
    """
    tree = read_tree(path)
    for topic in topics.topics:
        block = tree["topics"].get(topic.id)
        if block is not None:
            _merge(block, topic)
    return write_tree(tree)


def _merge(block: Any, topic: Topic) -> None:
    """One topic's block of the tree: takes out what is gone, writes what came."""
    for group in Group:
        wanted = {weighed.term.source: weighed for weighed in topic.terms if weighed.group is group}
        listed = block.get(group.value) or []
        for at, source in reversed(list(enumerate(_sources(listed)))):
            if source in wanted:
                del wanted[source]
            else:
                del listed[at]
        if wanted and not block.get(group.value):
            block[group.value] = listed = []
        listed.extend(_entry(weighed) for weighed in wanted.values())
        if group.value in block and not listed:
            del block[group.value]


def _sources(listed: Any) -> Iterator[str]:
    """The terms of a list as the reader names them."""
    for entry in listed:
        if isinstance(entry, dict):
            key = next((key for key in entry if key in TERM_KEYS and key != "weight"), "term")
            yield str(entry.get(key)).strip() if key == "term" else f"{key}: {entry[key]}".strip()
        else:
            yield str(entry).strip()


def _entry(weighed: WeighedTerm) -> object:
    usual = weighed.weight == WEIGHTS[weighed.group]
    return weighed.term.source if usual else {"term": weighed.term.source, "weight": weighed.weight}
