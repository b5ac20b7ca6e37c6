"""A chat and the deliveries due for it → the messages it reads: one alert as itself, several as one grouped by topic.

    one       topics · title as link · summary · outlet, kind and time · the other outlets · « Pourquoi? » 👍 👎
    several   why they come together, then under each topic the strongest and newest first; the first sentence of each
              summary while all fits in one message, titles alone beyond, cut into messages between two items

Rendering is late: times are said as of `now`. A chat's forum threads, and deliveries that Telegram could not parse,
get messages of their own. Must never send what a publisher wrote as anything but text (`clean`, then `rich.text`), and
never exceed Telegram's limits, whatever comes in.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_sentence, cut_at_word, typeset
from bot.alerts.rich import Rich, address, bold, italic, joined, link, only_plain, text
from bot.alerts.when import Occasion, is_silent, occasion, zone_of
from bot.locales import language_of, say
from bot.model import Alert, Button, Chat, Delivery, Mention, Message

# Units a part may take, so that one alert always fits (4096) whatever a publisher wrote.
TITLE: Final = 300
SUMMARY: Final = 900
FIRST_SENTENCE: Final = 240
NAME: Final = 60  # an outlet, a topic
TOPICS_NAMED: Final = 6
OUTLETS_NAMED: Final = 6
LINKED_OUTLET: Final = 400  # characters of another outlet's address; a longer one is named without its link
CLAIM_AT_MOST: Final = timedelta(days=7)  # a date further from the day we found the item is not shown
LEADING: Final = 3.0  # thresholds: alerts beyond are all equally strong, and the newest goes first
WHYS_AT_MOST: Final = 40  # buttons under one message; Telegram takes a hundred
WHYS_A_ROW: Final = 8
TITLES_AT_MOST: Final = 200  # after a long pause: some seven messages; what is left is counted, and /dernieres shows it
TERMINAL_COLUMNS: Final = 78


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """How a topic is shown: its name by language ("fr" always there) and its emoji, "" for none."""

    names: Mapping[str, str]
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads, with which topics' names, and when."""

    chat: Chat
    topics: Mapping[str, TopicLabel]
    now: datetime

    def say(self, key: str, **values: object) -> str:
        return say(self.chat.language, f"alert.{key}", **values)

    def moment(self, instant: datetime) -> str:
        return dates.moment(instant, self.now, self.chat.timezone, self.chat.language)


def render(
    chat: Chat, deliveries: Sequence[Delivery], topics: Mapping[str, TopicLabel], now: datetime
) -> tuple[Message, ...]:
    """The messages that settle `deliveries`, each within Telegram's limits; every delivery is in exactly one.

    A message for deliveries marked `plain` has no `html`: the sender then sends the plain twin.
    """
    reader = _Reader(chat, topics, now)
    routes: dict[tuple[int, bool], list[Delivery]] = {}
    for delivery in deliveries:
        routes.setdefault((delivery.thread_id, delivery.plain), []).append(delivery)
    return tuple(
        replace(message, html="") if plain else message
        for (_, plain), route in routes.items()
        for message in ([_single(reader, route[0])] if len(route) == 1 else _together(reader, route))
    )


def terminal(message: Message) -> str:
    """`message` as a subscriber would read it, for a terminal."""
    lines = [
        folded
        for line in message.plain.split("\n")
        for folded in textwrap.wrap(line, TERMINAL_COLUMNS, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    if message.buttons:
        lines += ["", *("  ".join(f"[ {button.label} ]" for button in row) for row in message.buttons)]
    return "\n".join(f"│ {line}".rstrip() for line in lines)


# One alert.


def _single(reader: _Reader, delivery: Delivery) -> Message:
    alert = delivery.alert
    topics = joined(" · ", (text(_topic(reader, topic)) for topic in alert.topics[:TOPICS_NAMED]))
    headline = joined("\n", (topics, _title(reader, alert)))
    sources = joined("\n", (italic(text(_byline(reader, alert))), _also(reader, _linked_outlets(alert))))
    whole = joined("\n\n", (headline, _summary(alert, SUMMARY), sources))
    why = Button(reader.say("why"), data=f"w1:{alert.id}")
    thumbs = (Button("👍", data=f"v1:{alert.id}:1"), Button("👎", data=f"v1:{alert.id}:-1"))
    return replace(
        _message(reader, whole, (delivery.id,)), buttons=((why, *thumbs),), preview_url=address(alert.url) or None
    )


def _linked_outlets(alert: Alert) -> list[Rich]:
    return [
        link(text(_name(other.outlet)), other.url if len(other.url) <= LINKED_OUTLET else "")
        for other in _others(alert)
    ]


# Several.


def _together(reader: _Reader, deliveries: Sequence[Delivery]) -> list[Message]:
    """One message with first sentences when all fits; otherwise titles, in as few messages as hold them."""
    ranked = sorted(deliveries, key=lambda d: (-min(int(d.alert.score), LEADING), -d.alert.raised_at.timestamp(), d.id))
    shown, left = ranked[:TITLES_AT_MOST], ranked[TITLES_AT_MOST:]
    groups = _grouped(reader, shown)
    head = bold(text(_head(reader, deliveries)))
    if left:
        head = joined("\n", (head, text(reader.say("strongest", n=len(shown)))))
    messages = _packed(reader, head, groups, FIRST_SENTENCE)
    first, *rest = messages if len(messages) == 1 else _packed(reader, head, groups, 0)
    return [replace(first, delivery_ids=(*first.delivery_ids, *(delivery.id for delivery in left))), *rest]


def _head(reader: _Reader, deliveries: Sequence[Delivery]) -> str:
    count = len(deliveries)
    match occasion(reader.chat, deliveries, reader.now):
        case Occasion.DIGEST:
            today = reader.now.astimezone(zone_of(reader.chat.timezone)).date()
            return reader.say("head_digest", n=count, day=dates.day(today, today, reader.chat.language))
        case Occasion.CEILING:
            return reader.say("head_ceiling", n=count, ceiling=reader.chat.rhythm.hourly_ceiling)
        case Occasion.CATCH_UP:
            oldest = min(delivery.alert.raised_at for delivery in deliveries)
            return reader.say("head_catch_up", n=count, since=reader.moment(oldest))
        case Occasion.ALERTS:
            return reader.say("head_alerts", n=count)
        case unknown:
            assert_never(unknown)


def _grouped(reader: _Reader, ranked: Sequence[Delivery]) -> dict[str, list[Delivery]]:
    """By the strongest topic that has a name; the order stays, topics by their first item."""
    groups: dict[str, list[Delivery]] = {}
    for delivery in ranked:
        named = [topic for topic in delivery.alert.topics if topic in reader.topics]
        groups.setdefault(next(iter([*named, *delivery.alert.topics]), ""), []).append(delivery)
    return groups


def _packed(reader: _Reader, head: Rich, groups: Mapping[str, list[Delivery]], summary: int) -> list[Message]:
    """Items in order, into a new message whenever the next one would not fit; a topic that goes on says so."""
    full: list[Message] = []
    body, held = head, list[Delivery]()
    for topic, deliveries in groups.items():
        name = _topic(reader, topic)
        heading, goes_on = bold(text(name)), bold(text(reader.say("goes_on", topic=name)))
        for place, delivery in enumerate(deliveries):
            item = _item(reader, delivery.alert, summary, len(held) + 1)
            longer = joined("\n\n", (body, joined("\n", (Rich() if place else heading, item))))
            if held and not longer.fits:
                full.append(_several(reader, body, held))
                item = _item(reader, delivery.alert, summary, 1)
                body, held = joined("\n", (goes_on if place else heading, item)), []
            else:
                body = longer
            held.append(delivery)
    return [*full, _several(reader, body, held)]


def _several(reader: _Reader, body: Rich, held: Sequence[Delivery]) -> Message:
    """A message of numbered items, each number with its « why » button; none beyond WHYS_AT_MOST items."""
    numbered = enumerate(held, start=1) if len(held) <= WHYS_AT_MOST else ()
    keys = [Button(reader.say("why_number", n=n), data=f"w1:{delivery.alert.id}") for n, delivery in numbered]
    rows = tuple(tuple(keys[start : start + WHYS_A_ROW]) for start in range(0, len(keys), WHYS_A_ROW))
    return replace(_message(reader, body, [delivery.id for delivery in held]), buttons=rows)


def _item(reader: _Reader, alert: Alert, summary: int, number: int) -> Rich:
    outlets = [text(_name(other.outlet)) for other in _others(alert)]
    sources = joined(" · ", (text(_byline(reader, alert)), _also(reader, outlets)))
    return joined("\n", (text(f"{number}. ") + _title(reader, alert), _summary(alert, summary), italic(sources)))


# The parts.


def _message(reader: _Reader, body: Rich, ids: Sequence[int]) -> Message:
    return Message(body.html, body.plain, silent=is_silent(reader.chat, reader.now), delivery_ids=tuple(ids))


def _topic(reader: _Reader, topic: str) -> str:
    """Emoji and name; the id of a topic that is no longer in the file."""
    label = reader.topics.get(topic, TopicLabel({}))
    language = language_of(reader.chat.language)
    name = cut_at_word(clean(label.names.get(language) or label.names.get("fr") or topic), NAME)
    return f"{cut_at_word(clean(label.emoji), NAME)} {name}".strip() or reader.say("other")


def _title(reader: _Reader, alert: Alert) -> Rich:
    """The title as a link; the plain twin shows its address on a line of its own."""
    title = cut_at_word(typeset(clean(alert.title), alert.lang), TITLE) or reader.say("untitled")
    target = address(alert.url)
    return bold(link(text(title), target)) + only_plain(f"\n{target}" if target else "")


def _summary(alert: Alert, limit: int) -> Rich:
    """Nothing when the summary says no more than the title, or when there is no room for it."""
    summary = typeset(clean(alert.summary), alert.lang)
    repeats = summary.rstrip(".… ") == typeset(clean(alert.title), alert.lang).rstrip(".… ")
    return Rich() if repeats or not limit else text(cut_at_sentence(summary, limit))


def _byline(reader: _Reader, alert: Alert) -> str:
    """Outlet · who speaks · when, of the item that speaks for the story."""
    if not alert.mentions:
        return reader.moment(alert.raised_at)
    first = alert.mentions[0]
    who = reader.say(f"class_{first.source_class.value}")
    return " · ".join(filter(None, (_name(first.outlet), who, reader.moment(_told_at(first)))))


def _told_at(mention: Mention) -> datetime:
    """The publisher's date when it can be true; when we found the item otherwise."""
    claim = mention.published_at
    believable = claim is not None and mention.found_at - CLAIM_AT_MOST <= claim <= mention.found_at
    return claim if claim is not None and believable else mention.found_at


def _others(alert: Alert) -> list[Mention]:
    """The first mention of each outlet but the speaking one, and of none that has no name."""
    first: dict[str, Mention] = {}
    for mention in alert.mentions:
        first.setdefault(_name(mention.outlet), mention)
    return [mention for name, mention in list(first.items())[1:] if name]


def _also(reader: _Reader, outlets: Sequence[Rich]) -> Rich:
    """« Aussi : Le Devoir, Radio-Canada et 3 autres »."""
    if not outlets:
        return Rich()
    left = len(outlets) - OUTLETS_NAMED
    more = text(" " + reader.say("and_others", n=left)) if left > 0 else Rich()
    return text(reader.say("also") + " ") + joined(", ", outlets[:OUTLETS_NAMED]) + more


def _name(outlet: str) -> str:
    return cut_at_word(clean(outlet), NAME)
