"""Counts → what to draw, in the reader's words: alerts by topic and day, the queue, the feeds that fail. Pure.

`worker` draws it and decides nothing. Counts, topics and outlets only: never a chat, a person or what they wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.render import TopicLabel
from bot.alerts.when import zone_of
from bot.locales import known, say
from bot.model import QUEUE, FeedHealth, Overview

# Apart for who sees few colours too (Okabe and Ito, "Color universal design", 2008); given in the topics' order.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
QUEUE_COLOUR, FEEDS_COLOUR = "#5B6B7A", "#D55E00"
WORST = 5  # failing feeds that have a bar
NAME = 44  # characters
CAUSE = 64


@dataclass(frozen=True, slots=True)
class Panel:
    """One topic: a bar a day, oldest first, in its own colour."""

    name: str
    total: str
    counts: tuple[int, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Row:
    """A name, its number as it is said, a bar of that length, and a remark under it."""

    name: str
    said: str
    count: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title. `summary` stands beside the title, `note` below the rows; "" for none."""

    title: str
    summary: str
    rows: tuple[Row, ...]
    colour: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole picture. `days` name the bars of every panel, `months` stand under the day they begin at ("" else).

    All panels share one scale, where `most` fills the height.
    """

    title: str
    subtitle: str
    heading: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    most: int
    panels: tuple[Panel, ...]
    others: str
    queue: Table
    feeds: Table


def plan_picture(
    seen: Overview,
    days: Sequence[date],
    per_day: Mapping[str, Sequence[int]],
    topics: Mapping[str, TopicLabel],
    reader: tuple[str, str],
) -> Plan:
    """`per_day`: alerts by topic for each of `days`, oldest first. `reader`: language and time zone."""
    language, timezone = reader
    nothing = (0,) * len(days)
    counted = [(label, tuple(per_day.get(topic, nothing))) for topic, label in topics.items()]
    panels = [_panel(label, counts, at, language) for at, (label, counts) in enumerate(counted)]
    loudest = sorted(panels, key=lambda panel: -sum(panel.counts))[: len(COLOURS)]
    shown = tuple(panel for panel in panels if panel in loudest)
    rest = sum(sum(counts) for _, counts in counted) - sum(sum(panel.counts) for panel in shown)
    hidden = len(panels) - len(shown)
    others = say(language, "picture.others", n=hidden, alerts=rest) if hidden else ""
    return Plan(
        title=say(language, "picture.title", n=len(days)),
        subtitle=_at(seen.taken_at.astimezone(zone_of(timezone)), language),
        heading=say(language, "status.charts"),
        days=(*(str(day.day) for day in days[:-1]), say(language, "picture.today")),
        months=_months(days, language),
        most=max((count for panel in shown for count in panel.counts), default=0),
        panels=shown,
        others=others,
        queue=_queue(seen, language),
        feeds=_feeds(seen, language),
    )


def _at(local: datetime, language: str) -> str:
    """The day in full: the picture may be passed on and looked at another day."""
    named = dates.day(local.date(), local.date(), language)
    return say(language, "alert.that_day", day=named, clock=dates.hour(local, language))


def _panel(label: TopicLabel, counts: tuple[int, ...], at: int, language: str) -> Panel:
    name = cut_at_word(label.names.get(language) or label.names["fr"], NAME)
    return Panel(name, say(language, "picture.alerts", n=sum(counts)), counts, COLOURS[at % len(COLOURS)])


def _months(days: Sequence[date], language: str) -> tuple[str, ...]:
    """The month under the first day, and under the first of a month; not where two would touch."""
    names = say(language, "alert.months").split()
    return tuple(
        names[day.month - 1] if day.day == 1 or (at == 0 and all(other.day != 1 for other in days[1:4])) else ""
        for at, day in enumerate(days)
    )


def _queue(seen: Overview, language: str) -> Table:
    counted = [(state, seen.queue.get(state.value, 0)) for state in QUEUE]
    rows = tuple(Row(say(language, f"status.queue_{state.value}"), str(count), count) for state, count in counted)
    return Table(say(language, "status.queue"), "", rows, QUEUE_COLOUR)


def _feeds(seen: Overview, language: str) -> Table:
    """The feeds that fail, the longest first, each with its failures in a row and their cause."""
    failing, read = seen.failing, sum(feed.enabled for feed in seen.feeds)
    more = len(failing) - WORST
    note = say(language, "picture.more_feeds", n=more) if more > 0 else ""
    return Table(
        say(language, "picture.feeds"),
        say(language, "picture.well", n=read, well=read - len(failing)),
        tuple(_failing(feed, language) for feed in failing[:WORST]),
        FEEDS_COLOUR,
        note if failing else say(language, "picture.no_failing"),
    )


def _failing(feed: FeedHealth, language: str) -> Row:
    """What happened, without what to do: the screens say that."""
    key = f"cause.{feed.cause}"
    cause = (say(language, key) if known(language, key) else feed.cause).partition(": ")[0].strip()
    failures = say(language, "picture.failures", n=feed.failures)
    return Row(cut_at_word(clean(feed.outlet), NAME), failures, feed.failures, cut_at_word(cause, CAUSE))
