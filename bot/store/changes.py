"""What admins do becomes rows of `act` and `change`; what stands comes back as the overlay, as rights, as a journal.

The last change of a subject is what stands; the number of the last act is the version of it all. Nothing is ever
deleted: undoing writes the opposite. Everything is written in the caller's transaction, one admin at a time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.changes import CONFIG_KINDS, Act, Change, ChangeKind, Rights, Role, Undone
from bot.store.database import insert_ignoring
from bot.store.tables import act, change, fact

TURN = "admins_turn"  # a row to queue at, on PostgreSQL; SQLite has one writer anyway


async def version(conn: AsyncConnection) -> int:
    """Grows with every change to terms or feeds; 0 before the first."""
    theirs = select(func.max(change.c.id)).where(change.c.kind.in_([kind.value for kind in CONFIG_KINDS]))
    return await conn.scalar(theirs) or 0


async def overlay(conn: AsyncConnection) -> tuple[Change, ...]:
    """What stands of the changes to terms and feeds, in the order they came."""
    return await _standing(conn, CONFIG_KINDS)


async def admins(conn: AsyncConnection) -> tuple[tuple[int, Role], ...]:
    """Whom owners gave a role, by number."""
    given = await _standing(conn, [ChangeKind.ADMIN])
    return tuple((int(one.subject), Role(str((one.after or {})["role"]))) for one in given)


async def banned(conn: AsyncConnection) -> tuple[int, ...]:
    """The chats that are banned, by number."""
    return tuple(int(one.subject) for one in await _standing(conn, [ChangeKind.BAN]))


async def rights(conn: AsyncConnection, person_id: int, chat_id: int) -> Rights:
    """The role an owner gave a person, and whether they or the chat they write in are banned."""
    ours = [str(person_id), str(chat_id)]
    found = await _standing(conn, [ChangeKind.ADMIN, ChangeKind.BAN], ours)
    role = next((one for one in found if one.kind is ChangeKind.ADMIN and one.subject == ours[0]), None)
    given = Role(str((role.after or {})["role"])) if role else None
    return Rights(given, any(one.kind is ChangeKind.BAN for one in found))


async def record(
    conn: AsyncConnection, person_id: int, action: str, wanted: Iterable[Change], now: datetime, *, why: str = ""
) -> Act | None:
    """Writes an act; None when everything stands like that already, so that twice is once."""
    await _queue(conn)
    changes = []
    for one in wanted:
        before = await _now(conn, one.kind, one.subject)
        if before != one.after:
            changes.append(replace(one, before=before))
    return await _write(conn, Act(0, action, person_id, now, why, tuple(changes))) if changes else None


async def note(conn: AsyncConnection, person_id: int, action: str, now: datetime, *, why: str = "") -> Act:
    """Writes an act that changes nothing here: a broadcast, an export."""
    return await _write(conn, Act(0, action, person_id, now, why, ()))


async def undo(conn: AsyncConnection, act_id: int, person_id: int, now: datetime) -> Undone:
    """Takes an act back whole, unless one of its subjects was changed again since."""
    await _queue(conn)
    found = await acts(conn, 1, act_id + 1)
    if not found or found[0].id != act_id or not found[0].changes:
        return Undone.GONE
    undone = found[0]
    if undone.undone_at:
        return Undone.ALREADY
    for one in undone.changes:
        if await _now(conn, one.kind, one.subject) != one.after:
            return Undone.OVERTAKEN
    opposite = tuple(Change(one.kind, one.subject, one.before, one.after) for one in undone.changes)
    await _write(conn, Act(0, "undone", person_id, now, "", opposite, undoes=act_id))
    await conn.execute(update(act).where(act.c.id == act_id).values(undone_at=now))
    return Undone.DONE


async def acts(conn: AsyncConnection, limit: int, before: int | None = None) -> Sequence[Act]:
    """The journal, newest first, of acts with a number below `before`."""
    query = select(act).order_by(act.c.id.desc()).limit(limit)
    rows = (await conn.execute(query if before is None else query.where(act.c.id < before))).all()
    theirs = select(change).where(change.c.act_id.in_([row.id for row in rows])).order_by(change.c.id)
    changes: dict[int, list[Change]] = {row.id: [] for row in rows}
    for row in await conn.execute(theirs):
        changes[row.act_id].append(Change(ChangeKind(row.kind), row.subject, row.after, row.before))
    return [
        Act(row.id, row.action, row.person_id, row.at, row.why, tuple(changes[row.id]), row.undoes, row.undone_at)
        for row in rows
    ]


async def _standing(
    conn: AsyncConnection, kinds: Collection[ChangeKind], subjects: Collection[str] | None = None
) -> tuple[Change, ...]:
    last = select(func.max(change.c.id)).where(change.c.kind.in_([kind.value for kind in kinds]))
    if subjects is not None:
        last = last.where(change.c.subject.in_(subjects))
    rows = await conn.execute(
        select(change).where(change.c.id.in_(last.group_by(change.c.kind, change.c.subject))).order_by(change.c.id)
    )
    return tuple(
        Change(ChangeKind(row.kind), row.subject, row.after, row.before) for row in rows if row.after is not None
    )


async def _now(conn: AsyncConnection, kind: ChangeKind, subject: str) -> Mapping[str, object] | None:
    found = await _standing(conn, [kind], [subject])
    return found[0].after if found else None


async def _write(conn: AsyncConnection, done: Act) -> Act:
    values = {"action": done.action, "person_id": done.person_id, "at": done.at, "why": done.why, "undoes": done.undoes}
    act_id = (await conn.execute(insert(act).values(values).returning(act.c.id))).scalar_one()
    if done.changes:
        await conn.execute(
            insert(change),
            [
                {
                    "act_id": act_id,
                    "kind": one.kind.value,
                    "subject": one.subject,
                    "before": one.before,
                    "after": one.after,
                }
                for one in done.changes
            ],
        )
    return replace(done, id=act_id)


async def _queue(conn: AsyncConnection) -> None:
    """One admin at a time, until the transaction ends."""
    await conn.execute(insert_ignoring(conn, fact).values(name=TURN, value=0))
    await conn.execute(select(fact.c.value).where(fact.c.name == TURN).with_for_update())
