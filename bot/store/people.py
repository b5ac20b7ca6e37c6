"""Subscribers become plain values that JSON can write, and such values become subscribers again, here or elsewhere.

Only what a person chose: chats with their topics, keywords and sources. What was sent to them stays where it is. A
chat that is known already is left as it is, so that bringing the same file in twice, or an old one, undoes nobody's
later wish.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import GuetteurError
from bot.store.database import insert_ignoring
from bot.store.tables import Instant, chat, personal_term, source_choice, subscription

CHOICES = (subscription, personal_term, source_choice)
LEFT = {"chat_id", "lease_until"}  # said by the chat around it; of no use elsewhere


class PeopleRefused(GuetteurError):
    """What was given is not what `every_subscriber` gives; the text says where."""


async def every_subscriber(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Each chat with what it chose, in the order of their numbers."""
    found = {row["id"]: _plain(chat, row) for row in (await conn.execute(select(chat).order_by(chat.c.id))).mappings()}
    for table in CHOICES:
        for one in found.values():
            one[table.name] = []
        order = [column for column in table.columns if column.primary_key]
        for row in (await conn.execute(select(table).order_by(*order))).mappings():
            found[row["chat_id"]][table.name].append(_plain(table, row))
    return list(found.values())


async def add_subscribers(conn: AsyncConnection, people: Sequence[Mapping[str, Any]]) -> int:
    """Brings in the chats that are not known yet, with what they chose; returns how many.

    Raises PeopleRefused, before anything is written, when a value is missing or of another kind.
    """
    read = [(_read(chat, one, place), _read_choices(one, place)) for place, one in enumerate(people, 1)]
    added = 0
    for values, choices in read:
        if not (await conn.execute(insert_ignoring(conn, chat).values(values))).rowcount:
            continue
        added += 1
        for table, rows in choices:
            if rows:
                await conn.execute(insert(table), [{**row, "chat_id": values["id"]} for row in rows])
    return added


def _plain(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        column.name: row[column.name].isoformat() if isinstance(row[column.name], datetime) else row[column.name]
        for column in _told(table)
    }


def _told(table: Table) -> list[Any]:
    numbered = {"id"} if table is not chat else set()
    return [column for column in table.columns if column.name not in LEFT | numbered]


def _read_choices(one: Mapping[str, Any], place: int) -> list[tuple[Table, list[dict[str, Any]]]]:
    try:
        return [(table, [_read(table, row, place) for row in one.get(table.name, ())]) for table in CHOICES]
    except (TypeError, AttributeError) as error:
        raise PeopleRefused(f"abonné n° {place} : ses choix ne sont pas des listes") from error


def _read(table: Table, values: Mapping[str, Any], place: int) -> dict[str, Any]:
    try:
        return {column.name: _value(column, values[column.name]) for column in _told(table)}
    except (KeyError, TypeError, ValueError) as error:
        raise PeopleRefused(f"abonné n° {place}, {table.name} : {error} manque ou n’est pas ce qu’il faut") from error


def _value(column: Any, value: Any) -> Any:
    """A value of the column's own kind; None only where the column may be empty."""
    if value is None and column.nullable:
        return None
    if isinstance(column.type, Instant):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(column.name)
        return at
    expected = column.type.python_type
    if not isinstance(value, expected) or isinstance(value, bool) is not (expected is bool):
        raise ValueError(column.name)
    return value
