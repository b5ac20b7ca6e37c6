"""A text and the index become an account of the verdicts: each topic's score, and the words that made it, in their
sentence.

For people who ask « pourquoi ? ». What is shown is what decided: the account is read off the same hits as the verdict,
and a topic that fell short says what it lacked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.locales import say
from bot.model import Field, Reason, Text, Verdict
from bot.text.sentences import sentences
from bot.topics.judge import Hit
from bot.topics.match import Index, Reading

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason in its sentence; `marks` are the words that matched, as places in `sentence`."""

    reason: Reason
    sentence: str
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """One topic's verdict as a person reads it; `lacking` is a sentence, "" when the topic was flagged."""

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    lacking: str


def explain(text: Text, index: Index, language: str = "fr") -> tuple[Reading, tuple[Account, ...]]:
    """What one text gives, and an account of each verdict, strongest first, in `language`."""
    reading = index.read(text)
    verdicts = sorted(reading.matched.verdicts, key=lambda verdict: -verdict.score / verdict.threshold)
    return reading, tuple(
        Account(verdict, tuple(_evidence(verdict, reading, text)), lacking(verdict, language)) for verdict in verdicts
    )


def lacking(verdict: Verdict, language: str) -> str:
    """The sentence that says what a near miss would have needed."""
    if not verdict.lacking:
        return ""
    contrary = next((one.term for group in ("never", "against") for one in verdict.reasons if one.group == group), "")
    short = round(verdict.threshold - verdict.score, 2)
    missing = f"{short:.2f}".replace(".", ",") if language == "fr" else f"{short:.2f}"
    return say(language, verdict.lacking, term=contrary, missing=missing, n=short)


def _evidence(verdict: Verdict, reading: Reading, text: Text) -> Iterator[Evidence]:
    for reason in verdict.reasons:
        hit = next(hit for topic, hit in reading.hits if topic == verdict.topic and _made(hit, reason))
        whole = getattr(text, reason.field)
        start, end = _sentence(whole, reason)
        marks = tuple((first - start, last - start) for first, last in _runs(hit))
        yield Evidence(reason, whole[start:end], marks)


def _made(hit: Hit, reason: Reason) -> bool:
    """Whether this hit gave that reason."""
    if hit.field is not reason.field or hit.weighed.term.source != reason.term:
        return False
    return hit.weighed.group == reason.group and hit.tokens.span(hit.words[0], hit.words[-1]) == (
        reason.start,
        reason.end,
    )


def _sentence(whole: str, reason: Reason) -> Span:
    """Where the sentence that holds the reason stands; a title is one sentence."""
    if reason.field is not Field.TITLE:
        for sentence in sentences(whole):
            if sentence.start <= reason.start and reason.end <= sentence.end:
                return sentence.start, sentence.end
    return 0, len(whole)


def _runs(hit: Hit) -> Iterator[Span]:
    """The hit's words, those that follow one another as one stretch."""
    first = last = hit.words[0]
    for word in hit.words[1:]:
        if word > last + 1:
            yield hit.tokens.span(first, last)
            first = word
        last = word
    yield hit.tokens.span(first, last)
