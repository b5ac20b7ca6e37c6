"""Labelled items and the index become precision, recall and F1 per topic, and the worst mistakes.

Figures are given on slices, because a set that was searched with topic words flatters recall, and because items that
two careful readers label differently can't be a measure: `all`, `sure` (no doubt noted), each way of sampling among
the sure, and `pooled`, the sure ones without the way named in WITHOUT (federal releases, whose titles were rebuilt
from addresses).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.model import Matched, Text
from bot.topics.match import Index

WITHOUT: Final = "whole-department"


@dataclass(frozen=True, slots=True)
class Labelled:
    """An item with the topics that careful readers gave it."""

    id: str
    text: Text
    labels: frozenset[str]
    sampling: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """One topic on one slice: right alerts, false alerts, missed alerts."""

    slice: str
    topic: str
    items: int
    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return _share(self.right, self.right + self.false)

    @property
    def recall(self) -> float:
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        return _share(2 * self.right, 2 * self.right + self.false + self.missed)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A false alert, or a missed one; `margin` is how far the score stood on the wrong side of the threshold."""

    topic: str
    item: Labelled
    missed: bool
    margin: float
    because: tuple[str, ...]  # the terms that counted


@dataclass(frozen=True, slots=True)
class Evaluation:
    tallies: tuple[Tally, ...]
    mistakes: tuple[Mistake, ...]  # on sure items, the worst first


def evaluate(index: Index, items: Sequence[Labelled]) -> Evaluation:
    """Match every item and compare."""
    matched = [(item, index.match(item.text)) for item in items]
    topics = [topic.id for topic in index.topics.topics]
    tallies = tuple(
        _tally(name, topic, [pair for pair in matched if belongs(pair[0])])
        for name, belongs in _slices(items).items()
        for topic in topics
    )
    mistakes = (m for item, found in matched if not item.unsure for m in _mistakes(item, found, topics))
    return Evaluation(tallies, tuple(sorted(mistakes, key=lambda mistake: (-mistake.margin, mistake.item.id))))


def _slices(items: Iterable[Labelled]) -> dict[str, Callable[[Labelled], bool]]:
    """Name of a slice → whether an item belongs to it."""

    def sampled(sampling: str) -> Callable[[Labelled], bool]:
        return lambda item: not item.unsure and item.sampling == sampling

    return {
        "all": lambda _item: True,
        "sure": lambda item: not item.unsure,
        "pooled": lambda item: not item.unsure and item.sampling != WITHOUT,
        **{sampling: sampled(sampling) for sampling in sorted({item.sampling for item in items} - {""})},
    }


def _tally(name: str, topic: str, matched: Sequence[tuple[Labelled, Matched]]) -> Tally:
    pairs = Counter((topic in item.labels, topic in found.topics) for item, found in matched)
    return Tally(name, topic, len(matched), pairs[True, True], pairs[False, True], pairs[True, False])


def _mistakes(item: Labelled, found: Matched, topics: Iterable[str]) -> Iterator[Mistake]:
    verdicts = {verdict.topic: verdict for verdict in found.verdicts}
    for topic in topics:
        verdict = verdicts.get(topic)
        flagged = verdict is not None and verdict.flagged
        if flagged == (topic in item.labels):
            continue
        margin = abs(verdict.score - verdict.threshold) / verdict.threshold if verdict else 1.0
        because = tuple(reason.term for reason in verdict.reasons) if verdict else ()
        yield Mistake(topic, item, not flagged, round(margin, 3), because)


def _share(part: int, whole: int) -> float:
    """0 of 0 is 1: nothing was got wrong."""
    return part / whole if whole else 1.0
