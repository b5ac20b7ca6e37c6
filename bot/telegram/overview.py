"""The state of the whole bot becomes the screens of an operator's /etat: counts and feeds, never a person. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, bold, text
from bot.locales import known, say
from bot.model import QUEUE, Chat, ChatState, DeliveryState, FeedHealth, Overview
from bot.telegram.admin.doors import Picture
from bot.telegram.doors import Topic
from bot.telegram.reply import Screen, key, lines, page
from bot.telegram.screens import label

WORST = 5  # failing feeds on the first screen
PAGE = 12  # feeds a page
TOPICS = 12  # in words under the picture
STATES = (ChatState.ACTIVE, ChatState.PAUSED, ChatState.STOPPED, ChatState.BLOCKED)


def overview_screen(
    chat: Chat, seen: Overview, topics: Sequence[Topic], *, charts: bool = False, remark: str = ""
) -> Screen:
    """Feeds, last poll, errors, subscribers, queue: one screen that can be refreshed in place.

    `charts`: a button asks for them as a picture. `remark`: a sentence above all.
    """
    language = chat.language
    failing = seen.failing
    body = page(
        say(language, "admin.title", moment=_moment(seen.taken_at, chat, seen.taken_at)),
        remark,
        _feeds(chat, seen, failing),
        _people(language, seen, topics),
        _queue(chat, seen),
        lines(say(language, "admin.today", alerts=seen.alerts_today, items=seen.items_today)),
    )
    refresh = key(say(language, "chat.key_refresh"), "o", "state")
    all_feeds = key(say(language, "admin.key_feeds", n=len(seen.feeds)), "o", "feeds", 0)
    mine = key(say(language, "admin.key_mine"), "g", "status")
    drawn = ((key(say(language, "picture.key"), "o", "chart"),),) if charts else ()
    return Screen(body, ((refresh, all_feeds), *drawn, (mine, key(say(language, "chat.key_home"), "g", "home"))))


def chart_screen(chat: Chat, drawn: Picture, topics: Sequence[Topic]) -> Screen:
    """The picture, and what it says in words for who does not see it."""
    language, now = chat.language, drawn.taken_at
    told = [(label(topic, language), drawn.alerts.get(topic.id, 0)) for topic in topics]
    body = page(
        say(language, "picture.caption", n=drawn.days, moment=_moment(now, chat, now)),
        lines(*(say(language, "picture.topic", topic=cut_at_word(name, 40), n=n) for name, n in told[:TOPICS])),
        lines(
            say(language, "picture.failing", n=drawn.failing_feeds),
            say(language, "picture.waiting", n=drawn.waiting),
        ),
    )
    again = key(say(language, "chat.key_refresh"), "o", "chart")
    return Screen(body, ((again, key(say(language, "chat.key_back"), "o", "state")),), drawn.png)


def feeds_screen(chat: Chat, seen: Overview, at: int) -> Screen:
    """A page of feeds, the sick first; `at` beyond the end shows the last page."""
    language = chat.language
    ranked = sorted(seen.feeds, key=lambda feed: (feed.enabled and not feed.failures, feed.outlet.casefold(), feed.id))
    last = max(0, (len(ranked) - 1) // PAGE)
    at = min(at, last)
    shown = ranked[at * PAGE : (at + 1) * PAGE]
    body = page(
        say(language, "admin.feeds_title", page=at + 1, pages=last + 1),
        lines(*(_feed_line(feed, chat, seen.taken_at) for feed in shown)) or say(language, "admin.no_feeds"),
    )
    steps = []
    if at > 0:
        steps.append(key(say(language, "admin.key_before"), "o", "feeds", at - 1))
    if at < last:
        steps.append(key(say(language, "admin.key_after"), "o", "feeds", at + 1))
    back = key(say(language, "chat.key_back"), "o", "state")
    return Screen(body, (*((tuple(steps),) if steps else ()), (back,)))


def _feeds(chat: Chat, seen: Overview, failing: Sequence[FeedHealth]) -> Rich:
    language = chat.language
    enabled = [feed for feed in seen.feeds if feed.enabled]
    polled = [feed.last_polled_at for feed in enabled if feed.last_polled_at]
    late = [feed for feed in enabled if feed.next_poll_at < seen.taken_at - timedelta(minutes=5)]
    newest = say(language, "admin.last_poll", moment=_moment(max(polled), chat, seen.taken_at)) if polled else ""
    return lines(
        bold(text(say(language, "admin.feeds", n=len(enabled), well=len(enabled) - len(failing)))),
        newest or say(language, "admin.never_polled"),
        say(language, "admin.late", n=len(late)) if late else "",
        *(_feed_line(feed, chat, seen.taken_at) for feed in failing[:WORST]),
        say(language, "admin.more_failing", n=len(failing) - WORST) if len(failing) > WORST else "",
    )


def _feed_line(feed: FeedHealth, chat: Chat, now: datetime) -> str:
    """One feed: how it is, its outlet, and the cause or the rhythm."""
    language = chat.language
    name = cut_at_word(clean(feed.outlet), 60)
    if not feed.enabled:
        return say(language, "admin.feed_off", outlet=name, id=feed.id)
    if not feed.failures:
        minutes = max(1, round(feed.interval.total_seconds() / 60))
        return say(language, "admin.feed_well", outlet=name, id=feed.id, n=feed.items_matched, minutes=minutes)
    cause = say(language, f"cause.{feed.cause}") if known(language, f"cause.{feed.cause}") else feed.cause
    since = _moment(feed.last_success_at, chat, now) if feed.last_success_at else say(language, "admin.never")
    return say(language, "admin.feed_ill", outlet=name, id=feed.id, cause=cause, n=feed.failures, since=since)


def _people(language: str, seen: Overview, topics: Sequence[Topic]) -> Rich:
    counts = [say(language, f"admin.chats_{state.value}", n=seen.chats.get(state.value, 0)) for state in STATES]
    follow = [f"{label(topic, language)} {seen.subscriptions.get(topic.id, 0)}" for topic in topics]
    total = sum(seen.chats.values())
    return lines(
        bold(text(say(language, "admin.chats", n=total))), " · ".join(counts) if total else "", " · ".join(follow)
    )


def _queue(chat: Chat, seen: Overview) -> Rich:
    language = chat.language
    counts = [say(language, f"admin.queue_{state.value}", n=_count(seen.queue, state)) for state in QUEUE]
    late = seen.oldest_due_at is not None and seen.oldest_due_at < seen.taken_at - timedelta(minutes=1)
    oldest = seen.oldest_due_at
    waiting = say(language, "admin.oldest", moment=_moment(oldest, chat, seen.taken_at)) if oldest and late else ""
    lost = say(language, "admin.uncertain_total", n=seen.uncertain_total) if seen.uncertain_total else ""
    return lines(bold(text(say(language, "admin.queue"))), " · ".join(counts), waiting, lost)


def _count(counts: Mapping[str, int], state: DeliveryState) -> int:
    return counts.get(state.value, 0)


def _moment(at: datetime, chat: Chat, now: datetime) -> str:
    return dates.moment(at, now, chat.timezone, chat.language)
