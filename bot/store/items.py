"""Entries become seen-marks and items; items come back for search, backtest and "why did I not get this?"."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Fate, Field, Item, Place, Reason, SourceClass, Text, Verdict
from bot.store.database import insert_ignoring
from bot.store.tables import item, item_topic, seen, story, story_item
from bot.text.search import searchable

FORGOTTEN_AT_ONCE = 500  # in one commit, with their bodies overwritten
MARKED_EVERY = timedelta(days=1)  # a mark is kept young once in so long
Mark = tuple[str, str]  # a feed's id and a key of one of its entries
_Value = TypeVar("_Value")

_ROWS = 100  # written in one go: what comes from a long feed is prepared between the loop's other tasks
_CHUNK = 500  # values in one IN (…): SQLite's default limit is 32,766 and older ones 999
_KEEP = (
    update(seen)
    .where(seen.c.feed_id == bindparam("of"), seen.c.key == bindparam("named"))
    .values(present_at=bindparam("now", type_=seen.c.present_at.type))
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a feed's document shows: the keys of its entries and their canonical addresses."""

    feed_id: str
    outlet: str
    keys: Sequence[str]
    urls: Sequence[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What of it is known: the keys seen before, with when they were last marked; addresses of the outlet's others."""

    seen: Mapping[str, datetime]
    urls: frozenset[str]

    def stale(self, now: datetime) -> Sequence[str]:
        """Keys whose marks are to be kept young: once a day each."""
        return [key for key, present in self.seen.items() if present < now - MARKED_EVERY]


async def known(conn: AsyncConnection, shown: Sequence[Shown]) -> list[Known]:
    """What is known of each, in order: its own feed's marks, and what other feeds of its outlet have brought."""
    marks: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    feed_ids = [one.feed_id for one in shown]
    for some in _chunks(list({key for one in shown for key in one.keys})):
        asked = select(seen.c.feed_id, seen.c.key, seen.c.present_at)
        rows = await conn.execute(asked.where(seen.c.feed_id.in_(feed_ids), seen.c.key.in_(some)))
        for feed_id, key, present in rows:
            marks[feed_id][key] = present
    brought: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for some in _chunks(list({url for one in shown for url in one.urls})):
        by_url = select(item.c.canonical_url, item.c.outlet, item.c.feed_id).where(item.c.canonical_url.in_(some))
        for url, outlet, feed_id in await conn.execute(by_url):
            brought[url, outlet].add(feed_id)
    return [
        Known(
            {key: marks[one.feed_id][key] for key in one.keys if key in marks[one.feed_id]},
            frozenset(url for url in one.urls if brought[url, one.outlet] - {one.feed_id}),
        )
        for one in shown
    ]


async def mark_seen(conn: AsyncConnection, marks: Iterable[Mark], now: datetime) -> None:
    """These stand in their feeds, and are remembered; what is remembered already stays as it is."""
    for part in _chunks(list(dict.fromkeys(marks)), _ROWS):
        rows = [{"feed_id": feed_id, "key": key, "seen_at": now, "present_at": now} for feed_id, key in part]
        await conn.execute(insert_ignoring(conn, seen), rows)


async def keep_seen(conn: AsyncConnection, marks: Iterable[Mark], now: datetime) -> None:
    """These stand in their feeds still: their marks are young again."""
    for part in _chunks(list(marks), _ROWS):
        await conn.execute(_KEEP, [{"of": feed_id, "named": key, "now": now} for feed_id, key in part])


async def add_item(conn: AsyncConnection, new: Item, canonical_url: str, search_text: str) -> int:
    """Stores an item with its verdicts; returns its id."""
    [item_id] = await add_items(conn, [(new, canonical_url, search_text)])
    return item_id


async def add_items(conn: AsyncConnection, new: Sequence[tuple[Item, str, str]]) -> list[int]:
    """Stores items (each with its canonical address and searchable words) with their verdicts; their ids, in order."""
    inserting = insert(item).returning(item.c.id, sort_by_parameter_order=True)
    ids: list[int] = []
    for some in _chunks(new, _ROWS):
        ids += (await conn.execute(inserting, [_row(*one) for one in some])).scalars()
    topics = [
        {"item_id": item_id, "topic": verdict.topic, "score": verdict.score, "flagged": verdict.flagged}
        for item_id, (one, _, _) in zip(ids, new, strict=True)
        for verdict in one.verdicts
    ]
    for rows in _chunks(topics, _ROWS):
        await conn.execute(insert(item_topic), rows)
    return ids


def _row(new: Item, canonical_url: str, search_text: str) -> dict[str, Any]:
    return {
        "feed_id": new.feed_id,
        "outlet": new.outlet,
        "source_class": new.source_class.value,
        "key": new.key,
        "url": new.url,
        "canonical_url": canonical_url,
        "title": new.title,
        "summary": new.summary,
        "body": new.body,
        "lang": new.lang,
        "published_at": new.published_at,
        "found_at": new.found_at,
        "fate": new.fate.value,
        "verdicts": [asdict(verdict) for verdict in new.verdicts],
        "places": [asdict(place) for place in new.places],
        "digest": new.digest,
        "paywalled": new.paywalled,
        "machine_written": new.machine_written,
        "search_text": search_text,
    }


async def set_fate(conn: AsyncConnection, item_id: int, fate: Fate) -> None:
    await conn.execute(update(item).where(item.c.id == item_id).values(fate=fate.value))


async def update_texts(conn: AsyncConnection, feed_id: str, texts: Mapping[str, tuple[str, str]]) -> Sequence[int]:
    """An edited entry is the same item: its words follow. `texts`: key → title, summary; returns the items changed."""
    changed: list[int] = []
    for some in _chunks(list(texts)):
        known = select(item.c.id, item.c.key, item.c.title, item.c.summary)
        rows = (await conn.execute(known.where(item.c.feed_id == feed_id, item.c.key.in_(some)))).all()
        for row in rows:
            title, summary = texts[row.key]
            if (row.title, row.summary) != (title, summary):
                words = searchable(f"{title} {summary}")
                edited = {"title": title, "summary": summary, "search_text": words}
                await conn.execute(update(item).where(item.c.id == row.id).values(edited))
                changed.append(row.id)
    return changed


async def items_since(conn: AsyncConnection, since: datetime, limit: int = 200_000) -> Sequence[tuple[Item, Text]]:
    """Stored items found since then, oldest first, with the text the matcher reads; for the backtest."""
    rows = await conn.execute(
        select(item).where(item.c.found_at >= since).order_by(item.c.found_at, item.c.id).limit(limit)
    )
    return [(read_item(row), Text(row.title, row.summary, row.body, row.lang, row.outlet)) for row in rows]


async def items_at(conn: AsyncConnection, canonical_url: str) -> Sequence[Item]:
    """The items that stand at an address, newest first; for /pourquoi <url>."""
    rows = await conn.execute(
        select(item).where(item.c.canonical_url == canonical_url).order_by(item.c.found_at.desc()).limit(5)
    )
    return [read_item(row) for row in rows]


async def forget_items(conn: AsyncConnection, before: datetime) -> int:
    """Items found before then go, a chunk of them, and with them their stories' parts; seen-marks stay."""
    old = select(item.c.id).where(item.c.found_at < before).limit(FORGOTTEN_AT_ONCE)
    done = await conn.execute(delete(item).where(item.c.id.in_(old)))
    told = select(story_item.c.story_id).where(story_item.c.story_id == story.c.id).correlate(story)
    await conn.execute(delete(story).where(story.c.grew_at < before, ~told.exists()))
    return done.rowcount


async def forget_seen(conn: AsyncConnection, before: datetime) -> int:
    """Marks of entries that no feed has listed since then."""
    return (await conn.execute(delete(seen).where(seen.c.present_at < before))).rowcount


def read_item(row: Row[Any]) -> Item:
    """A row of `item` as the word everyone shares."""
    return Item(
        id=row.id,
        feed_id=row.feed_id,
        outlet=row.outlet,
        source_class=SourceClass(row.source_class),
        key=row.key,
        url=row.url,
        title=row.title,
        summary=row.summary,
        body=row.body,
        lang=row.lang,
        published_at=row.published_at,
        found_at=row.found_at,
        fate=Fate(row.fate),
        verdicts=tuple(map(read_verdict, row.verdicts)),
        places=tuple(Place(**place) for place in row.places),
        digest=row.digest,
        paywalled=row.paywalled,
        machine_written=row.machine_written,
    )


def read_verdict(stored: Mapping[str, Any]) -> Verdict:
    """A verdict from its JSON."""
    reasons = tuple(Reason(**{**reason, "field": Field(reason["field"])}) for reason in stored["reasons"])
    return Verdict(**{**stored, "reasons": reasons})


def _chunks(values: Sequence[_Value], size: int = _CHUNK) -> Iterable[Sequence[_Value]]:
    return (values[start : start + size] for start in range(0, len(values), size))
