"""The nouns of the keyword file: a topic, its terms in groups, named lists, and what a place in an item weighs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.errors import Problem
from bot.model import Field
from bot.topics.syntax import Phrase, Term


class Group(StrEnum):
    STRONG = "strong"  # one is enough
    WEAK = "weak"  # two must agree
    AGAINST = "against"  # lowers the score
    NEVER = "never"  # vetoes
    ASIDE = "aside"  # its words count for no other term where they stand


# With a threshold of 1: one strong term in the title or summary is enough; a hint needs a second one, or itself in
# the title and once more below it; what stands only in the body needs company.
WEIGHTS: Final[Mapping[Group, float]] = MappingProxyType(
    {Group.STRONG: 1.0, Group.WEAK: 0.5, Group.AGAINST: 1.0, Group.NEVER: 0.0, Group.ASIDE: 0.0}
)
FACTORS: Final[Mapping[Field, float]] = MappingProxyType({Field.TITLE: 1.25, Field.SUMMARY: 1.0, Field.BODY: 0.75})
THRESHOLD: Final = 1.0


@dataclass(frozen=True, slots=True)
class WeighedTerm:
    """A term in its group; `weight` is positive even in `against`."""

    term: Term
    group: Group
    weight: float
    line: int = 0  # in the file


@dataclass(frozen=True, slots=True)
class Topic:
    id: str
    names: Mapping[str, str]
    emoji: str
    terms: tuple[WeighedTerm, ...]
    threshold: float = THRESHOLD


@dataclass(frozen=True, slots=True)
class Topics:
    """A keyword file that was understood whole. `lists` hold phrases; a phrase of one LIST unit is another list."""

    topics: tuple[Topic, ...]
    lists: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    aside: tuple[Term, ...] = ()  # for all topics
    factors: Mapping[Field, float] = field(default_factory=lambda: FACTORS)
    warnings: tuple[Problem, ...] = ()
