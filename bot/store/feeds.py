"""The feed file becomes rows, due rows become work for the poller, and what a poll brought becomes health."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, case, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import GuetteurError
from bot.model import Fate, FeedHealth, FeedSpec, NoticeKind, SourceClass
from bot.store.database import take_turn
from bot.store.notices import withdraw_notices
from bot.store.tables import feed, item, item_topic


@dataclass(frozen=True, slots=True)
class DueFeed:
    """A feed to poll now, with what the last polls left: validators, hash, memory, failures."""

    spec: FeedSpec
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    primed: bool
    failures: int
    memory: Mapping[str, Any] = field(default_factory=dict)
    holder: str = ""  # of this claim: what it brings may be written while the feed is still this holder's
    pushed_until: datetime | None = None  # its hub has proved to bring the news, until then
    next_poll_at: datetime | None = None


_DUE: tuple[ColumnElement[Any], ...] = (
    feed.c.id,
    feed.c.url,
    feed.c.outlet,
    feed.c.language,
    feed.c.source_class,
    feed.c.every_seconds,
    feed.c.enabled,
    feed.c.etag,
    feed.c.last_modified,
    feed.c.body_hash,
    feed.c.primed_at.is_not(None).label("primed"),
    feed.c.failures,
    feed.c.memory,
    feed.c.pushed_until,
    feed.c.next_poll_at,
)
WEEK = timedelta(days=7)
NO_VALIDATORS = {"etag": None, "last_modified": None, "body_hash": None}


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When a feed is due again, after how long, and why (a catalogue key)."""

    at: datetime
    interval: timedelta
    why: str


async def sync_feeds(conn: AsyncConnection, specs: Iterable[FeedSpec], now: datetime) -> None:
    """The table follows the file: new feeds are due at once, changed ones keep their past, absent ones rest.

    A feed whose address changed forgets the old address's validators, its failures, and a 410 with it. Processes that
    start together take turns.
    """
    await take_turn(conn, "feeds")
    specs, anew = tuple(specs), []
    known = {row.id: row for row in await conn.execute(select(feed))}
    listed = set()
    for spec in specs:
        listed.add(spec.id)
        values: dict[str, Any] = {
            "id": spec.id,
            "written_url": spec.url,
            "outlet": spec.outlet,
            "language": spec.language,
            "source_class": spec.source_class.value,
            "every_seconds": spec.every.total_seconds() if spec.every else None,
            "enabled": spec.enabled,
        }
        row = known.get(spec.id)
        if row is None:
            await conn.execute(insert(feed).values(**values, url=spec.url, next_poll_at=now))
            continue
        if row.written_url != spec.url:
            values |= {"url": spec.url, "gone_at": None, "merged_into": None, "next_poll_at": now, **NO_VALIDATORS}
            values |= {"failures": 0, "cause": "", "cause_detail": ""}
            anew.append(spec.id)
        if any(getattr(row, name) != value for name, value in values.items()):
            await conn.execute(update(feed).where(feed.c.id == spec.id).values(values))
    absent = [feed_id for feed_id in known if feed_id not in listed]
    if absent:
        await conn.execute(update(feed).where(feed.c.id.in_(absent)).values(enabled=False))
    off = [spec.id for spec in specs if not spec.enabled]
    await withdraw_notices(conn, (NoticeKind.FEED_FAILING, NoticeKind.FEED_GONE), [*anew, *absent, *off])


class FeedTaken(GuetteurError):
    """A feed whose lease ended and that another claim has: what this one found must not be written."""


async def claim_due_feeds(
    conn: AsyncConnection, now: datetime, lease: timedelta, limit: int, holder: str = ""
) -> Sequence[DueFeed]:
    """Takes up to `limit` due feeds, the longest due first; `holder`'s until `now + lease`, then anybody's."""
    due = (
        select(*_DUE)
        .where(feed.c.next_poll_at <= now, *_polled(now))
        .order_by(feed.c.next_poll_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await conn.execute(due)).all()
    if rows:
        taken = [row.id for row in rows]
        await conn.execute(update(feed).where(feed.c.id.in_(taken)).values(lease_until=now + lease, holder=holder))
    return [_due(row, holder) for row in rows]


async def keep_feeds(conn: AsyncConnection, held: Mapping[str, str], until: datetime, before: datetime) -> None:
    """Feeds still at work, with their holders: leases that end before `before` end at `until` instead."""
    if held:
        mine = (feed.c.id.in_(held), feed.c.holder.in_(set(held.values())), feed.c.lease_until < before)
        free = select(feed.c.id).where(*mine).with_for_update(skip_locked=True)  # others are being committed just now
        await conn.execute(update(feed).where(feed.c.id.in_(free)).values(lease_until=until))


async def holders_of(conn: AsyncConnection, feed_ids: Sequence[str]) -> Mapping[str, str]:
    """Whose each feed is, until this transaction ends; locked in the order of ids, so no two wait for each other."""
    mine = select(feed.c.id, feed.c.holder).where(feed.c.id.in_(feed_ids)).order_by(feed.c.id).with_for_update()
    return {row.id: row.holder for row in await conn.execute(mine)}


async def claim_pushed_feed(
    conn: AsyncConnection, feed_id: str, now: datetime, lease: timedelta, holder: str = ""
) -> DueFeed | None:
    """Takes one feed whose hub has brought something; None while somebody polls it, or when it is off.

    It is due at once from now on: if what was brought is lost, the poll that follows finds it.
    """
    one = select(*_DUE).where(feed.c.id == feed_id, *_polled(now)).with_for_update(skip_locked=True)
    row = (await conn.execute(one)).one_or_none()
    if row is None:
        return None
    await conn.execute(
        update(feed).where(feed.c.id == feed_id).values(lease_until=now + lease, holder=holder, next_poll_at=now)
    )
    return _due(row, holder)


def _polled(now: datetime) -> tuple[Any, ...]:
    """A feed that is on and that nobody holds."""
    return (
        feed.c.enabled.is_(True),
        feed.c.gone_at.is_(None),
        feed.c.merged_into.is_(None),
        or_(feed.c.lease_until.is_(None), feed.c.lease_until <= now),
    )


async def release_all_feeds(conn: AsyncConnection) -> None:
    """The only poller starts: whatever an earlier one was killed over is free at once."""
    await conn.execute(update(feed).where(feed.c.lease_until.is_not(None)).values(lease_until=None))


_WELL: Mapping[str, Any] = {
    "lease_until": None,
    "last_polled_at": bindparam("now", type_=feed.c.last_polled_at.type),
    "last_success_at": bindparam("now", type_=feed.c.last_success_at.type),
    "failures": 0,
    "cause": "",
    "cause_detail": "",
    "polls": feed.c.polls + 1,
    "bytes_read": feed.c.bytes_read + bindparam("more_bytes"),
    "next_poll_at": bindparam("new_next", type_=feed.c.next_poll_at.type),
    "interval_seconds": bindparam("new_interval"),
    "interval_why": bindparam("new_why"),
}
_UNCHANGED = (
    update(feed).where(feed.c.id == bindparam("row_id")).values({**_WELL, "not_modified": feed.c.not_modified + 1})
)
_READ = (
    update(feed)
    .where(feed.c.id == bindparam("row_id"))
    .values(
        {
            **_WELL,
            "holder": "",  # whoever writes this twice is no longer the holder
            "primed_at": func.coalesce(feed.c.primed_at, bindparam("now", type_=feed.c.primed_at.type)),
            "last_new_at": func.coalesce(bindparam("new_at", type_=feed.c.last_new_at.type), feed.c.last_new_at),
            "etag": bindparam("new_etag"),
            "last_modified": bindparam("new_modified"),
            "body_hash": bindparam("new_hash"),
            "memory": bindparam("new_memory", type_=feed.c.memory.type),
            "parse_seconds": bindparam("new_parse"),
            "items_total": feed.c.items_total + bindparam("more_items"),
            "items_matched": feed.c.items_matched + bindparam("more_matched"),
        }
    )
)


async def record_unchanged(conn: AsyncConnection, polls: Sequence[tuple[str, NextPoll, int]], now: datetime) -> None:
    """Polls that brought nothing new (304, or the same body): (feed id, next poll, bytes read), in one statement."""
    if polls:
        await conn.execute(_UNCHANGED, [_well(feed_id, next_poll, read, now) for feed_id, next_poll, read in polls])


def _well(feed_id: str, next_poll: NextPoll, read: int, now: datetime) -> dict[str, Any]:
    return {
        "row_id": feed_id,
        "now": now,
        "more_bytes": read,
        "new_next": next_poll.at,
        "new_interval": next_poll.interval.total_seconds(),
        "new_why": next_poll.why,
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """What a poll that read a body leaves on the feed."""

    feed_id: str
    etag: str | None
    last_modified: str | None
    body_hash: str
    bytes_read: int
    parse_seconds: float
    new_items: int
    matched_items: int
    memory: Mapping[str, Any]
    moved_to: str | None  # 301/308, once the new address parsed
    next_poll: NextPoll


async def record_reads(conn: AsyncConnection, readings: Sequence[Reading], now: datetime) -> None:
    """Commits with the items they brought: validators must never be newer than what we kept of the body."""
    rows = [
        {
            **_well(one.feed_id, one.next_poll, one.bytes_read, now),
            "new_at": now if one.new_items else None,
            "new_etag": one.etag,
            "new_modified": one.last_modified,
            "new_hash": one.body_hash,
            "new_memory": dict(one.memory),
            "new_parse": one.parse_seconds,
            "more_items": one.new_items,
            "more_matched": one.matched_items,
        }
        for one in readings
    ]
    if rows:
        await conn.execute(_READ, rows)
    for one in readings:
        if one.moved_to:
            moved = {"url": one.moved_to, "merged_into": await _twin(conn, one.feed_id, one.moved_to)}
            await conn.execute(update(feed).where(feed.c.id == one.feed_id).values(moved))


async def _twin(conn: AsyncConnection, feed_id: str, url: str) -> str | None:
    """Another feed that is asked at this address: two rows for one feed would tell everything twice."""
    others = select(feed.c.id).where(feed.c.url == url, feed.c.id != feed_id, feed.c.merged_into.is_(None))
    return (await conn.execute(others.limit(1))).scalar_one_or_none()


async def record_failure(
    conn: AsyncConnection, feed_id: str, cause: str, detail: str, next_poll: NextPoll, now: datetime
) -> None:
    """The poll brought nothing; nothing that is known is forgotten. A 410 turns the feed off."""
    values: dict[str, Any] = {
        "lease_until": None,
        "last_polled_at": now,
        "failures": feed.c.failures + 1,
        "polls": feed.c.polls + 1,
        "cause": cause,
        "cause_detail": detail,
        "next_poll_at": next_poll.at,
        "interval_seconds": next_poll.interval.total_seconds(),
        "interval_why": next_poll.why,
    }
    if cause == "http_410":
        values["gone_at"] = now
    await conn.execute(update(feed).where(feed.c.id == feed_id).values(values))


UNSEEN = ("memory", "etag", "last_modified", "body_hash", "written_url")  # of a feed's row; its memory is long


async def feeds_health(conn: AsyncConnection, now: datetime) -> tuple[FeedHealth, ...]:
    """Every feed that is on, or that a publisher turned off, in the order of their ids."""
    shown = [column for column in feed.c if column.name not in UNSEEN]
    rows = select(*shown).where(or_(feed.c.enabled.is_(True), feed.c.gone_at.is_not(None))).order_by(feed.c.id)
    new = (item.c.found_at > now - WEEK, item.c.fate != Fate.PRIMED.value)
    flagged = select(item_topic.c.item_id).where(item_topic.c.item_id == item.c.id, item_topic.c.flagged).exists()
    owner = item.c.feed_id.concat("")  # grouped by the column itself, SQLite would read every item in that order
    counts = select(owner, func.count(), func.sum(case((flagged, 1), else_=0))).where(*new)
    week = {row[0]: (row[1], int(row[2])) for row in await conn.execute(counts.group_by(text("1")))}
    return tuple(_health(row, week.get(row.id, (0, 0)), now) for row in await conn.execute(rows))


def _due(row: Row[Any], holder: str) -> DueFeed:
    every = timedelta(seconds=row.every_seconds) if row.every_seconds else None
    source_class = SourceClass(row.source_class)
    return DueFeed(
        spec=FeedSpec(row.id, row.url, row.outlet, row.language, source_class, every, row.enabled),
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        primed=row.primed,
        failures=row.failures,
        memory=row.memory,
        holder=holder,
        pushed_until=row.pushed_until,
        next_poll_at=row.next_poll_at,
    )


def _health(row: Row[Any], week: tuple[int, int], now: datetime) -> FeedHealth:
    return FeedHealth(
        id=row.id,
        outlet=row.outlet,
        url=row.url,
        enabled=row.enabled and row.gone_at is None and row.merged_into is None,
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        last_new_at=row.last_new_at,
        next_poll_at=row.next_poll_at,
        failures=row.failures,
        cause=row.cause,
        interval=timedelta(seconds=row.interval_seconds),
        interval_why=row.interval_why,
        polls=row.polls,
        not_modified=row.not_modified,
        bytes_read=row.bytes_read,
        parse_seconds=row.parse_seconds,
        items_total=row.items_total,
        items_matched=row.items_matched,
        cause_detail=row.cause_detail,
        gone_at=row.gone_at,
        merged_into=row.merged_into,
        week_items=week[0],
        week_matched=week[1],
        pushes=row.pushes,
        pushed_until=row.pushed_until if row.pushed_until and row.pushed_until > now else None,
    )
