"""Alerts and what is known of an article become the screens of /dernieres and /pourquoi. Pure.

Everything a publisher wrote goes through `clean` and stands as text; every "no" is said by its name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word, typeset
from bot.alerts.rich import Rich, bold, italic, joined, link, text
from bot.locales import known, say
from bot.model import Alert, Button, Chat, DeliveryState, Fate, Field, Item, Reason, Trace, Verdict
from bot.telegram.doors import Topic
from bot.telegram.reply import Screen, key, lines, page, rows_of
from bot.telegram.screens import label
from bot.text.sentences import sentences

PAGE = 5  # alerts a screen
TITLE = 200
CONTEXT = 240  # units of the sentence around a word
REASONS = 4  # words shown a topic
OUTLETS = 8
ALL = "-"  # stands for "every topic I follow" in a button
NOTHING = "0"


# /dernieres


def latest_screen(
    chat: Chat, alerts: Sequence[Alert], topics: Sequence[Topic], chosen: str, before: int | None, now: datetime
) -> Screen:
    """A page of alerts, newest first, each with its « why » button; `chosen` a topic id or ALL."""
    language = chat.language
    items = [_numbered(place, alert, chat, topics, now) for place, alert in enumerate(alerts, start=1)]
    nothing = text(say(language, "chat.latest_none" if before is None else "chat.latest_end"))
    body = page(say(language, "chat.latest_title"), *(items or [nothing]))
    why = [key(say(language, "chat.key_why", n=place), "w", alert.id) for place, alert in enumerate(alerts, start=1)]
    filters = [key(_mark(chosen == ALL, say(language, "chat.key_all")), "n", ALL, NOTHING)]
    filters += [key(_mark(chosen == topic.id, label(topic, language)), "n", topic.id, NOTHING) for topic in topics]
    filters = filters if len(topics) > 1 else []
    steps: list[Button] = []
    if before is not None:
        steps.append(key(say(language, "chat.key_newest"), "n", chosen, NOTHING))
    if len(alerts) == PAGE:
        steps.append(key(say(language, "chat.key_older"), "n", chosen, alerts[-1].id))
    home = key(say(language, "chat.key_home"), "g", "home")
    return Screen(body, tuple(row for row in (tuple(why), *rows_of(filters, 2), tuple(steps), (home,)) if row))


def _numbered(place: int, alert: Alert, chat: Chat, topics: Sequence[Topic], now: datetime) -> Rich:
    shown = {topic.id: topic for topic in topics}
    named = " · ".join(label(shown[topic], chat.language) for topic in alert.topics if topic in shown)
    moment = dates.moment(alert.raised_at, now, chat.timezone, chat.language)
    outlet = clean(alert.mentions[0].outlet) if alert.mentions else ""
    byline = " · ".join(part for part in (cut_at_word(outlet, TITLE), moment, named) if part)
    return lines(text(f"{place}. ") + title_of(alert.title, alert.url, alert.lang), italic(text(byline)))


def title_of(title: str, url: str, lang: str) -> Rich:
    """A publisher's title as a link."""
    return bold(link(text(cut_at_word(typeset(clean(title), lang), TITLE) or "…"), url))


# /pourquoi


def why_screen(chat: Chat, trace: Trace, topics: Sequence[Topic], followed: frozenset[str], now: datetime) -> Screen:
    """Why an article came to this chat, or did not: the words that counted in their sentence, and what became of it."""
    language = chat.language
    shown = {topic.id: topic for topic in topics}
    parts: list[Rich] = []
    if trace.item:
        parts.append(title_of(trace.item.title, trace.item.url, trace.item.lang))
        verdicts = sorted(trace.item.verdicts, key=lambda verdict: (not verdict.flagged, -verdict.score))
        parts += [_verdict(verdict, trace.item, shown, language) for verdict in verdicts[:3]]
    elif trace.alert:
        parts.append(title_of(trace.alert.title, trace.alert.url, trace.alert.lang))
        parts.append(text(say(language, "chat.why_pruned")))
    if trace.alert:
        parts.append(text(_keywords(trace.alert, language)))
        parts.append(text(_outlets(trace.alert, language)))
    parts.append(lines(_fate(chat, trace, followed, now), _seen(chat, trace, now)))
    close = key(say(language, "chat.key_close"), "x")
    body = page(say(language, "chat.why_title"), *parts)
    while not body.fits and len(parts) > 2:  # long sentences: the title and what became of it stay
        parts.pop(-2)
        body = page(say(language, "chat.why_title"), *parts)
    return Screen(body, ((close,),))


def why_in_short(chat: Chat, trace: Trace, topics: Sequence[Topic]) -> str:
    """The words that counted, in the 200 characters of a toast: in a group nobody else is disturbed."""
    shown = {topic.id: topic for topic in topics}
    verdicts = trace.item.verdicts if trace.item else ()
    pieces = [
        say(
            chat.language,
            "chat.why_short",
            topic=_topic(verdict.topic, shown, chat.language),
            words=", ".join(dict.fromkeys(clean(reason.text) for reason in verdict.reasons[:REASONS])),
        )
        for verdict in verdicts
        if verdict.flagged
    ]
    pieces += [_keywords(trace.alert, chat.language)] if trace.alert and trace.alert.keywords else []
    return cut_at_word(" · ".join(pieces) or say(chat.language, "chat.why_pruned"), 200)


def unknown_article(language: str, url: str) -> Screen:
    """We never saw it."""
    address = link(text(cut_at_word(clean(url), TITLE)), url)
    home = key(say(language, "chat.key_home"), "g", "home")
    return Screen(page(say(language, "chat.why_title"), address, say(language, "chat.why_unknown")), ((home,),))


def _verdict(verdict: Verdict, item: Item, shown: Mapping[str, Topic], language: str) -> Rich:
    """One topic: its points, and the words in their sentences."""
    head = say(
        language,
        "chat.why_flagged" if verdict.score >= verdict.threshold else "chat.why_below",  # a veto is said below it
        topic=_topic(verdict.topic, shown, language),
        score=points(verdict.score, language),
        threshold=points(verdict.threshold, language),
    )
    missing = text(_lacking(verdict, language)) if known(language, verdict.lacking) else Rich()
    reasons = _vetoes(verdict) or sorted(verdict.reasons, key=lambda reason: -abs(reason.weight))
    quoted = (_quoted(reason, item, language) for reason in _distinct(reasons)[:REASONS])
    return joined("\n", (bold(text(head)), missing, *quoted))


def _lacking(verdict: Verdict, language: str) -> str:
    """What a near miss would have needed: `lacking` is a key whose sentence may name a term or the points missing."""
    against = _vetoes(verdict) or [reason for reason in verdict.reasons if reason.group == "against"]
    term = clean(against[0].text or against[0].term) if against else ""
    short = round(verdict.threshold - verdict.score, 2)
    return say(language, verdict.lacking, term=term, missing=points(short, language), n=short)


def _vetoes(verdict: Verdict) -> list[Reason]:
    return [reason for reason in verdict.reasons if reason.group == "never"]


def _distinct(reasons: Sequence[Reason]) -> list[Reason]:
    """One reason a term: a word that comes ten times is shown once."""
    return list({reason.term: reason for reason in reversed(reasons)}.values())[::-1]


def _quoted(reason: Reason, item: Item, language: str) -> Rich:
    """« … the sentence with the word in bold … », where it stands and what it weighs."""
    source = {Field.TITLE: item.title, Field.SUMMARY: item.summary, Field.BODY: item.body}[reason.field]
    before, found, after = _around(source, reason)
    place = say(language, f"chat.field_{reason.field.value}")
    key_ = "chat.why_veto" if reason.group == "never" else "chat.why_weight"
    weight = say(language, key_, place=place, weight=_signed(reason.weight, language))
    return text("• " + before) + bold(text(found)) + text(f"{after} ({weight})")


def _around(source: str, reason: Reason) -> tuple[str, str, str]:
    """The sentence around a word, cut to CONTEXT on both sides; the word alone when the text changed since."""
    if source[reason.start : reason.end] != reason.text or not reason.text:
        return "", clean(reason.text) or clean(reason.term), ""
    holds = (s for s in sentences(source) if s.start <= reason.start and reason.end <= s.end)
    sentence = next(holds, None)
    start, end = (sentence.start, sentence.end) if sentence else (0, len(source))
    room = CONTEXT // 2
    before, after = clean(source[start : reason.start]), clean(source[reason.end : end])
    if len(before) > room:
        before = "… " + before[-room:].partition(" ")[2]
    gap = " " if reason.start > start and source[reason.start - 1].isspace() else ""
    follow = " " if reason.end < end and source[reason.end].isspace() else ""
    return before + gap, clean(reason.text), follow + cut_at_word(after, room)


def _keywords(alert: Alert, language: str) -> str:
    """The reader's own keywords that stand in it; "" for none."""
    words = [cut_at_word(clean(word), 60) for word in alert.keywords]
    return say(language, "chat.why_keywords", n=len(words), words=", ".join(words)) if words else ""


def _outlets(alert: Alert, language: str) -> str:
    names = list(dict.fromkeys(cut_at_word(clean(mention.outlet), 60) for mention in alert.mentions))
    if not names:
        return ""
    return say(language, "chat.why_outlets", n=len(names), outlets=", ".join(names[:OUTLETS]))


def _fate(chat: Chat, trace: Trace, followed: frozenset[str], now: datetime) -> str:
    """What became of it for this chat, in one sentence."""
    language = chat.language
    if trace.delivery is not None:
        return _delivery(trace.delivery, trace.cause, language)
    if trace.item and trace.item.fate not in {Fate.ALERTED, Fate.GREW}:
        moment = dates.moment(trace.item.found_at, now, chat.timezone, language)
        below = trace.item.fate is Fate.BELOW
        if below and any(_vetoes(verdict) and verdict.score >= verdict.threshold for verdict in trace.item.verdicts):
            return say(language, "chat.fate_vetoed", moment=moment)
        return say(language, f"chat.fate_{trace.item.fate.value}", moment=moment)
    if trace.alert and not followed & set(trace.alert.topics):
        return say(language, "chat.fate_not_followed")
    if trace.alert and trace.muted:
        return say(language, "chat.fate_muted")
    return say(language, "chat.fate_not_addressed")


def _seen(chat: Chat, trace: Trace, now: datetime) -> str:
    """When it was read, where what became of it does not say so."""
    said = trace.delivery is None and trace.item and trace.item.fate not in {Fate.ALERTED, Fate.GREW}
    if trace.item is None or said:
        return ""
    return say(
        chat.language, "chat.why_seen", moment=dates.moment(trace.item.found_at, now, chat.timezone, chat.language)
    )


def _delivery(state: DeliveryState, cause: str, language: str) -> str:
    because = f"cause.{cause}"
    reason = say(language, because) if cause and known(language, because) else ""
    sentence = say(language, f"chat.delivery_{state.value}")
    return f"{sentence} {reason}" if reason and state is not DeliveryState.SENT else sentence


def _topic(topic: str, shown: Mapping[str, Topic], language: str) -> str:
    return label(shown[topic], language) if topic in shown else cut_at_word(clean(topic), 60)


def points(value: float, language: str) -> str:
    """A number as the language writes it: « 2,5 »."""
    plain = f"{value:.2f}".rstrip("0").rstrip(".")
    return plain.replace(".", ",") if language == "fr" else plain


def _signed(weight: float, language: str) -> str:
    return ("+" if weight >= 0 else "−") + points(abs(weight), language)


def _mark(chosen: bool, label_: str) -> str:  # noqa: FBT001 (how it looks)
    return f"● {label_}" if chosen else label_
