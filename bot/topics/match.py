"""Topics and people's own keywords become an index; an item read through it becomes what matched, where, and why.

    text → words → symbols that some term uses → terms whose rarest symbol is there → those that really stand there
         → per topic: weights, vetoes → verdicts;  per owner of a keyword: reasons

Each term waits under its rarest word, so a text only meets terms it has such a word of: reading costs what the text
holds, not what the index holds. A term that many people follow is kept once. Adding and removing change the live index
in place. No I/O, no clock; the order in which terms were added changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.model import Field, Matched, Reason, Text
from bot.text.boilerplate import cut_boilerplate
from bot.text.language import language
from bot.text.tokens import Tokens
from bot.topics.judge import Hit, judge, reason
from bot.topics.lexicon import Lexicon, is_plain
from bot.topics.patterns import Ground, Pattern, Spots, Symbols, Words, every_match, first_match, first_phrase
from bot.topics.places import find_places
from bot.topics.syntax import Term, outlet_words
from bot.topics.topic import Group, Topics, WeighedTerm

EVERY_TOPIC: Final = ""  # whom an aside at the top of the file speaks for
PERSONAL: Final = ""  # the topic of a reason that belongs to a person's own keyword


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one item gave: for the topics, and for each owner of a keyword of their own that stands in it."""

    matched: Matched
    personal: Mapping[int, tuple[Reason, ...]]
    hits: tuple[tuple[str, Hit], ...]  # (topic, hit), those that did not count included


@dataclass(slots=True, eq=False)
class _Entry:
    """A term in symbols, and for whom it stands there.

    `needs` are the symbols it is known by; of a plain phrase, as most terms are, they are the phrase itself, and
    `patterns` is empty.
    """

    term: Term
    waits_under: str
    needs: Symbols
    patterns: tuple[Pattern, ...]
    anywhere: bool  # no prefix: holds for any field of any item
    uses: tuple[tuple[str, WeighedTerm], ...] = ()  # (topic, the term in its group)
    owners: tuple[int, ...] = ()

    def first(self, ground: Ground) -> Words | None:
        """The words of the first place where the term stands; every symbol it needs is known to stand somewhere."""
        return first_match(self.patterns, ground) if self.patterns else first_phrase(self.needs, ground)


# Symbol → the terms that wait under it, each with another of its symbols (or that one): most are let go at a glance.
_Waiting = dict[str, list[tuple[str, _Entry]]]


class Index:
    """Terms filed for reading. Build it with `build_index`."""

    def __init__(self, topics: Topics) -> None:
        self.topics = topics
        self._by_id = {topic.id: topic for topic in topics.topics}
        self._lexicon = Lexicon(topics.lists)
        self._asides: _Waiting = {}
        self._waiting: _Waiting = {}
        self._entries: dict[str, _Entry] = {}  # term as written → entry
        self._asks_outlet = False  # whether any term has `source:`

    # ── Filing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def file(self, filings: Iterable[tuple[str, WeighedTerm]]) -> None:
        """Add terms of topics, given as (topic, term). Counts them all first, to know which words are rare."""
        written = [(topic, weighed, self._patterns(weighed.term)) for topic, weighed in filings]
        for topic, weighed, patterns in written:
            if weighed.group is Group.ASIDE:
                self._wait(_entry(weighed.term, patterns, self._lexicon), self._asides).uses = ((topic, weighed),)
            else:
                entry = self._followed(weighed.term, patterns)
                entry.uses = (*entry.uses, (topic, weighed))

    def add_personal(self, owner: int, term: Term) -> None:
        """Make `owner` hear of items with `term`. Twice is once. A list the index does not know matches nothing."""
        entry = self._entries.get(term.source) or self._followed(term, self._patterns(term))
        if owner not in entry.owners:
            entry.owners = (*entry.owners, owner)

    def remove_personal(self, owner: int, term: Term) -> None:
        """Undo `add_personal`; nothing happens when there is nothing to undo."""
        entry = self._entries.get(term.source)
        if entry is None or owner not in entry.owners:
            return
        entry.owners = tuple(other for other in entry.owners if other != owner)
        if not entry.owners and not entry.uses:
            del self._entries[term.source]
            others = self._waiting[entry.waits_under]
            others[:] = [pair for pair in others if pair[1] is not entry]

    def _followed(self, term: Term, patterns: tuple[Pattern, ...]) -> _Entry:
        """The one entry of a term, whoever follows it."""
        if term.source not in self._entries:
            self._entries[term.source] = self._wait(_entry(term, patterns, self._lexicon), self._waiting)
        return self._entries[term.source]

    def _wait(self, entry: _Entry, waiting: _Waiting) -> _Entry:
        other = next((need for need in entry.needs if need != entry.waits_under), entry.waits_under)
        if entry.waits_under in waiting:
            waiting[entry.waits_under].append((other, entry))
        else:
            waiting[entry.waits_under] = [(other, entry)]
        self._asks_outlet = self._asks_outlet or bool(entry.term.outlet)
        return entry

    def _patterns(self, term: Term) -> tuple[Pattern, ...]:
        return tuple(map(self._lexicon.pattern, term.chains))

    # ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────

    def match(self, text: Text) -> Matched:
        """What the topics say of one item."""
        return self.read(text).matched

    def personal_hits(self, text: Text) -> Mapping[int, tuple[Reason, ...]]:
        """Owners of keywords that stand in one item, with the reasons. For both answers in one pass, `read`."""
        return self.read(text).personal

    def read(self, text: Text) -> Reading:
        """Everything one item gives. Page furniture, which is rare, is only looked for where something was found."""
        read = self._read(text)
        if read.hits or read.personal or read.matched.places:
            clean = _without_furniture(text)
            if clean is not text:
                return self._read(clean)
        return read

    def _read(self, text: Text) -> Reading:
        tokens = {part: Tokens(getattr(text, part)) for part in Field if getattr(text, part)}
        lean = sum(found.leaning for found in tokens.values())
        sought = _Sought(language(lean, text.lang), outlet_words(text.source) if self._asks_outlet else ())
        hits: dict[str, list[Hit]] = defaultdict(list)
        personal: dict[int, list[Reason]] = defaultdict(list)
        for part, found in tokens.items():
            ground = self._lexicon.find(found, one_sentence=part is Field.TITLE)
            if ground.spots:
                self._search(ground, part, sought, hits, personal)
        verdicts = (judge(self._by_id[topic], found, self.topics.factors) for topic, found in hits.items())
        return Reading(
            Matched(
                tuple(sorted(filter(None, verdicts), key=lambda verdict: verdict.topic)),
                find_places(text, tokens),
                sought.language,
            ),
            {owner: tuple(sorted(reasons, key=_in_order)) for owner, reasons in personal.items()},
            tuple((topic, hit) for topic, found in hits.items() for hit in found),
        )

    def _search(
        self,
        ground: Ground,
        part: Field,
        sought: "_Sought",
        hits: dict[str, list[Hit]],
        personal: dict[int, list[Reason]],
    ) -> None:
        """Add what stands in one field to `hits` and `personal`."""
        without = self._set_aside(ground, part, sought)
        shared = without.get(EVERY_TOPIC, ground)
        for entry in _candidates(self._waiting, ground.spots, part, sought):
            found = entry.first(ground)
            if found is None:
                continue
            for owner in entry.owners:
                personal[owner].append(_own_reason(entry.term, part, ground.tokens, found))
            for topic, weighed in entry.uses:
                free = without.get(topic, shared)
                words = found if free is ground else _first_in(entry, free)
                if words:
                    hits[topic].append(Hit(weighed, part, ground.tokens, words))

    def _set_aside(self, ground: Ground, part: Field, sought: "_Sought") -> dict[str, Ground]:
        """Topic → the field without the words that its asides take; EVERY_TOPIC for those that hold for all."""
        taken: dict[str, set[int]] = defaultdict(set)
        for entry in _candidates(self._asides, ground.spots, part, sought):
            for words in every_match(entry.patterns or (Pattern((entry.needs,)),), ground):
                for topic, _ in entry.uses:
                    taken[topic].update(words)
        for_all = taken.get(EVERY_TOPIC, set())
        return {topic: ground.without(words | for_all) for topic, words in taken.items()}


def build_index(topics: Topics) -> Index:
    """File every term of `topics`. 100,000 terms take a few seconds at most (benchmarks/bench_match.py)."""
    index = Index(topics)
    shared = [(EVERY_TOPIC, WeighedTerm(term, Group.ASIDE, 0.0)) for term in topics.aside]
    index.file([*shared, *((topic.id, weighed) for topic in topics.topics for weighed in topic.terms)])
    return index


def _entry(term: Term, patterns: tuple[Pattern, ...], lexicon: Lexicon) -> _Entry:
    waits_under, needs = lexicon.signs(patterns)
    anywhere = not (term.field or term.language or term.outlet)
    if len(patterns) == len(patterns[0].phrases) == 1 and is_plain(term.chains[0].phrases[0]):
        return _Entry(term, waits_under, patterns[0].phrases[0], (), anywhere)
    return _Entry(term, waits_under, needs, patterns, anywhere)


def _first_in(entry: _Entry, ground: Ground) -> Words | None:
    """The same where words were set aside, and with them perhaps all places of a symbol."""
    return entry.first(ground) if all(need in ground.spots for need in entry.needs) else None


@dataclass(frozen=True, slots=True)
class _Sought:
    """What an item is, for terms that only hold for some."""

    language: str
    outlet: tuple[str, ...]


def _candidates(waiting: _Waiting, spots: Spots, part: Field, sought: _Sought) -> Iterator[_Entry]:
    """Terms whose every symbol stands in the field and that hold for this item."""
    for symbol in spots.keys() & waiting.keys():
        for other, entry in waiting[symbol]:
            if other in spots and (
                (len(entry.needs) < 3 or all(need in spots for need in entry.needs))
                and (entry.anywhere or _suits(entry.term, part, sought))
            ):
                yield entry


def _suits(term: Term, part: Field, sought: _Sought) -> bool:
    """Whether a term with prefixes holds for this field of this item."""
    return (
        (term.field is None or term.field is part)
        and (term.language is None or term.language == sought.language)
        and (not term.outlet or _holds(sought.outlet, term.outlet))
    )


def _holds(outlet: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether an outlet's name holds these words in a row."""
    return any(outlet[at : at + len(words)] == words for at in range(len(outlet) - len(words) + 1))


def _in_order(reason: Reason) -> tuple[int, int, str]:
    """Sorting key: title before summary before body, then as in the text."""
    return tuple(Field).index(reason.field), reason.start, reason.term


def _own_reason(term: Term, part: Field, tokens: Tokens, words: Words) -> Reason:
    return reason(PERSONAL, Hit(WeighedTerm(term, Group.STRONG, 1.0), part, tokens, words), 1.0)


def _without_furniture(text: Text) -> Text:
    """`text` with summary and body cleaned; itself when there was nothing to clean."""
    summary, body = cut_boilerplate(text.summary), cut_boilerplate(text.body)
    if summary == text.summary and body == text.body:
        return text
    return replace(text, summary=summary, body=body)
