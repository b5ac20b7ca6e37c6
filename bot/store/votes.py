"""A person's thumb becomes a row of `vote`: one opinion a person and alert, changed or withdrawn by pressing again."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.opinion import NONE, Opinion, opinion_after
from bot.store.tables import delivery, vote


async def was_addressed(conn: AsyncConnection, chat_id: int, alert_id: int) -> bool:
    """Whether the alert was owed to this chat: nobody has an opinion of what they did not get."""
    owed = select(delivery.c.id).where(delivery.c.chat_id == chat_id, delivery.c.alert_id == alert_id)
    return (await conn.execute(owed)).first() is not None


async def press(conn: AsyncConnection, alert_id: int, person_id: int, thumb: int, now: datetime) -> int:
    """Presses a thumb under an alert; returns the opinion that stands then, NONE when it was withdrawn."""
    mine = (vote.c.alert_id == alert_id, vote.c.person_id == person_id)
    row = (await conn.execute(select(vote.c.value, vote.c.at).where(*mine).with_for_update())).one_or_none()
    value = opinion_after(Opinion(row.value, row.at) if row else None, thumb, now)
    await conn.execute(delete(vote).where(*mine))
    if value != NONE:
        await conn.execute(insert(vote).values(alert_id=alert_id, person_id=person_id, value=value, at=now))
    return value
