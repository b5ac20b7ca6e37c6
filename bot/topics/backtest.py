"""A term and stored texts become what the term would have flagged: what is flagged anyway, what it would add, how
noisily.

Asked before a term goes into the file or a person's keywords, so that nobody learns from a flood that « travail »
stands everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.model import Reason, Text
from bot.topics.match import Index
from bot.topics.syntax import Term
from bot.topics.topic import Topics

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A stored thing that holds the term; `topics` are those the keyword file flags it for today."""

    thing: T
    reason: Reason
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest(Generic[T]):
    """What a term would have done among `read` texts."""

    read: int
    found: tuple[Found[T], ...]

    @property
    def added(self) -> tuple[Found[T], ...]:
        """What nothing flags today."""
        return tuple(found for found in self.found if not found.topics)

    @property
    def rate(self) -> float:
        """Share of all texts that hold the term."""
        return len(self.found) / self.read if self.read else 0.0


def lone_index(term: Term, topics: Topics) -> Index:
    """An index that knows one term, as owner 0's, and the lists it may name."""
    alone = Index(Topics((), lists=topics.lists))
    alone.add_personal(0, term)
    return alone


def try_term(term: Term, texts: Iterable[tuple[T, Text]], index: Index) -> Backtest[T]:
    """Try a term on texts, each given with the thing it belongs to, in the order given."""
    alone = lone_index(term, index.topics)
    read = 0
    found = []
    for thing, text in texts:
        read += 1
        if reasons := alone.personal_hits(text).get(0):
            found.append(Found(thing, reasons[0], index.match(text).topics))
    return Backtest(read, tuple(found))
