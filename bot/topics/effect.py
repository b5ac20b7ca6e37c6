"""A change of one term, and a stored text, become what it would do to its topic: an alert more, one less, or none.

Only the topic the change is about is read, before and after, and only texts that hold the term: a month of articles
takes seconds. So a hint, a veto or a term taken out is judged by what it does beside the others, not by itself.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.changes import Change
from bot.model import Text
from bot.topics.backtest import lone_index
from bot.topics.match import Index, build_index
from bot.topics.overlay import Refusal, lay_term
from bot.topics.syntax import parse_term
from bot.topics.topic import Topics


class Shift(StrEnum):
    """What a change does to one text that holds the term."""

    MORE = "more"  # told after, not before
    LESS = "less"  # told before, not after
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Effect:
    """One change, ready to be tried on texts."""

    topic: str
    alone: Index
    before: Index
    after: Index

    def on(self, text: Text) -> Shift | None:
        """What the change does to a text; None when the text does not hold the term."""
        if not self.alone.personal_hits(text):
            return None
        before, after = (self.topic in index.match(text).topics for index in (self.before, self.after))
        if before == after:
            return Shift.SAME
        return Shift.MORE if after else Shift.LESS


def effect_of(change: Change, topics: Topics) -> Effect | Refusal:
    """The change made ready, or why it cannot be laid. Raises TermRefused for a term that cannot be read."""
    id_, _, written = change.subject.partition(":")
    term = parse_term(written, topics.lists)
    laid = lay_term(topics, change)
    if isinstance(laid, Refusal):
        return laid
    return Effect(id_, lone_index(term, topics), _only(id_, topics), _only(id_, laid))


def _only(id_: str, topics: Topics) -> Index:
    return build_index(replace(topics, topics=tuple(topic for topic in topics.topics if topic.id == id_)))
