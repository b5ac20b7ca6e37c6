"""What operators must know becomes rows, each told once to each of them, and once again when it is over.

A notice opens in the transaction of the fact it is about, where there is one. Opening what is open already changes
nothing, unless what it says has changed: then it is told anew. What nobody was told is closed without a word.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.notices import SAID_AFTERWARDS
from bot.model import Notice, NoticeKind
from bot.store.database import insert_ignoring
from bot.store.tables import notice, notice_told


async def open_notice(
    conn: AsyncConnection, kind: NoticeKind, subject: str, values: Mapping[str, str], now: datetime
) -> None:
    """From now on it is so, if it was not already."""
    new = {"kind": kind.value, "subject": subject, "detail": dict(values), "opened_at": now}
    if (await conn.execute(insert_ignoring(conn, notice).values(new))).rowcount:
        return
    mine = (notice.c.kind == kind.value, notice.c.subject == subject, notice.c.closed_at.is_(None))
    standing = (await conn.execute(select(notice.c.id, notice.c.detail).where(*mine))).one_or_none()
    if standing is not None and standing.detail != dict(values):
        await conn.execute(update(notice).where(notice.c.id == standing.id).values(detail=dict(values)))
        await conn.execute(delete(notice_told).where(notice_told.c.notice_id == standing.id))


async def close_notices(
    conn: AsyncConnection, kind: NoticeKind, now: datetime, subjects: Sequence[str] | None = None
) -> None:
    """It is over, for these subjects or for all; whoever was told hears it."""
    mine = [notice.c.kind == kind.value, notice.c.closed_at.is_(None)]
    if subjects is not None:
        mine.append(notice.c.subject.in_(subjects))
    await conn.execute(update(notice).where(*mine).values(closed_at=now))


async def withdraw_notices(conn: AsyncConnection, kinds: Iterable[NoticeKind], subjects: Sequence[str]) -> None:
    """A person changed what it was about: nobody needs to hear of it any more."""
    if subjects:
        names = [kind.value for kind in kinds]
        await conn.execute(delete(notice).where(notice.c.kind.in_(names), notice.c.subject.in_(subjects)))


async def open_notices(conn: AsyncConnection) -> tuple[Notice, ...]:
    """What lasts now, the latest first; for /etat and the status page."""
    rows = await conn.execute(select(notice).where(notice.c.closed_at.is_(None)).order_by(notice.c.id.desc()))
    return tuple(map(_notice, rows))


async def owed_notices(conn: AsyncConnection, chat_id: int) -> tuple[Notice, ...]:
    """What this operator has not been told: what is open, and the end of what was told; in the order they began."""
    told = and_(notice_told.c.notice_id == notice.c.id, notice_told.c.chat_id == chat_id)
    afterwards = notice.c.kind == SAID_AFTERWARDS.value
    begun = and_(notice.c.closed_at.is_(None), notice_told.c.told_at.is_(None), ~afterwards)
    heard = or_(notice_told.c.told_at.is_not(None), afterwards)
    over = and_(notice.c.closed_at.is_not(None), heard, notice_told.c.over_told_at.is_(None))
    rows = await conn.execute(select(notice).outerjoin(notice_told, told).where(or_(begun, over)).order_by(notice.c.id))
    return tuple(map(_notice, rows))


async def mark_told(conn: AsyncConnection, chat_id: int, told: Iterable[Notice], now: datetime) -> None:
    """The operator has read them, as they stood."""
    for one in told:
        row = {"notice_id": one.id, "chat_id": chat_id, "told_at": now}
        await conn.execute(insert_ignoring(conn, notice_told).values(row))
        if one.closed_at is not None:
            mine = (notice_told.c.notice_id == one.id, notice_told.c.chat_id == chat_id)
            await conn.execute(update(notice_told).where(*mine).values(over_told_at=now))


async def forget_notices(
    conn: AsyncConnection, closed_before: datetime, passing: Iterable[NoticeKind], opened_before: datetime
) -> int:
    """What has been over for long, and what has no end of its own and is old: it is told again if it happens again."""
    names = [kind.value for kind in passing]
    old = and_(notice.c.kind.in_(names), notice.c.opened_at < opened_before)
    return (await conn.execute(delete(notice).where(or_(notice.c.closed_at < closed_before, old)))).rowcount


def _notice(row: Row[Any]) -> Notice:
    return Notice(row.id, NoticeKind(row.kind), row.subject, row.detail, row.opened_at, row.closed_at)
