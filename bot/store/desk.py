"""A person's question or wish becomes one transaction: the store behind the conversation (`telegram/doors.StoreDoor`).

Every method that changes something has committed when it returns. Every wish sets a state and never flips one, so an
update that Telegram delivers twice has one effect.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.sources import Choices, SourceChoice, is_muted
from bot.changes import Rights
from bot.model import (
    Alert,
    Arrival,
    Chat,
    ChatKind,
    ChatState,
    DeliveryState,
    Erasure,
    Item,
    Mention,
    Overview,
    Rhythm,
    Standing,
    Subscriber,
    Text,
    Trace,
)
from bot.store import alerts, changes, chats, items, keywords, search, sources, updates, votes
from bot.store.backup import still_holding
from bot.store.database import Database
from bot.store.overview import overview
from bot.store.tables import alert, delivery, item, story_item

AWAY = (ChatState.STOPPED, ChatState.BLOCKED, ChatState.PAUSED)


class Desk:
    """`canonical` turns an address into the form items are stored under; `timezone` is a newcomer's.

    `backups_kept`: how long a nightly backup lasts.
    """

    def __init__(
        self,
        database: Database,
        canonical: Callable[[str], str],
        timezone: str,
        backups_kept: timedelta = timedelta(days=7),
    ) -> None:
        self._backups_kept = backups_kept
        self._database = database
        self._canonical = canonical
        self._timezone = timezone

    async def update_seen(self, update_id: int) -> bool:
        async with self._database.read() as conn:
            return await updates.is_handled(conn, update_id)

    async def mark_update(self, update_id: int, now: datetime) -> None:
        async with self._database.write() as conn:
            await updates.mark_handled(conn, update_id, now)

    async def rights(self, person_id: int, chat_id: int) -> Rights:
        async with self._database.read() as conn:
            return await changes.rights(conn, person_id, chat_id)

    async def arrive(
        self, chat_id: int, kind: ChatKind, language: str, now: datetime, *, name: str = "", thread_id: int = 0
    ) -> Arrival:
        async with self._database.write() as conn:
            newcomer = Chat(chat_id, kind, language, timezone=self._timezone)
            new = await chats.add_chat(conn, newcomer, name, thread_id, now)
            before = await _known(conn, chat_id)
            if not new:
                await chats.set_state(conn, chat_id, ChatState.ACTIVE, "", now)
                await chats.set_chat(conn, chat_id, kind=kind.value, title=name, thread_id=thread_id)
            return Arrival(await _known(conn, chat_id), new, returned=before.chat.state in AWAY)

    async def subscriber(self, chat_id: int) -> Subscriber | None:
        async with self._database.read() as conn:
            return await chats.subscriber(conn, chat_id)

    async def pause(self, chat_id: int, now: datetime) -> Subscriber | None:
        return await self._set_state(chat_id, ChatState.PAUSED, "", now)

    async def resume(self, chat_id: int, now: datetime) -> Subscriber | None:
        return await self._set_state(chat_id, ChatState.ACTIVE, "", now)

    async def leave(self, chat_id: int, now: datetime) -> Subscriber | None:
        return await self._set_state(chat_id, ChatState.STOPPED, "stopped", now)

    async def lost(self, chat_id: int, cause: str, now: datetime) -> None:
        await self._set_state(chat_id, ChatState.BLOCKED, cause, now)

    async def found(self, chat_id: int, now: datetime) -> Subscriber | None:
        async with self._database.write() as conn:
            who = await chats.subscriber(conn, chat_id)
            if who and who.chat.state is ChatState.BLOCKED:
                await chats.set_state(conn, chat_id, ChatState.ACTIVE, "", now)
            return await chats.subscriber(conn, chat_id)

    async def migrate(self, old_chat_id: int, new_chat_id: int, now: datetime) -> None:
        async with self._database.write() as conn:
            await chats.move_chat(conn, old_chat_id, new_chat_id, now)

    async def follow(self, chat_id: int, topic: str, now: datetime) -> Subscriber | None:
        async with self._database.write() as conn:
            who = await chats.subscriber(conn, chat_id)
            if who is None:
                return None
            await chats.follow(conn, chat_id, topic, now)
            return await chats.subscriber(conn, chat_id)

    async def unfollow(self, chat_id: int, topic: str, now: datetime) -> Subscriber | None:
        del now  # a choice withdrawn leaves no trace
        async with self._database.write() as conn:
            await chats.unfollow(conn, chat_id, topic)
            return await chats.subscriber(conn, chat_id)

    async def set_language(self, chat_id: int, language: str, now: datetime) -> Subscriber | None:
        return await self._choose(chat_id, now, language=language)

    async def set_rhythm(self, chat_id: int, rhythm: Rhythm, now: datetime) -> Subscriber | None:
        return await self._choose(chat_id, now, rhythm=chats.write_rhythm(rhythm))

    async def set_timezone(self, chat_id: int, timezone: str, now: datetime) -> Subscriber | None:
        return await self._choose(chat_id, now, timezone=timezone)

    async def source_choices(self, chat_id: int) -> Choices:
        async with self._database.read() as conn:
            return (await sources.choices_of(conn, [chat_id])).get(chat_id, {})

    async def choose_source(self, chat_id: int, source: str, choice: SourceChoice | None) -> Choices:
        async with self._database.write() as conn:
            if await chats.subscriber(conn, chat_id):
                await sources.choose(conn, chat_id, source, choice)
            return (await sources.choices_of(conn, [chat_id])).get(chat_id, {})

    async def keywords(self, chat_id: int) -> Mapping[int, str]:
        async with self._database.read() as conn:
            return await keywords.keywords_of(conn, chat_id)

    async def add_keyword(self, chat_id: int, term: str, at_most: int, now: datetime) -> bool:
        async with self._database.write() as conn:
            known = await chats.subscriber(conn, chat_id)
            return known is not None and await keywords.add_keyword(conn, chat_id, term, at_most, now)

    async def drop_keyword(self, chat_id: int, keyword_id: int) -> None:
        async with self._database.write() as conn:
            await keywords.drop_keyword(conn, chat_id, keyword_id)

    async def recent_texts(
        self, since: datetime, *, before: int | None, limit: int
    ) -> Sequence[tuple[int, Mention, Text]]:
        async with self._database.read() as conn:
            return await keywords.recent_texts(conn, since, before, limit)

    async def standing(self, chat_id: int, now: datetime) -> Standing | None:
        async with self._database.read() as conn:
            who = await chats.subscriber(conn, chat_id)
            return await chats.standing(conn, who, now) if who else None

    async def latest_alerts(self, topics: Sequence[str], *, limit: int, before: int | None = None) -> tuple[Alert, ...]:
        async with self._database.read() as conn:
            return await alerts.latest(conn, topics, limit, before)

    async def search(
        self, words: Sequence[str], *, limit: int, before: int | None = None
    ) -> Sequence[tuple[Item, int | None]]:
        async with self._database.read() as conn:
            return await search.find_items(conn, words, limit, before)

    async def trace_alert(self, chat_id: int, alert_id: int) -> Trace | None:
        async with self._database.read() as conn:
            found = await conn.execute(
                select(item).join(alert, alert.c.item_id == item.c.id).where(alert.c.id == alert_id)
            )
            row = found.one_or_none()
            trace = await _trace(conn, chat_id, items.read_item(row), alert_id) if row else None
            return trace if trace and trace.alert else None

    async def trace_url(self, chat_id: int, url: str) -> Trace | None:
        async with self._database.read() as conn:
            found = await items.items_at(conn, self._canonical(url))
            if not found:
                return None
            told = await conn.execute(
                select(alert.c.id)
                .join(story_item, story_item.c.story_id == alert.c.story_id)
                .where(story_item.c.item_id == found[0].id)
            )
            return await _trace(conn, chat_id, found[0], told.scalar_one_or_none())

    async def vote(
        self, chat_id: int, person_id: int, alert_id: int, thumb: int, now: datetime, update_id: int
    ) -> int | None:
        async with self._database.write() as conn:
            if not await votes.was_addressed(conn, chat_id, alert_id):
                return None
            await updates.mark_handled(conn, update_id, now)
            return await votes.press(conn, alert_id, person_id, thumb, now)

    async def overview(self, now: datetime) -> Overview:
        async with self._database.read() as conn:
            return await overview(conn, now)

    async def personal_data(self, chat_id: int) -> Mapping[str, object] | None:
        async with self._database.read() as conn:
            return await chats.personal_data(conn, chat_id)

    async def erase(self, chat_id: int) -> Erasure:
        async with self._database.write() as conn:
            await chats.erase(conn, chat_id)
        await self._database.forget_pages()
        days = await still_holding(self._database, chat_id)
        return Erasure(days, days[-1] + self._backups_kept if days else None)

    async def _set_state(self, chat_id: int, state: ChatState, cause: str, now: datetime) -> Subscriber | None:
        async with self._database.write() as conn:
            await chats.set_state(conn, chat_id, state, cause, now)
            return await chats.subscriber(conn, chat_id)

    async def _choose(self, chat_id: int, now: datetime, **values: object) -> Subscriber | None:
        """A choice about when may make what waits due sooner: it is looked at again at once."""
        async with self._database.write() as conn:
            if await chats.set_chat(conn, chat_id, **values):
                await chats.reconsider(conn, chat_id, now)
            return await chats.subscriber(conn, chat_id)


async def _known(conn: AsyncConnection, chat_id: int) -> Subscriber:
    who = await chats.subscriber(conn, chat_id)
    if who is None:
        msg = "a chat that was just written is not there"
        raise LookupError(msg)
    return who


async def _trace(conn: AsyncConnection, chat_id: int, told: Item | None, alert_id: int | None) -> Trace:
    if alert_id is None:
        return Trace(told, None, None)
    found = await conn.execute(
        select(delivery.c.state, delivery.c.reason, delivery.c.keywords).where(
            delivery.c.alert_id == alert_id, delivery.c.chat_id == chat_id
        )
    )
    row = found.one_or_none()
    whole = await alerts.alerts_by_id(conn, [alert_id])
    if row is None:
        ours = whole[alert_id] if whole[alert_id].topics else None  # what only others' keywords told is not ours
        chosen = (await sources.choices_of(conn, [chat_id])).get(chat_id, {})
        return Trace(told, ours, None, muted=ours is not None and is_muted(ours, chosen))
    owed = replace(whole[alert_id], keywords=tuple(row.keywords))
    return Trace(told, owed, DeliveryState(row.state), row.reason)
