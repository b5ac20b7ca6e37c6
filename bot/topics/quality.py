"""People's thumbs and the words that made each alert become precision: of a topic, a term, an outlet.

A thumb under an alert speaks of every term that counted for it, so a term is only reviewed on several of them, from
several alerts; one person's habit is one thumb an alert. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.model import Verdict

ENOUGH: Final = 4  # thumbs before a term is called into question
GOOD_ENOUGH: Final = 0.7  # one false alert in ten makes people mute; three in ten of a term ask for a look


@dataclass(frozen=True, slots=True)
class Judged:
    """An alert with the thumbs it got: the verdicts of the item that spoke, its outlet."""

    verdicts: Sequence[Verdict]
    outlet: str
    good: int
    bad: int


@dataclass(slots=True)
class Tally:
    good: int = 0
    bad: int = 0

    @property
    def votes(self) -> int:
        return self.good + self.bad

    @property
    def precision(self) -> float | None:
        """Share of good thumbs; None without any."""
        return self.good / self.votes if self.votes else None

    def add(self, judged: Judged) -> None:
        self.good += judged.good
        self.bad += judged.bad


@dataclass(slots=True)
class Quality:
    """Tallies by topic, by (topic, term) and by outlet."""

    topics: dict[str, Tally] = field(default_factory=dict)
    terms: dict[tuple[str, str], Tally] = field(default_factory=dict)
    outlets: dict[str, Tally] = field(default_factory=dict)

    def to_review(self) -> list[tuple[str, str, Tally]]:
        """The terms with enough thumbs and too few good ones, the worst first."""
        doubtful = [
            (topic, term, tally)
            for (topic, term), tally in self.terms.items()
            if tally.votes >= ENOUGH and (tally.precision or 0.0) < GOOD_ENOUGH
        ]
        return sorted(doubtful, key=lambda one: (one[2].precision, -one[2].votes, one[0], one[1]))


def quality_of(judged: Iterable[Judged]) -> Quality:
    """Every thumb counted for the topics the alert was told for, the terms that spoke for them, and the outlet."""
    quality = Quality()
    for one in judged:
        quality.outlets.setdefault(one.outlet, Tally()).add(one)
        for verdict in one.verdicts:
            if not verdict.flagged:
                continue
            quality.topics.setdefault(verdict.topic, Tally()).add(one)
            for term in {reason.term for reason in verdict.reasons if reason.weight > 0}:
                quality.terms.setdefault((verdict.topic, term), Tally()).add(one)
    return quality


def hits_of(verdicts: Iterable[Sequence[Verdict]], topic: str) -> dict[str, int]:
    """In how many items each term of a topic counted."""
    hits: dict[str, int] = {}
    for each in verdicts:
        mine = [verdict for verdict in each if verdict.topic == topic]
        for term in {reason.term for verdict in mine for reason in verdict.reasons}:
            hits[term] = hits.get(term, 0) + 1
    return hits
