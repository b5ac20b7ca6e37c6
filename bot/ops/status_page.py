"""How things stand → the operator's page: what is broken and what to do, alerts a day, reasons, the queue, the feeds.

Pure: data and `now` in, HTML out. Counts, outlets and published titles only: never a chat, a person or what they wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.alerts import dates
from bot.alerts.clean import clean
from bot.alerts.notices import sentence
from bot.alerts.render import TopicLabel
from bot.locales import LANGUAGES, known, say
from bot.model import QUEUE, Alert, DeliveryState, FeedHealth, Notice, Overview
from bot.ops.chart import bars
from bot.ops.html import Child, Html, document, is_web, raw_style, tag

FEEDS_SHOWN = 40  # the sick first; a link shows all
REASONS = 5
COLUMNS = (  # of the table of feeds; `wide`: not on a phone
    *(("feed", ""), ("health", ""), ("last_poll", "")),
    *(("rhythm", "wide"), ("week", "n wide"), ("unchanged", "n wide")),
)
LATE = timedelta(minutes=5)
OVERDUE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Status:
    """What the page shows. `per_day`: alerts by topic for each of `days`, oldest first. `latest`: newest first."""

    overview: Overview
    notices: Sequence[Notice]
    days: Sequence[date]
    per_day: Mapping[str, Sequence[int]]
    latest: Sequence[Alert]
    topics: Mapping[str, TopicLabel]


@dataclass(frozen=True, slots=True)
class Reader:
    language: str
    timezone: str


def draw_status(seen: Status, reader: Reader, css: str, feeds_shown: int = FEEDS_SHOWN) -> str:
    """The page, as a text."""
    language = reader.language
    main = tag(
        "main",
        _tiles(seen.overview, language),
        _troubles(seen, reader),
        _charts(seen, reader),
        _alerts(seen, reader),
        _queue(seen.overview, reader),
        _feeds(seen.overview, reader, feeds_shown),
    )
    return draw_page(language, css, (_header(seen.overview, reader), main))


def draw_door(language: str, css: str, sentence_key: str, *, asks: bool) -> str:
    """What somebody sees who may not read the page: the form that asks for the key, or what to do to have one."""
    words = tag("p", say(language, sentence_key))
    label = tag("label", say(language, "status.key_label"), for_="key")
    field = tag(
        "input", type="password", id="key", name="key", required=True, autocomplete="current-password", autofocus=True
    )
    form = tag("form", label, field, tag("button", say(language, "status.key_send")), method="post", action="/status")
    door = tag("main", tag("h1", say(language, "status.title")), tag("section", words, form if asks else None))
    return draw_page(language, css, (door,))


def draw_page(language: str, css: str, body: Sequence[Html]) -> str:
    """The frame of every page of the operator."""
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", say(language, "status.title")),
        tag("link", rel="icon", href="data:,"),
        raw_style(css),
    )
    return document(language, head, body)


def _header(seen: Overview, reader: Reader) -> Html:
    at = dates.moment(seen.taken_at, seen.taken_at, reader.timezone, reader.language)
    others = [
        tag("a", say(code, "status.this_language"), href=f"/status?lang={code}", lang=code, hreflang=code)
        for code in LANGUAGES
        if code != reader.language
    ]
    again = tag("a", say(reader.language, "status.refresh"), href=f"/status?lang={reader.language}")
    title = tag("h1", say(reader.language, "status.title"))
    return tag("header", title, tag("span", at, class_="soft"), tag("nav", again, others))


def _tiles(seen: Overview, language: str) -> Html:
    enabled = [feed for feed in seen.feeds if feed.enabled]
    well = sum(not feed.failures for feed in enabled)
    waiting = seen.queue.get(DeliveryState.PENDING.value, 0) + seen.queue.get(DeliveryState.SENDING.value, 0)
    tiles = (
        ("status.tile_feeds", f"{well} / {len(enabled)}"),
        ("status.tile_alerts", str(seen.alerts_today)),
        ("status.tile_items", str(seen.items_today)),
        ("status.tile_queue", str(waiting)),
        ("status.tile_chats", str(seen.chats.get("active", 0))),
    )
    return tag(
        "dl", [tag("div", tag("dt", say(language, key)), tag("dd", value)) for key, value in tiles], class_="tiles"
    )


def _troubles(seen: Status, reader: Reader) -> Html:
    """What is broken and what to do: what operators were told of, then what the counts show."""
    language, now, overview = reader.language, seen.overview.taken_at, seen.overview
    said = [sentence(one, language, reader.timezone, now) for one in seen.notices]
    told = {one.subject for one in seen.notices}
    failing = [feed for feed in overview.feeds if feed.enabled and feed.failures and feed.id not in told]
    late = sum(feed.enabled and feed.next_poll_at < now - LATE for feed in overview.feeds)
    if failing:
        said.append("🟠 " + say(language, "status.failing", n=len(failing)))
    if late:
        said.append("🔴 " + say(language, "status.late", n=late))
    if overview.oldest_due_at and overview.oldest_due_at < now - OVERDUE:
        said.append("🔴 " + say(language, "status.overdue", since=_moment(overview.oldest_due_at, seen, reader)))
    if dead := overview.queue.get(DeliveryState.DEAD.value, 0):
        said.append("⚪ " + say(language, "status.dead", n=dead))
    if overview.uncertain_total:
        said.append("⚪ " + say(language, "status.uncertain", n=overview.uncertain_total))
    body = (
        tag("ul", [tag("li", one) for one in said], class_="plain trouble")
        if said
        else tag("p", say(language, "status.all_well"))
    )
    return _section(say(language, "status.troubles"), body)


def _charts(seen: Status, reader: Reader) -> Html:
    """A chart a topic, all on one scale, and the same numbers as a table."""
    language = reader.language
    title = say(language, "status.charts")
    nothing = [0] * len(seen.days)
    shown = [(label, seen.per_day.get(topic, nothing)) for topic, label in seen.topics.items()]
    most = max((count for _, counts in shown for count in counts), default=0)
    drawn = [_chart(label, counts, most, seen.days, language) for label, counts in shown]
    table = tag("div", _days(shown, seen.days, language), class_="scroll", tabindex=0, role="region", aria_label=title)
    more = tag("details", tag("summary", say(language, "status.as_table")), table)
    return _section(title, tag("div", drawn, class_="charts"), more)


def _chart(label: TopicLabel, counts: Sequence[int], most: int, days: Sequence[date], language: str) -> Html:
    short = [f"{day.day}/{day.month}" if language == "fr" else f"{day.month}/{day.day}" for day in days]
    total = say(language, "status.chart_total", n=sum(counts), days=len(days))
    return tag(
        "div",
        tag("h3", _name(label, language)),
        tag("p", total, class_="soft small"),
        bars(_chart_words(label, language, days, counts), short, counts, most),
    )


def _days(shown: Sequence[tuple[TopicLabel, Sequence[int]]], days: Sequence[date], language: str) -> Html:
    head = [_column(say(language, "status.day")), *(_column(_name(label, language), "n") for label, _ in shown)]
    rows = [
        _row(dates.day(day, days[-1], language), *(tag("td", counts[at], class_="n") for _, counts in shown))
        for at, day in enumerate(days)
    ]
    return _table(head, rows)


def _chart_words(label: TopicLabel, language: str, days: Sequence[date], counts: Sequence[int]) -> str:
    said = [f"{dates.day(day, days[-1], language)}: {count}" for day, count in zip(days, counts, strict=True) if count]
    return f"{_name(label, language)}. {'; '.join(said) or say(language, 'status.nothing')}"


def _alerts(seen: Status, reader: Reader) -> Html:
    language = reader.language
    if not seen.latest:
        return _section(say(language, "status.latest"), tag("p", say(language, "status.no_alert")))
    return _section(
        say(language, "status.latest"), tag("ol", [_alert(one, seen, reader) for one in seen.latest], class_="plain")
    )


def _alert(one: Alert, seen: Status, reader: Reader) -> Html:
    """Title, who carries it, since when, its topics, and the words that brought it."""
    language = reader.language
    title = clean(one.title)
    linked = tag("a", title, href=one.url, rel="noreferrer noopener", lang=one.lang) if is_web(one.url) else title
    outlets = ", ".join(dict.fromkeys(clean(mention.outlet) for mention in one.mentions))
    names = [_name(seen.topics[topic], language) if topic in seen.topics else topic for topic in one.topics]
    said = [_reason(reason.text, reason.term, language) for reason in one.reasons if reason.weight > 0]
    words = list(dict.fromkeys(said))
    why = say(language, "status.because", words=" · ".join(words[:REASONS])) if words else None
    return tag(
        "li",
        tag("div", linked, class_="title"),
        tag("div", f"{outlets} · {_moment(one.raised_at, seen, reader)}", class_="soft small"),
        tag("div", [tag("span", name, class_="chip") for name in names]),
        tag("div", why, class_="small") if why else None,
    )


def _reason(found: str, term: str, language: str) -> str:
    quoted = f"«\u00a0{clean(found)}\u00a0»" if language == "fr" else f"“{clean(found)}”"
    return quoted if clean(found).casefold() == term.casefold() else f"{quoted} ({term})"


def _queue(seen: Overview, reader: Reader) -> Html:
    language = reader.language
    head = [_column(say(language, "status.state")), _column(say(language, "status.count"), "n")]
    rows = [
        _row(say(language, f"status.queue_{state.value}"), tag("td", seen.queue.get(state.value, 0), class_="n"))
        for state in QUEUE
    ]
    return _section(say(language, "status.queue"), _table(head, rows))


def _feeds(seen: Overview, reader: Reader, shown: int) -> Html:
    """The sick first, then in the order of a phone book."""
    language = reader.language
    ranked = sorted(seen.feeds, key=_sick_first)
    head = [_column(say(language, f"status.col_{name}"), look) for name, look in COLUMNS]
    rows = [_feed(feed, seen.taken_at, reader) for feed in ranked[:shown]]
    whole = f"/status?lang={language}&feeds=all#feeds"
    link = tag("p", tag("a", say(language, "status.all_feeds", n=len(ranked)), href=whole))
    title = say(language, "status.feeds")
    return _section(title, _table(head, rows), link if len(ranked) > len(rows) else None, name="feeds")


def _sick_first(feed: FeedHealth) -> tuple[bool, int, str, str]:
    return feed.enabled and not feed.failures, -feed.failures, feed.outlet.casefold(), feed.id


def _feed(feed: FeedHealth, now: datetime, reader: Reader) -> Html:
    language = reader.language
    minutes = max(1, round(feed.interval.total_seconds() / 60))
    polled = dates.moment(feed.last_polled_at, now, reader.timezone, language) if feed.last_polled_at else "—"
    share = f"{round(100 * feed.not_modified / feed.polls)}\u00a0%" if feed.polls else "—"
    week = say(language, "status.week", items=feed.week_items, matched=feed.week_matched)
    return _row(
        (tag("span", clean(feed.outlet)), tag("br"), tag("small", feed.id, class_="soft")),
        tag("td", _health(feed, language)),
        tag("td", polled, class_="small"),
        tag("td", say(language, "status.every", n=minutes), class_="small wide"),
        tag("td", week, class_="n small wide"),
        tag("td", share, class_="n small wide"),
    )


def _health(feed: FeedHealth, language: str) -> Child:
    if not feed.enabled:
        return tag("span", say(language, "status.feed_off"), class_="off")
    if not feed.failures:
        return tag("span", say(language, "status.feed_well" if feed.polls else "status.feed_new"), class_="ok")
    cause = say(language, f"cause.{feed.cause}") if known(language, f"cause.{feed.cause}") else feed.cause
    return tag("span", say(language, "status.feed_ill", n=feed.failures), class_="bad"), tag("br"), tag("small", cause)


def _section(title: str, *body: Child, name: str | None = None) -> Html:
    return tag("section", tag("h2", title), *body, id=name)


def _column(words: str, look: str = "") -> Html:
    return tag("th", words, scope="col", class_=look or None)


def _row(head: Child, *cells: Html) -> Html:
    return tag("tr", tag("th", head, scope="row"), *cells)


def _table(head: Sequence[Html], rows: Sequence[Html]) -> Html:
    return tag("table", tag("thead", tag("tr", head)), tag("tbody", rows))


def _name(label: TopicLabel, language: str) -> str:
    return f"{label.emoji} {label.names.get(language) or label.names['fr']}".strip()


def _moment(at: datetime, seen: Status, reader: Reader) -> str:
    return dates.moment(at, seen.overview.taken_at, reader.timezone, reader.language)
