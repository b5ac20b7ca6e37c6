"""A chat and the deliveries due for it → the messages it reads: one alert as itself, several as one grouped by topic.

    one       topics · title as link · summary · outlet, kind and time · the other outlets · « Pourquoi? » 👍 👎
    several   why they come together, then under each topic the strongest and newest first; the first sentence of each
              summary while all fits in one message, titles alone beyond, cut into messages between two items

Rendering is late: times are said as of `now`. A chat's forum threads, and deliveries that Telegram could not parse,
get messages of their own. Must never send what a publisher wrote as anything but text (`clean`, then `rich.text`), and
never exceed Telegram's limits, whatever comes in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, assert_never

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_sentence, cut_at_word, typeset
from bot.alerts.frame import Detail, Frame, Part
from bot.alerts.rich import Rich, address, bold, italic, joined, link, only_plain, text
from bot.alerts.sources import spoken_by
from bot.alerts.when import Occasion, is_silent, occasion, zone_of
from bot.locales import language_of, say
from bot.model import Alert, Button, Chat, Delivery, Mention, Message, SourceClass

# Units a part may take, so that one alert always fits (4096) whatever a publisher wrote.
TITLE: Final = 300
SUMMARY: Final = 900
FIRST_SENTENCE: Final = 240
NAME: Final = 60  # an outlet, a topic
TOPICS_NAMED: Final = 6
KEYWORDS_NAMED: Final = 4
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

    language: str
    timezone: str
    topics: Mapping[str, TopicLabel]
    now: datetime

    def say(self, key: str, **values: object) -> str:
        return say(self.language, f"alert.{key}", **values)

    def moment(self, instant: datetime) -> str:
        return dates.moment(instant, self.now, self.timezone, self.language)


def render(
    chat: Chat, deliveries: Sequence[Delivery], topics: Mapping[str, TopicLabel], now: datetime
) -> tuple[Message, ...]:
    """The messages that settle `deliveries`, each within Telegram's limits; every delivery is in exactly one.

    A message for deliveries marked `plain` has no `html`: the sender then sends the plain twin.
    """
    alerts = {delivery.id: delivery.alert for delivery in deliveries}
    return tuple(draw(frame, alerts, topics) for frame in lay_out(chat, deliveries, topics, now))


def lay_out(
    chat: Chat, deliveries: Sequence[Delivery], topics: Mapping[str, TopicLabel], now: datetime
) -> tuple[Frame, ...]:
    """Which deliveries go into which message, in which order and detail."""
    routes: dict[tuple[int, bool], list[Delivery]] = {}
    for delivery in deliveries:
        routes.setdefault((delivery.thread_id, delivery.plain), []).append(delivery)
    reader = _Reader(chat.language, chat.timezone, topics, now)
    frames: list[Frame] = []
    for (_, plain), route in routes.items():
        alone = Frame(
            chat.language,
            chat.timezone,
            now,
            Detail.WHOLE,
            (Part("", (route[0].id,)),),
            plain=plain,
            silent=is_silent(chat, now),
        )
        frames += [alone] if len(route) == 1 else _together(reader, chat, route, alone)
    speakers = {delivery.id: _speaker(delivery.alert) for delivery in deliveries}
    return tuple(replace(frame, speakers=tuple(speakers[shown] for shown in frame.shown)) for frame in frames)


def draw(frame: Frame, alerts: Mapping[int, Alert], topics: Mapping[str, TopicLabel]) -> Message:
    """The message of `frame`; `alerts` by the id of their delivery. Drawn again with the same alerts it is the same."""
    reader = _Reader(frame.language, frame.timezone, topics, frame.said_at)
    told = _as_said(frame, alerts)
    shown = list(told.values())
    if frame.detail is Detail.WHOLE:
        return _message(frame, _alone(reader, shown[0]), _keys(reader, shown[0]), address(shown[0].url) or None)
    return _message(frame, _body(reader, frame, told), _whys(reader, shown))


def draw_grown(frame: Frame, alerts: Mapping[int, Alert], topics: Mapping[str, TopicLabel]) -> Message | None:
    """`draw`, for a message that stands: None where an alert is gone, or another outlet has no room left."""
    if not alerts.keys() >= set(frame.shown):
        return None
    reader = _Reader(frame.language, frame.timezone, topics, frame.said_at)
    if frame.detail is not Detail.WHOLE and not _body(reader, frame, _as_said(frame, alerts)).fits:
        return None
    return draw(frame, alerts, topics)


def _speaker(alert: Alert) -> str:
    return alert.mentions[0].outlet if alert.mentions else ""


def _as_said(frame: Frame, alerts: Mapping[int, Alert]) -> dict[int, Alert]:
    """The alerts shown, each with the outlet speaking that spoke first, whoever a chat prefers since."""
    return {
        delivery_id: spoken_by(alerts[delivery_id], outlet)
        for delivery_id, outlet in zip(frame.shown, frame.speakers, strict=True)
    }


def print_of(message: Message) -> str:
    """A short hash by which a message that would say the same is known."""
    return blake2b((message.html or message.plain).encode(), digest_size=8).hexdigest()


def draw_turn(
    chat: Chat, alert: Alert, turn: str, message_id: int, topics: Mapping[str, TopicLabel], now: datetime
) -> Message:
    """The answer to message `message_id`, which told the story: the turn it took, by the item that tells it.

    `alert`: the story's, but with the title, address, summary, language and first mention of that item. `turn`: "vote",
    "agreement" …, the last part of a catalogue key.
    """
    reader = _Reader(chat.language, chat.timezone, topics, now)
    headline = joined("\n", (text(reader.say(f"turn_{turn}")), _title(reader, alert)))
    body = joined("\n\n", (headline, _summary(reader, alert, SUMMARY), italic(text(_byline(reader, alert)))))
    return Message(
        body.html,
        body.plain,
        preview_url=address(alert.url) or None,
        silent=is_silent(chat, now),
        reply_to=message_id,
    )


# One alert.


def _alone(reader: _Reader, alert: Alert) -> Rich:
    topics = [text(_topic(reader, topic)) for topic in alert.topics[:TOPICS_NAMED]]
    about = joined(" · ", (*topics, _keywords(reader, alert)))
    headline = joined("\n", (about, _title(reader, alert)))
    sources = joined("\n", (italic(text(_byline(reader, alert))), _also(reader, _linked_outlets(reader, alert))))
    return joined("\n\n", (headline, _summary(reader, alert, SUMMARY), sources))


def _keys(reader: _Reader, alert: Alert) -> tuple[tuple[Button, ...], ...]:
    why = Button(reader.say("why"), data=f"w1:{alert.id}")
    return ((why, Button("👍", data=f"v1:{alert.id}:1"), Button("👎", data=f"v1:{alert.id}:-1")),)


def _linked_outlets(reader: _Reader, alert: Alert) -> list[Rich]:
    return [
        link(text(_name(other.outlet)), other.url if len(other.url) <= LINKED_OUTLET else "") + _who(reader, other)
        for other in _others(alert)
    ]


# Several.


def _together(reader: _Reader, chat: Chat, deliveries: Sequence[Delivery], frame: Frame) -> list[Frame]:
    """One message with first sentences when all fits; otherwise titles, in as few messages as hold them."""
    ranked = sorted(deliveries, key=lambda d: (-min(int(d.alert.score), LEADING), -d.alert.raised_at.timestamp(), d.id))
    groups = _grouped(reader, ranked[:TITLES_AT_MOST])
    hidden = tuple(delivery.id for delivery in ranked[TITLES_AT_MOST:])
    first = replace(frame, parts=(), head=_head(reader, chat, deliveries), hidden=hidden)
    pages = _paged(reader, replace(first, detail=Detail.SENTENCE), groups)
    return pages if len(pages) == 1 else _paged(reader, replace(first, detail=Detail.TITLE), groups)


def _head(reader: _Reader, chat: Chat, deliveries: Sequence[Delivery]) -> str:
    count = len(deliveries)
    match occasion(chat, deliveries, reader.now):
        case Occasion.DIGEST:
            today = reader.now.astimezone(zone_of(reader.timezone)).date()
            return reader.say("head_digest", n=count, day=dates.day(today, today, reader.language))
        case Occasion.CEILING:
            return reader.say("head_ceiling", n=count, ceiling=chat.rhythm.hourly_ceiling)
        case Occasion.CATCH_UP:
            oldest = min(delivery.alert.raised_at for delivery in deliveries)
            return reader.say("head_catch_up", n=count, since=reader.moment(oldest))
        case Occasion.ALERTS:
            return reader.say("head_alerts", n=count)
        case unknown:
            assert_never(unknown)


def _grouped(reader: _Reader, ranked: Sequence[Delivery]) -> dict[str, list[Delivery]]:
    """By the strongest topic that has a name, "" for none; the order stays, topics by their first item."""
    groups: dict[str, list[Delivery]] = {}
    for delivery in ranked:
        named = [topic for topic in delivery.alert.topics if topic in reader.topics]
        groups.setdefault(next(iter([*named, *delivery.alert.topics]), ""), []).append(delivery)
    return groups


def _paged(reader: _Reader, page: Frame, groups: Mapping[str, list[Delivery]]) -> list[Frame]:
    """Items in order, into a new message whenever the next one would not fit."""
    full: list[Frame] = []
    body, held = _opening(reader, page), list[tuple[str, int]]()
    for topic, deliveries in groups.items():
        for place, delivery in enumerate(deliveries):
            heading = Rich() if place else _heading(reader, topic)
            longer = _longer(body, heading, _item(reader, delivery.alert, page.detail, len(held) + 1))
            if held and not longer.fits:
                full.append(replace(page, parts=_parts(held)))
                page, held = replace(page, head="", hidden=(), goes_on=place > 0), []
                heading = _goes_on(reader, topic) if place else heading
                longer = _longer(Rich(), heading, _item(reader, delivery.alert, page.detail, 1))
            body = longer
            held.append((topic, delivery.id))
    return [*full, replace(page, parts=_parts(held))]


def _parts(held: Sequence[tuple[str, int]]) -> tuple[Part, ...]:
    by_topic: dict[str, list[int]] = {}
    for topic, delivery_id in held:
        by_topic.setdefault(topic, []).append(delivery_id)
    return tuple(Part(topic, tuple(ids)) for topic, ids in by_topic.items())


def _body(reader: _Reader, frame: Frame, alerts: Mapping[int, Alert]) -> Rich:
    """What `_paged` measured."""
    body, number = _opening(reader, frame), 0
    for part in frame.parts:
        heading = _goes_on(reader, part.topic) if frame.goes_on and not number else _heading(reader, part.topic)
        for delivery_id in part.delivery_ids:
            number += 1
            body = _longer(body, heading, _item(reader, alerts[delivery_id], frame.detail, number))
            heading = Rich()
    return body


def _opening(reader: _Reader, frame: Frame) -> Rich:
    strongest = reader.say("strongest", n=TITLES_AT_MOST) if frame.hidden else ""
    return joined("\n", (bold(text(frame.head)), text(strongest)))


def _heading(reader: _Reader, topic: str) -> Rich:
    return bold(text(_topic(reader, topic)))


def _goes_on(reader: _Reader, topic: str) -> Rich:
    return bold(text(reader.say("goes_on", topic=_topic(reader, topic))))


def _longer(body: Rich, heading: Rich, item: Rich) -> Rich:
    return joined("\n\n", (body, joined("\n", (heading, item))))


def _whys(reader: _Reader, shown: Sequence[Alert]) -> tuple[tuple[Button, ...], ...]:
    """Each number's « why » button; none beyond WHYS_AT_MOST items."""
    numbered = enumerate(shown, start=1) if len(shown) <= WHYS_AT_MOST else ()
    keys = [Button(reader.say("why_number", n=n), data=f"w1:{alert.id}") for n, alert in numbered]
    return tuple(tuple(keys[start : start + WHYS_A_ROW]) for start in range(0, len(keys), WHYS_A_ROW))


def _item(reader: _Reader, alert: Alert, detail: Detail, number: int) -> Rich:
    outlets = [text(_name(other.outlet)) + _who(reader, other) for other in _others(alert)]
    sources = joined(" · ", (_keywords(reader, alert), text(_byline(reader, alert)), _also(reader, outlets)))
    summary = _summary(reader, alert, FIRST_SENTENCE if detail is Detail.SENTENCE else 0)
    return joined("\n", (text(f"{number}. ") + _title(reader, alert), summary, italic(sources)))


# The parts.


def _message(
    frame: Frame, body: Rich, buttons: tuple[tuple[Button, ...], ...], preview_url: str | None = None
) -> Message:
    html = "" if frame.plain else body.html
    return Message(html, body.plain, buttons, preview_url, silent=frame.silent, delivery_ids=frame.delivery_ids)


def _topic(reader: _Reader, topic: str) -> str:
    """Emoji and name; the id of a topic that is no longer in the file."""
    label = reader.topics.get(topic, TopicLabel({}))
    language = language_of(reader.language)
    name = cut_at_word(clean(label.names.get(language) or label.names.get("fr") or topic), NAME)
    return f"{cut_at_word(clean(label.emoji), NAME)} {name}".strip() or reader.say("other")


def _keywords(reader: _Reader, alert: Alert) -> Rich:
    """« 🔑 Mot-clé : crabe, homard »: the reader's own."""
    words = [cut_at_word(clean(word), NAME) for word in alert.keywords[:KEYWORDS_NAMED]]
    return text(reader.say("keywords", n=len(words), words=", ".join(words))) if words else Rich()


def _title(reader: _Reader, alert: Alert) -> Rich:
    """The title as a link; the plain twin shows its address on a line of its own."""
    title = cut_at_word(typeset(clean(alert.title), alert.lang), TITLE) or reader.say("untitled")
    target = address(alert.url)
    return bold(link(text(title), target)) + only_plain(f"\n{target}" if target else "")


def _summary(reader: _Reader, alert: Alert, limit: int) -> Rich:
    """Nothing when it says no more than the title, or when there is no room for it; marked where a machine wrote it."""
    summary = typeset(clean(alert.summary), alert.lang)
    repeats = summary.rstrip(".… ") == typeset(clean(alert.title), alert.lang).rstrip(".… ")
    if repeats or not summary or not limit:
        return Rich()
    said = text(cut_at_sentence(summary, limit))
    by_machine = bool(alert.mentions) and alert.mentions[0].machine_written
    return said + text(" ") + italic(text(reader.say("machine_written"))) if by_machine else said


def _byline(reader: _Reader, alert: Alert) -> str:
    """Outlet · who speaks · when, of the item that speaks for the story."""
    if not alert.mentions:
        return reader.moment(alert.raised_at)
    first = alert.mentions[0]
    who = reader.say(f"class_{first.source_class.value}")
    outlet = f"{_name(first.outlet)} {_access(reader, first)}".strip()
    return " · ".join(filter(None, (outlet, who, reader.moment(_told_at(first)))))


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


def _who(reader: _Reader, mention: Mention) -> Rich:
    """« (syndicat) » beside an outlet that is not the press, « (abonnés) » beside one that not everybody can read."""
    press = mention.source_class is SourceClass.PRESS
    kind = "" if press else f" ({reader.say(f'class_{mention.source_class.value}')})"
    return text(f"{kind} {_access(reader, mention)}".rstrip())


def _access(reader: _Reader, mention: Mention) -> str:
    return reader.say("subscribers_only") if mention.paywalled else ""


def _also(reader: _Reader, outlets: Sequence[Rich]) -> Rich:
    """« Aussi : Le Devoir, Radio-Canada et 3 autres »."""
    if not outlets:
        return Rich()
    left = len(outlets) - OUTLETS_NAMED
    more = text(" " + reader.say("and_others", n=left)) if left > 0 else Rich()
    return text(reader.say("also") + " ") + joined(", ", outlets[:OUTLETS_NAMED]) + more


def _name(outlet: str) -> str:
    return cut_at_word(clean(outlet), NAME)
