"""An admin's message becomes rows of `broadcast` and `broadcast_to`: who is owed it, who has it, who may have it.

Nobody gets it twice: a chat is `sending` before the call, and what a dead process left so is `uncertain` and never
tried again. Nothing is lost: what is `pending` is tried until it arrives, is refused or is cancelled.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.changes import Broadcast, BroadcastState
from bot.model import Chat, ChatState
from bot.store.chats import read_chat
from bot.store.tables import broadcast, broadcast_to, chat

PENDING, SENDING, SENT, UNCERTAIN, FAILED = "pending", "sending", "sent", "uncertain", "failed"


async def draft(conn: AsyncConnection, person_id: int, language: str, text: str, now: datetime) -> Broadcast:
    """Written, and not yet anybody's."""
    values = {"person_id": person_id, "language": language, "text": text, "created_at": now}
    added = insert(broadcast).values(values | {"state": BroadcastState.DRAFT.value}).returning(broadcast.c.id)
    made = (await conn.execute(added)).scalar_one()
    return Broadcast(made, person_id, language, text, BroadcastState.DRAFT, waiting=await listeners(conn))


async def listeners(conn: AsyncConnection) -> int:
    """How many chats a message would reach."""
    return await conn.scalar(select(func.count()).where(chat.c.state == ChatState.ACTIVE.value)) or 0


async def send(conn: AsyncConnection, broadcast_id: int, screen_id: int, now: datetime) -> bool:
    """Owed from now on to every chat that listens; False when it was no draft any more."""
    draft_ = (broadcast.c.id == broadcast_id, broadcast.c.state == BroadcastState.DRAFT.value)
    started = update(broadcast).where(*draft_).values(state=BroadcastState.SENDING.value, screen_id=screen_id)
    if not (await conn.execute(started)).rowcount:
        return False
    owed = select(
        literal(broadcast_id), chat.c.id, literal(PENDING), literal(now, type_=broadcast_to.c.not_before.type)
    ).where(chat.c.state == ChatState.ACTIVE.value)
    columns = ["broadcast_id", "chat_id", "state", "not_before"]
    await conn.execute(insert(broadcast_to).from_select(columns, owed))
    return True


async def cancel(conn: AsyncConnection, broadcast_id: int) -> bool:
    """What has not left stays; False when it was over already."""
    open_ = (BroadcastState.DRAFT.value, BroadcastState.SENDING.value)
    ended = update(broadcast).where(broadcast.c.id == broadcast_id, broadcast.c.state.in_(open_))
    if not (await conn.execute(ended.values(state=BroadcastState.CANCELLED.value))).rowcount:
        return False
    waiting = (broadcast_to.c.broadcast_id == broadcast_id, broadcast_to.c.state == PENDING)
    await conn.execute(update(broadcast_to).where(*waiting).values(state="cancelled", not_before=None))
    return True


async def broadcast_by_id(conn: AsyncConnection, broadcast_id: int) -> Broadcast | None:
    """A broadcast with how far it went."""
    row = (await conn.execute(select(broadcast).where(broadcast.c.id == broadcast_id))).one_or_none()
    return await _counted(conn, row) if row else None


async def under_way(conn: AsyncConnection) -> Broadcast | None:
    """The oldest broadcast that is being sent."""
    sending = select(broadcast).where(broadcast.c.state == BroadcastState.SENDING.value)
    row = (await conn.execute(sending.order_by(broadcast.c.id).limit(1))).one_or_none()
    return await _counted(conn, row) if row else None


async def forget_claims(conn: AsyncConnection, broadcast_id: int) -> None:
    """What an earlier sender was killed over may have arrived, and is not tried again."""
    taken = (broadcast_to.c.broadcast_id == broadcast_id, broadcast_to.c.state == SENDING)
    await conn.execute(update(broadcast_to).where(*taken).values(state=UNCERTAIN, not_before=None))


async def forget_broadcasts(conn: AsyncConnection, before: datetime) -> int:
    """Broadcasts written before then go, and with them who got them; returns how many."""
    return (await conn.execute(delete(broadcast).where(broadcast.c.created_at < before))).rowcount


async def claim(conn: AsyncConnection, broadcast_id: int, now: datetime, limit: int) -> Sequence[tuple[Chat, int]]:
    """Takes some of the chats that are owed it and due, each with its forum topic."""
    due = (
        select(chat)
        .join(broadcast_to, broadcast_to.c.chat_id == chat.c.id)
        .where(
            broadcast_to.c.broadcast_id == broadcast_id,
            broadcast_to.c.not_before <= now,
            chat.c.state == ChatState.ACTIVE.value,
        )
        .order_by(chat.c.id)
        .limit(limit)
    )
    rows = (await conn.execute(due)).all()
    for row in rows:
        await settle(conn, broadcast_id, row.id, SENDING, None)
    return [(read_chat(row), row.thread_id) for row in rows]


async def settle(
    conn: AsyncConnection, broadcast_id: int, chat_id: int, state: str, not_before: datetime | None
) -> None:
    """What became of it in one chat; `not_before` None: nothing more is tried."""
    mine = (broadcast_to.c.broadcast_id == broadcast_id, broadcast_to.c.chat_id == chat_id)
    await conn.execute(update(broadcast_to).where(*mine).values(state=state, not_before=not_before))


async def owe_again(conn: AsyncConnection, broadcast_id: int, chat_id: int, now: datetime) -> None:
    """A chat that took another number while it was told is owed it under that one."""
    mine = (broadcast_to.c.broadcast_id == broadcast_id, broadcast_to.c.chat_id == chat_id)
    taken = update(broadcast_to).where(*mine, broadcast_to.c.state == SENDING)
    await conn.execute(taken.values(state=PENDING, not_before=now))


async def finish_if_over(conn: AsyncConnection, broadcast_id: int) -> bool:
    """Whether nobody is owed it any more; chats that stopped meanwhile are owed nothing."""
    owed = select(broadcast_to.c.chat_id).join(chat, chat.c.id == broadcast_to.c.chat_id)
    owed = owed.where(broadcast_to.c.broadcast_id == broadcast_id, chat.c.state == ChatState.ACTIVE.value)
    if (await conn.execute(owed.where(broadcast_to.c.state.in_([PENDING, SENDING])).limit(1))).first():
        return False
    left = (broadcast_to.c.broadcast_id == broadcast_id, broadcast_to.c.state == PENDING)
    await conn.execute(update(broadcast_to).where(*left).values(state=FAILED, not_before=None))
    going = (broadcast.c.id == broadcast_id, broadcast.c.state == BroadcastState.SENDING.value)
    await conn.execute(update(broadcast).where(*going).values(state=BroadcastState.DONE.value))
    return True


async def _counted(conn: AsyncConnection, row: Row[Any]) -> Broadcast:
    counts = [
        func.sum(case((broadcast_to.c.state.in_(states), 1), else_=0))
        for states in ((PENDING, SENDING), (SENT,), (FAILED, "cancelled"), (UNCERTAIN,))
    ]
    found = (await conn.execute(select(*counts).where(broadcast_to.c.broadcast_id == row.id))).one()
    waiting, sent, failed, uncertain = (int(count or 0) for count in found)
    state = BroadcastState(row.state)
    if state is BroadcastState.DRAFT:
        waiting = await listeners(conn)
    return Broadcast(
        row.id, row.person_id, row.language, row.text, state, row.screen_id or 0, waiting, sent, failed, uncertain
    )
