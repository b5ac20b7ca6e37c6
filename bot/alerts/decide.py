"""An unseen entry and what is known of it → its fate: told, or not told for a reason that has a name.

The order of the reasons is the order of the questions a person would ask: did we know this feed, is it still news, is
it about my topics, was it told already. A publisher's date may hold an item back and never push it: a missing or a
future date counts as now. Must never read a clock: the same facts always meet the same fate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Fate, Verdict


@dataclass(frozen=True, slots=True)
class Facts:
    """What a poll knows of one unseen entry.

    `feed_primed`: an earlier poll of this feed succeeded. `published_at`: the publisher's claim. `story_told`: the
    entry joins a story that has an alert; False while the story is not known yet.
    """

    feed_primed: bool
    published_at: datetime | None
    verdicts: tuple[Verdict, ...]
    story_told: bool = False


def fate_of(facts: Facts, window: timedelta, now: datetime) -> Fate:
    """The first reason not to tell, or ALERTED. `window`: how long after its own date an item is still news."""
    if not facts.feed_primed:
        return Fate.PRIMED
    if facts.published_at is not None and facts.published_at < now - window:
        return Fate.STALE
    if not facts.verdicts:
        return Fate.NO_TOPIC
    if not any(verdict.flagged for verdict in facts.verdicts):
        return Fate.BELOW
    return Fate.GREW if facts.story_told else Fate.ALERTED


def keywords_owed(fate: Fate, hits: Iterable[int]) -> tuple[int, ...]:
    """The keywords of people's own that an entry is told for: all that stand in it, when it is news at all.

    Its fate stays what the topics make of it, so that everybody else is told why it did not come to them.
    """
    return tuple(sorted(hits)) if fate in {Fate.ALERTED, Fate.NO_TOPIC, Fate.BELOW} else ()


def topics_owed(flagged: Sequence[str], told: Sequence[str]) -> tuple[str, ...]:
    """The topics an entry brings to a story that was told without them.

    A second report may show that a story about a strike is about immigration too: those who follow immigration are owed
    the alert, and nobody gets it twice, because a delivery is unique for its alert and chat.
    """
    return tuple(topic for topic in flagged if topic not in told)
