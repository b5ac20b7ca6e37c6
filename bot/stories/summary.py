"""An article or a feed's description → the two or three of its own sentences that tell the news.

A press officer must be able to quote what an alert says, so a summary holds whole sentences of the source, in their
order, and nothing else: no byline, dateline, caption, card, cut sentence or repeat of the title. Sentences are valued
by where they stand and by what they bring: facts (who, how much, when, which bill), quoted speakers, the topic's words.
A headline alone stays a headline alone: the answer is then "".
Never writes a word: the only characters added are spaces between sentences and the full stop a publisher left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from bot.model import Reason
from bot.stories.facts import Fact, Kind, facts
from bot.stories.quotable import quotable, words
from bot.text.fold import fold

AT_MOST: Final = 3  # sentences
_READ: Final = 12_000  # characters: the news of an article stands before that
_WEIGHED: Final = 12  # sentences: the best ones, among which the summary is chosen

_WORTH: Final = {
    Kind.MONEY: 1.5,
    Kind.BILL: 1.5,
    Kind.PERCENT: 1.0,
    Kind.DURATION: 0.9,
    Kind.ACRONYM: 0.8,
    Kind.FIGURE: 0.7,
    Kind.NAME: 0.6,
    Kind.DATE: 0.6,
    Kind.HOUR: 0.3,
    Kind.YEAR: 0.3,
    Kind.ORDINAL: 0.2,
}
_REASON: Final = 2.5  # wherever the sentence stands: it says why the news is told
_TITLE_WORD: Final = 0.35
_FEW: Final = 0.2  # a figure under ten
_SPEAKER: Final = 0.8
_EACH_SENTENCE: Final = -1.0  # a sentence must bring more than this to be added
_FACTS_AT_MOST: Final = 5.0  # so that a list of names is not the news


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    place: int  # its rank among the sentences of the text
    worth: float  # by itself
    brings: Mapping[str, float]  # what it tells and what that is worth; counted once in a summary
    leans: bool  # opens with « Il », "This": says nothing without the sentence before it

    @property
    def alone(self) -> float:
        return self.worth + sum(self.brings.values())


def summarise(title: str, text: str, lang: str, reasons: Sequence[Reason] = (), limit: int = 400) -> str:
    """At most three whole sentences of `text` in at most `limit` characters; "" when nothing is worth quoting.

    `text` is plain text: an article, a paragraph a line, or the one paragraph of a feed. The words of `reasons` (the
    matcher's) are looked for in the sentences, whichever field they were found in. `lang` is "fr" or "en".
    """
    heading = words(title)
    wanted = frozenset(fold(reason.text) for reason in reasons)
    whole = [line for line in quotable(text[:_READ]) if not _repeats(line, heading)]
    weighed = [_weigh(line, place, lang, heading, wanted) for place, line in enumerate(whole) if len(line) <= limit]
    best = sorted(weighed, key=lambda one: (-one.alone, one.place))[:_WEIGHED]
    return " ".join(one.text for one in _choose(sorted(best, key=lambda one: one.place), limit))


# ── What it is worth ─────────────────────────────────────────────────────────────────────────────────────────────────

_LEANS: Final = {
    "fr": re.compile(
        r"(?:ils?|elles?|ce|c['’]est|cela|ceci|celui|celle|ceux|celles|cet|cette|ces|son|sa|ses|leurs?|on|en outre"
        r"|de plus|par ailleurs|mais|or|et|aussi|ainsi|donc|car|toutefois|cependant|pourtant|d['’]ailleurs|en effet"
        r"|selon (?:lui|elle)|l['’]autre|les deux)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:he|she|it|they|this|that|these|those|his|her|its|their|but|and|so|however|meanwhile|also|still|yet|both"
        r"|the (?:former|latter|two|move|decision|pair))\b",
        re.IGNORECASE,
    ),
}
_SAYS: Final = re.compile(
    r"[»”\"],? (?:a |ont |is |says?|said|dit|affirme|déclare|explique|indique|soutient|estime|souligne|plaide|lance)"
    r"|\b(?:a|ont) (?:déclaré|affirmé|indiqué|expliqué|soutenu|souligné|annoncé|précisé|ajouté|dénoncé|confirmé)\b"
    r"|\b(?:said|says|announced|told|confirmed)\b",
    re.IGNORECASE,
)
_SPOKEN: Final = re.compile(r"\b(?:je|j['’]|nous|vous|mon|ma|notre|votre|I|we|you|my|our|your)\b", re.IGNORECASE)


def _repeats(sentence: str, heading: frozenset[str]) -> bool:
    """True if the title already says it all."""
    told = words(sentence)
    return len(told & heading) >= 0.85 * len(told)


def _weigh(text: str, place: int, lang: str, heading: frozenset[str], wanted: frozenset[str]) -> _Sentence:
    told, folded = words(text), fold(text)
    fading = 1 / (1 + 0.12 * place)
    brings = {f"title {word}": _TITLE_WORD * fading for word in told & heading}
    brings |= {key: value * fading for key, value in _told(text).items()}
    brings |= {f"reason {word}": _REASON for word in wanted if word in folded}
    worth = 2.5 / (1 + 0.6 * place)
    worth += _SPEAKER if _SAYS.search(text) else 0
    worth -= 2.5 if text.rstrip("»” ").endswith("?") else 0
    quoted = text[0] in '«“"' and not _SAYS.search(text)
    worth -= 1.0 if quoted or _SPOKEN.search(re.sub(r"«[^»]*»|“[^”]*”|\"[^\"]*\"", "", text)) else 0
    leans = quoted or _LEANS.get(lang, _LEANS["fr"]).match(text.lstrip('«“" ')) is not None
    return _Sentence(text, place, worth, brings, leans)


def _told(text: str) -> dict[str, float]:
    """The facts of a sentence, each once, scaled so that a list of names does not outweigh the news."""
    told = {f"{fact.kind} {fact.key.split()[-1]}": _worth(fact) for fact in facts(text)}
    total = sum(told.values())
    return {key: value * min(1, _FACTS_AT_MOST / total) for key, value in told.items()}


def _worth(fact: Fact) -> float:
    return _FEW if fact.kind is Kind.FIGURE and len(fact.key) == 1 else _WORTH[fact.kind]


def _choose(candidates: Sequence[_Sentence], limit: int) -> tuple[_Sentence, ...]:
    """The most telling set that fits; the earliest among equals."""
    sets = [
        chosen
        for size in range(1, AT_MOST + 1)
        for chosen in combinations(candidates, size)
        if sum(len(one.text) + 1 for one in chosen) - 1 <= limit and _stands(chosen)
    ]
    return max(sets, key=_value, default=())


def _stands(chosen: tuple[_Sentence, ...]) -> bool:
    """A sentence that leans has the one before it; the first of all may lean on the title."""
    places = {one.place for one in chosen}
    return all(not one.leans or one.place == 0 or one.place - 1 in places for one in chosen)


def _value(chosen: tuple[_Sentence, ...]) -> float:
    brought: dict[str, float] = {}
    for one in chosen:
        for key, value in one.brings.items():
            brought[key] = max(value, brought.get(key, 0))
    return sum(one.worth + _EACH_SENTENCE for one in chosen) + sum(brought.values())
