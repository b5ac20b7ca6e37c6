"""An article or a feed's description → the two or three of its own sentences that tell the news.

A press officer must be able to quote what an alert says, so a summary holds whole sentences of the source, in their
order, and nothing else: no byline, dateline, caption, card, cut sentence or repeat of the title. Sentences are valued
by where they stand and by what they bring: facts (who, how much, when, which bill), quoted speakers, the topic's words.
A headline alone stays a headline alone: the answer is then "".
Never writes a word: the only characters added are spaces between sentences and the full stop a publisher left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from bot.model import Reason
from bot.stories.facts import Kind, facts
from bot.text.boilerplate import cut_boilerplate, is_boilerplate_line
from bot.text.fold import fold
from bot.text.sentences import sentences

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
_REASON: Final = 1.2
_TITLE_WORD: Final = 0.35
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
    heading = _words(title)
    wanted = frozenset(fold(reason.text) for reason in reasons)
    whole = [line for line in _whole_sentences(text[:_READ]) if not _repeats(line, heading)]
    weighed = [_weigh(line, place, lang, heading, wanted) for place, line in enumerate(whole) if len(line) <= limit]
    best = sorted(weighed, key=lambda one: (-one.alone, one.place))[:_WEIGHED]
    return " ".join(one.text for one in _choose(sorted(best, key=lambda one: one.place), limit))


# ── What is quotable ─────────────────────────────────────────────────────────────────────────────────────────────────

_CAPITALS: Final = "A-ZÀ-ÖØ-ÞŒŸ"
_DATED: Final = r"(?:le\s+)?\d{1,2}(?:er)?\s+[a-zéû]{3,9}\.?(?:\s+\d{4})?|[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:,\s+\d{4})?"
_WIRE: Final = r"(?:/?\s*\(?(?:CNW|PC|AFP|AP|CP|Reuters|PRNewswire|GLOBE NEWSWIRE)(?:\s+Telbec)?\)?\s*/?)"
_RUBRIC: Final = (
    r"(?:INFO|EXCLUSI[FV]|ANALYSE|TRIBUNE|ENTRETIEN|ENQUÊTE|RÉCIT|REPORTAGE|DIRECT|VIDÉO|VIDEO|OPINION|CHRONIQUE|AVIS"
    r"|ÉDITORIAL|DÉCRYPTAGE|COMMUNIQUÉ|MISE À JOUR|UPDATED?|BREAKING|WATCH|EXPLAINER)"
)
_LABEL: Final = re.compile(
    rf"(?:[{_CAPITALS}][\w'’.-]+(?:[ ][\w'’.-]+){{0,4}}\s*(?:,\s*|\s+)(?:{_DATED})\s*{_WIRE}?\s*[—–-]+\s+"  # place, date
    rf"|[{_CAPITALS}][{_CAPITALS}'’. -]{{3,40}}(?:,\s*[\w'’. ]{{2,30}})?\s*{_WIRE}?\s*[—–-]+\s+"  # PLACE —
    rf"|[{_CAPITALS}][\w'’. -]{{2,30}}\s*(?:,\s*[\w'’. ]{{2,30}})?\s*{_WIRE}\s*[—–-]+\s+"  # Place (PC) —
    rf"|\((?:[{_CAPITALS}][\w'’.-]+[ ,]{{0,2}}){{1,4}}\)\s*(?:[—–-]+\s+)?"  # (Place)
    rf"|\[[{_CAPITALS}][{_CAPITALS}'’ -]{{3,40}}\]\s*"  # [LABEL]
    rf"|{_RUBRIC}(?:[ {_CAPITALS}'’/-]{{0,30}})\s*[.:|—–-]\s+"
    rf"|[{_CAPITALS}][{_CAPITALS}'’ /-]{{4,40}}\s[—–-]\s"
    r")"
)
_START: Final = re.compile(rf"[«“\"'‘(]?\s*[{_CAPITALS}\d]")
_END: Final = re.compile(r"[.!?](?:\s*[»”]|[\"’')])*$|[»”]\s*\.$")
_CUT: Final = re.compile(r"(?:…|\.{3}|\[…\]|\[\.{3}\])(?:\s*[»”]|[\"’')])*$")
_UNFINISHED: Final = re.compile(
    r"(?:[,;:(«“–—-]|\b(?:le|la|les|l['’]|un|une|de|des|du|d['’]|à|au|aux|et|ou|en|dans|pour|par|sur|avec|que|qui|a|est"
    r"|the|an?|of|to|and|or|in|on|for|with|by|at|is|was|that))$",
    re.IGNORECASE,
)
_FURNITURE: Final = re.compile(
    r"https?://|www\.|@\w|\b(?:crédits? photo|photo(?:graphie)?s? ?[:/]|image ?:|getty|archives? (?:la presse|afp|pc)"
    r"|infolettre|newsletter|cookies|abonnez|inscrivez-vous|cliquez|click here|sign up|subscribe|suivez-nous|follow us"
    r"|tous droits réservés|all rights reserved|faites comme|retrouvez (?:sur|toute?s?|nos|l)|écoutez (?:le|notre)"
    r"|(?:lire|voir|read|see) (?:aussi|également|also)|en savoir plus|lire la suite|notre application|our app)\b",
    re.IGNORECASE,
)
_PAIRS: Final = (("«", "»"), ("“", "”"), ("(", ")"), ("[", "]"))
_SHORTEST: Final = 25  # characters
_WORD: Final = re.compile(r"[^\W_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(fold(text)) if len(word) > 3 or word.isdecimal())


def _whole_sentences(text: str) -> list[str]:
    """The quotable sentences, without what stands before a dateline's dash, in their order and each once."""
    lines = [line for line in cut_boilerplate(text).splitlines() if line.strip()]
    found = [sentence for line in lines for sentence in _of_line(line)]
    if not found and len(lines) == 1:
        found = _left_open(lines[0])
    return list(dict.fromkeys(found))


def _of_line(line: str) -> Iterator[str]:
    """A line of an article is a paragraph if it ends as one does; else a heading, a caption or a card."""
    line = _LABEL.sub("", line.strip(), count=1)
    cut = [sentence.text for sentence in sentences(line)]
    yield from filter(_is_whole, cut)
    if len(cut) > 1:
        yield from _left_open(cut[-1])


def _left_open(line: str) -> list[str]:
    """Many feeds leave out the last full stop: the sentence is whole all the same, and gets it."""
    line = line.strip().rstrip("\u00a0\u202f ")
    finished = f"{line}."
    if _END.search(line) or _CUT.search(line) or _UNFINISHED.search(line) or line.count(" ") < 5:
        return []
    return [finished] if _is_whole(finished) else []


def _is_whole(sentence: str) -> bool:
    return (
        len(sentence) >= _SHORTEST
        and _START.match(sentence) is not None
        and _END.search(sentence) is not None
        and _CUT.search(sentence) is None
        and sentence.count('"') % 2 == 0
        and all(sentence.count(left) == sentence.count(right) for left, right in _PAIRS)
        and _FURNITURE.search(sentence) is None
        and not is_boilerplate_line(sentence)
    )


def _repeats(sentence: str, heading: frozenset[str]) -> bool:
    """True if the title already says it all."""
    words = _words(sentence)
    return len(words & heading) >= 0.85 * len(words)


# ── What it is worth ─────────────────────────────────────────────────────────────────────────────────────────────────

_LEANS: Final = {
    "fr": re.compile(
        r"(?:ils?|elles?|ce|c['’]est|cela|ceci|celui|celle|ceux|celles|cet|cette|ces|son|sa|ses|leurs?|on|en outre|de plus"
        r"|par ailleurs|mais|or|et|aussi|ainsi|donc|car|toutefois|cependant|pourtant|d['’]ailleurs|en effet|selon (?:lui|elle)"
        r"|l['’]autre|les deux|le premier ministre a-t|a-t-)\b",
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


def _weigh(text: str, place: int, lang: str, heading: frozenset[str], wanted: frozenset[str]) -> _Sentence:
    words, folded = _words(text), fold(text)
    brings = {f"title {word}": _TITLE_WORD for word in words & heading}
    brings |= {f"reason {word}": _REASON for word in wanted if word in folded}
    brings |= _told(text)
    fading = 1 / (1 + 0.12 * place)
    worth = 2.5 / (1 + 0.6 * place)
    worth += _SPEAKER if _SAYS.search(text) else 0
    worth -= 2.5 if text.rstrip("»” ").endswith("?") else 0
    quoted = text[0] in '«“"' and not _SAYS.search(text)
    worth -= 1.0 if quoted or _SPOKEN.search(re.sub(r"«[^»]*»|“[^”]*”|\"[^\"]*\"", "", text)) else 0
    leans = quoted or _LEANS.get(lang, _LEANS["fr"]).match(text.lstrip('«“" ')) is not None
    return _Sentence(text, place, worth, {key: value * fading for key, value in brings.items()}, leans)


def _told(text: str) -> dict[str, float]:
    """The facts of a sentence, each once, scaled so that a list of names does not outweigh the news."""
    told = {f"{fact.kind} {fact.key.split()[-1]}": _WORTH[fact.kind] for fact in facts(text)}
    total = sum(told.values())
    return {key: value * min(1, _FACTS_AT_MOST / total) for key, value in told.items()}


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
