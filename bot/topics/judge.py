"""What matched for one topic → its verdict: a sum that a person can check by hand.

    score = Σ weight of the term × factor of the field, `against` counted below zero; flagged when it reaches the
    threshold and nothing vetoes.

Each word counts once per topic: for the heaviest term that holds it, so that « conseil municipal » is not two hints
because « municipal » is one too. The same term counts once per field. `against` and `never` look at the whole item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.model import Field, Reason, Verdict
from bot.text.tokens import Tokens
from bot.topics.patterns import Words
from bot.topics.topic import Group, Topic, WeighedTerm

_FOR: Final = (Group.STRONG, Group.WEAK)
_NEARLY: Final = 1e-9  # sums of tenths


@dataclass(frozen=True, slots=True)
class Hit:
    """A term of a topic that stands in one field, on these words."""

    weighed: WeighedTerm
    field: Field
    tokens: Tokens
    words: Words


def judge(topic: Topic, hits: Iterable[Hit], factors: Mapping[Field, float]) -> Verdict | None:
    """The verdict on one item, or None when nothing speaks for the topic."""
    weighed = sorted(((_weight(hit, factors), hit) for hit in hits), key=_heaviest_first)
    counted = _counted(weighed)
    if not any(hit.weighed.group in _FOR for _, hit in counted):
        return None
    reasons = tuple(reason(topic.id, hit, weight) for weight, hit in counted)
    score = round(sum(weight for weight, _ in counted), 6)
    vetoed = any(hit.weighed.group is Group.NEVER for _, hit in counted)
    flagged = score >= topic.threshold - _NEARLY and not vetoed
    lacking = "" if flagged else f"topics.lacking_{_lacking(topic, counted)}"
    return Verdict(topic.id, score, topic.threshold, flagged, reasons, lacking)


def reason(topic: str, hit: Hit, weight: float) -> Reason:
    """A hit as it is kept and shown: the stretch from its first to its last word."""
    start, end = hit.tokens.span(hit.words[0], hit.words[-1])
    found = hit.tokens.text[start:end]
    return Reason(
        topic, hit.weighed.term.source, hit.field, found, round(weight, 6), start, end, hit.weighed.group.value
    )


_Weighed = tuple[float, Hit]


def _weight(hit: Hit, factors: Mapping[Field, float]) -> float:
    weight = hit.weighed.weight * factors[hit.field]
    return -weight if hit.weighed.group is Group.AGAINST else weight


def _heaviest_first(weighed: _Weighed) -> tuple[object, ...]:
    weight, hit = weighed
    return -weight, -len(hit.words), _ORDER[hit.field], hit.words, hit.weighed.term.source


_ORDER: Final = {field: number for number, field in enumerate(Field)}


def _counted(weighed: list[_Weighed]) -> list[_Weighed]:
    """Hits on words that no heavier hit of the topic has taken; those against and vetoes all count."""
    taken: dict[Field, set[int]] = {field: set() for field in Field}
    counted = []
    for weight, hit in weighed:
        if hit.weighed.group in _FOR:
            if not taken[hit.field].isdisjoint(hit.words):
                continue
            taken[hit.field].update(hit.words)
        counted.append((weight, hit))
    return counted


def _lacking(topic: Topic, counted: list[_Weighed]) -> str:
    """What a near miss would have needed: the key of a sentence."""
    speaking = [hit for _, hit in counted if hit.weighed.group in _FOR]
    if any(hit.weighed.group is Group.NEVER for _, hit in counted):
        return "vetoed"
    if sum(weight for weight, hit in counted if hit.weighed.group in _FOR) >= topic.threshold - _NEARLY:
        return "against"
    if all(hit.field is Field.BODY for hit in speaking):
        return "body"
    if len(speaking) == 1:
        return "elsewhere" if speaking[0].field is Field.TITLE else "title"
    return "score"
