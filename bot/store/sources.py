"""What chats choose about outlets and their kinds becomes rows of `source_choice`, and comes back by chat."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, FromClause, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.sources import Choices, SourceChoice
from bot.store.tables import chat, source_choice


async def choices_of(conn: AsyncConnection, chat_ids: Sequence[int]) -> Mapping[int, Choices]:
    """The choices of those chats that made any."""
    rows = await conn.execute(select(source_choice).where(source_choice.c.chat_id.in_(chat_ids)))
    made: dict[int, dict[str, SourceChoice]] = {}
    for row in rows:
        made.setdefault(row.chat_id, {})[row.source] = SourceChoice(row.choice)
    return made


async def choose(conn: AsyncConnection, chat_id: int, source: str, choice: SourceChoice | None) -> None:
    """Replaces a choice; None leaves none."""
    same = (source_choice.c.chat_id == chat_id, source_choice.c.source == source)
    await conn.execute(delete(source_choice).where(*same))
    if choice is not None:
        await conn.execute(insert(source_choice).values(chat_id=chat_id, source=source, choice=choice.value))


def is_muted(item: FromClause) -> ColumnElement[bool]:
    """Whether the row's `chat` muted `item`, the table or an alias: its outlet; or its kind, if it does not prefer the
    outlet. The same rule as `alerts/sources`, in SQL.
    """
    outlet, kind = "outlet:" + item.c.outlet, "class:" + item.c.source_class
    made = source_choice.alias()
    chosen = select(made.c.chat_id).where(made.c.chat_id == chat.c.id).correlate(chat, item)
    mute, prefer = made.c.choice == SourceChoice.MUTE.value, made.c.choice == SourceChoice.PREFER.value
    of_outlet = chosen.where(made.c.source == outlet, mute).exists()
    of_kind = chosen.where(made.c.source == kind, mute).exists()
    wanted = chosen.where(made.c.source == outlet, prefer).exists()
    return of_outlet | (of_kind & ~wanted)
