"""Prepared entries become items, stories, alerts and deliveries, inside the one transaction of their feeds."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts.decide import Facts, fate_of, topics_owed
from bot.events import AlertRaised, AlertSkipped, Event, ItemMatched, StoryGrew, StoryOpened
from bot.feeds.identity import Keys
from bot.loops.breath import Breath
from bot.loops.grow import Growing, note_growth
from bot.model import Item
from bot.store import alerts, deliveries, items, keywords, outgoing, stories
from bot.store.database import Connection, take_turn
from bot.stories.fingerprint import Fingerprint
from bot.stories.group import Grouping, Joined, Resumed, choose
from bot.text.search import searchable


@dataclass(frozen=True, slots=True)
class News:
    """An unseen entry, decided as far as it can be without the stories. `fingerprint` only for what may be told.

    `keywords`: ids of people's own that stand in it. `match_seconds`: what reading it against all terms took.
    """

    item: Item
    keys: Keys
    topics: tuple[str, ...] = ()
    fingerprint: Fingerprint | None = None
    keywords: tuple[int, ...] = ()
    match_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Telling:
    """`wait`: how long other outlets may join before the first message. `window`: how long an item is news.

    `open_for`: how long a story takes other outlets in.
    """

    wait: timedelta
    window: timedelta
    open_for: timedelta
    growing: Growing
    posting: bool  # to the operator's own program


async def keep_and_tell(conn: Connection, news: Sequence[News], telling: Telling, now: datetime) -> list[list[Event]]:
    """Stores every item and tells what is to be told; the facts of each, to emit once this has committed."""
    told: list[list[Event]] = []
    if any(one.fingerprint for one in news):
        await take_turn(conn, "stories")
    kept = [(one.item, one.keys.url or one.item.url, words) async for one, words in _with_words(news)]
    for one, item_id in zip(news, await items.add_items(conn, kept), strict=True):
        facts: list[Event] = [ItemMatched(one.item.feed_id, item_id, one.topics)] if one.topics else []
        if one.fingerprint is None:
            facts.append(AlertSkipped(one.item.feed_id, item_id, one.item.fate.value))
        else:
            facts += await _tell(conn, one, item_id, one.fingerprint, telling, now)
        told.append(facts)
    return told


async def _tell(
    conn: Connection, one: News, item_id: int, print_: Fingerprint, telling: Telling, now: datetime
) -> list[Event]:
    """The item joins its story or opens one; a story is told once, and later to who lacked it."""
    found, rarity = await stories.candidates(conn, print_)
    grouping = choose(print_, found, rarity, telling.open_for)
    facts: list[Event] = []
    told: int | None = None
    if isinstance(grouping, Joined):
        story_id = grouping.story_id
        told = await alerts.alert_of_story(conn, story_id)
        facts.append(StoryGrew(story_id, item_id))
    else:
        story_id = await stories.open_story(conn, print_.at)
        facts.append(StoryOpened(story_id, item_id))
    await stories.add_to_story(conn, story_id, item_id, print_, _tied_by(grouping))
    fate = fate_of(Facts(True, one.item.published_at, one.item.verdicts, told is not None), telling.window, now)
    if fate is not one.item.fate:
        await items.set_fate(conn, item_id, fate)
    if told is not None:
        await note_growth(conn, one.item, item_id, story_id, told, telling.growing, now)
    not_before = now + telling.wait
    opened = told is None
    if told is None:
        flagged = (verdict.score / verdict.threshold for verdict in one.item.verdicts if verdict.flagged)
        told = await alerts.raise_alert(conn, story_id, item_id, one.topics, max(flagged, default=1.0), now)
    addressed = await keywords.address_keywords(conn, told, item_id, one.keywords, not_before, now)
    owed = () if opened else topics_owed(one.topics, await alerts.topics_of(conn, told))
    if owed:
        await alerts.add_topics(conn, told, owed)
    if telling.posting and ((opened and one.topics) or owed):
        await outgoing.owe(conn, told, now)
    if opened or owed:
        addressed += await deliveries.address(conn, told, not_before, now)
    if not opened:
        addressed += await deliveries.address_unmuted(conn, told, item_id, not_before, now)
    if opened or owed or addressed:
        return [*facts, AlertRaised(told, addressed)]
    return [*facts, AlertSkipped(one.item.feed_id, item_id, fate.value)]


def _tied_by(grouping: Grouping) -> tuple[str, ...]:
    return grouping.tied_by if isinstance(grouping, Joined | Resumed) else ()


async def _with_words(news: Sequence[News]) -> AsyncIterator[tuple[News, str]]:
    """Each with its searchable words; others get their turn on the loop between the texts of a long feed."""
    breath = Breath()
    for one in news:
        text = f"{one.item.title} {one.item.summary}"
        yield one, searchable(text)
        await breath.after(len(text))
