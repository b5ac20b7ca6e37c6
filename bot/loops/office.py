"""What an admin asks becomes a transaction, a reload, an answer: the office behind the admins' screens.

`telegram/admin/doors.Office` says what each method promises. An act commits first and is applied after: were the
process killed in between, the next start or tick applies it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.changes import Act, Broadcast, Change, ChangeKind, Role, Undone
from bot.config import Config, merged_files
from bot.errors import ConfigError, FetchFailed, Problem
from bot.feeds.answer import Body
from bot.feeds.discovery import Found, discover
from bot.feeds.fetch import PAGES, Fetcher
from bot.feeds.opml import free_id, read_opml, write_opml
from bot.feeds.overlay import added, change_feed, remove_feed, twin_of
from bot.feeds.parse import Parser
from bot.loops.easel import Easel
from bot.model import ChatState, FeedHealth, FeedSpec, Mention, Text
from bot.store import broadcasts, changes, chats, feeds, items, keywords, quality
from bot.store.database import Database
from bot.telegram.admin.doors import Outcome, Picture
from bot.text.urls import canonical_url
from bot.topics.file import load_topics
from bot.topics.match import Index
from bot.topics.overlay import changes_between
from bot.topics.quality import Quality, hits_of, quality_of
from bot.topics.topic import Topics

BANNED = {"banned": True}
LOOKED_AT = 40  # entries of a feed that are looked at before it is added


@dataclass(frozen=True, slots=True)
class Office:
    """`config` gives the one in use; `follow` makes it follow the overlay; `read_again` reads the files in `folder`."""

    database: Database
    folder: Path
    config: Callable[[], Config]
    follow: Callable[[], Awaitable[None]]
    read_again: Callable[[], Awaitable[tuple[Problem, ...]]]
    fetcher: Fetcher
    parser: Parser
    easel: Easel

    def topics(self) -> Topics:
        return self.config().topics

    def index(self) -> Index:
        return self.config().index

    def warnings(self) -> Sequence[Problem]:
        return self.config().warnings

    async def term_hits(self, topic: str, since: datetime) -> Mapping[str, int]:
        async with self.database.read() as conn:
            return hits_of(await quality.verdicts_since(conn, topic, since), topic)

    async def quality(self, since: datetime) -> Quality:
        async with self.database.read() as conn:
            return quality_of(await quality.judged_since(conn, since))

    async def recent_texts(
        self, since: datetime, *, before: int | None, limit: int
    ) -> Sequence[tuple[int, Mention, Text]]:
        async with self.database.read() as conn:
            return await keywords.recent_texts(conn, since, before, limit)

    async def read_page(self, url: str) -> Text:
        async with self.database.read() as conn:
            stored = await items.items_at(conn, canonical_url(url))
        if stored:
            return Text(stored[0].title, stored[0].summary, stored[0].body, stored[0].lang, stored[0].outlet)
        page = await self.fetcher.get(url, accept=PAGES)
        if not isinstance(page, Body):
            raise FetchFailed("bad_answer")
        article = await self.parser.article(page.content, page.url)
        return Text(article.title, body=article.text)

    def can_draw(self) -> bool:
        return self.easel.installed

    async def picture(self, language: str, timezone: str, now: datetime) -> Picture | None:
        return await self.easel.picture(language, timezone, now)

    def feeds(self) -> Sequence[FeedSpec]:
        return self.config().feeds.feeds

    async def health(self, now: datetime) -> Mapping[str, FeedHealth]:
        async with self.database.read() as conn:
            return {one.id: one for one in await feeds.feeds_health(conn, now)}

    async def discover(self, url: str) -> Sequence[Found]:
        return await discover(url, self.fetcher, self.parser)

    async def glimpse(self, url: str) -> Found:
        answer = await self.fetcher.get(url)
        if not isinstance(answer, Body):
            raise FetchFailed("bad_answer")
        document = await self.parser.parse(answer.content, answer.content_type, answer.url)
        at = answer.permanent_url or url
        return Found(at, document.title, document.language, document.total, document.entries[:LOOKED_AT])

    async def add_feed(self, person_id: int, new: FeedSpec, now: datetime) -> tuple[str, Outcome]:
        if twin := twin_of(new, self.feeds()):
            return twin, Outcome.TWIN
        named = replace(new, id=free_id(new.outlet, {feed.id for feed in self.feeds()}))
        await self.act(person_id, "feed_added", [added(named)], now)
        in_use = any(feed.id == named.id for feed in self.feeds())
        return named.id, Outcome.ADDED if in_use else Outcome.REFUSED

    async def change_feed(
        self, person_id: int, feed_id: str, values: Mapping[str, object], now: datetime
    ) -> Act | None:
        async with self.database.read() as conn:
            standing = await changes.overlay(conn)
        set_before = next(
            (one.after for one in standing if one.kind is ChangeKind.FEED and one.subject == feed_id), None
        )
        return await self.act(person_id, "feed_changed", [change_feed(feed_id, {**(set_before or {}), **values})], now)

    async def remove_feed(self, person_id: int, feed_id: str, now: datetime) -> Act | None:
        return await self.act(person_id, "feed_removed", [remove_feed(feed_id)], now)

    async def read_subscriptions(self, name: str, content: bytes, language: str) -> Sequence[Change]:
        known = self.feeds()
        specs = await read_opml(content, name, language, self.parser, {feed.id for feed in known})
        wanted: list[FeedSpec] = []
        for spec in specs:
            if not twin_of(spec, [*known, *wanted]):
                wanted.append(spec)
        return [added(spec) for spec in wanted]

    async def read_terms(self, name: str, content: bytes, language: str) -> Sequence[Change]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / (Path(name).name or "topics.yaml")
            file.write_bytes(content)
            return changes_between(self.topics(), load_topics(file, language))

    async def act(
        self, person_id: int, action: str, wanted: Sequence[Change], now: datetime, *, why: str = ""
    ) -> Act | None:
        async with self.database.write() as conn:
            done = await changes.record(conn, person_id, action, wanted, now, why=why)
        await self.follow()
        return done

    async def undo(self, act_id: int, person_id: int, now: datetime) -> Undone:
        async with self.database.write() as conn:
            undone = await changes.undo(conn, act_id, person_id, now)
        await self.follow()
        return undone

    async def acts(self, limit: int, before: int | None = None) -> Sequence[Act]:
        async with self.database.read() as conn:
            return await changes.acts(conn, limit, before)

    async def draft(self, person_id: int, language: str, text: str, now: datetime) -> Broadcast:
        async with self.database.write() as conn:
            return await broadcasts.draft(conn, person_id, language, text, now)

    async def send(self, broadcast_id: int, person_id: int, screen_id: int, now: datetime) -> None:
        async with self.database.write() as conn:
            if await broadcasts.send(conn, broadcast_id, screen_id, now):
                await changes.note(conn, person_id, "broadcast", now)

    async def cancel(self, broadcast_id: int) -> None:
        async with self.database.write() as conn:
            await broadcasts.cancel(conn, broadcast_id)

    async def broadcast(self, broadcast_id: int) -> Broadcast | None:
        async with self.database.read() as conn:
            return await broadcasts.broadcast_by_id(conn, broadcast_id)

    async def admins(self) -> Sequence[tuple[int, Role]]:
        async with self.database.read() as conn:
            return await changes.admins(conn)

    async def banned(self) -> Sequence[int]:
        async with self.database.read() as conn:
            return await changes.banned(conn)

    async def ban(self, chat_id: int, person_id: int, now: datetime) -> Act | None:
        async with self.database.write() as conn:
            await chats.set_state(conn, chat_id, ChatState.STOPPED, "banned", now)
            return await changes.record(conn, person_id, "banned", [Change(ChangeKind.BAN, str(chat_id), BANNED)], now)

    async def reload(self, person_id: int, now: datetime) -> Sequence[Problem]:
        problems = await self.read_again()
        if not problems:
            await self._note(person_id, "reloaded", now)
        return problems

    async def export(self, person_id: int, now: datetime) -> Sequence[tuple[str, bytes]]:
        config = self.config()
        files = [("feeds.opml", write_opml(config.feeds.feeds))]
        with suppress(ConfigError):  # a file is broken at this moment: the feeds in use still can be had
            files += [(name, text.encode()) for name, text in merged_files(self.folder, config).items()]
        await self._note(person_id, "exported", now)
        return files

    async def _note(self, person_id: int, action: str, now: datetime) -> None:
        async with self.database.write() as conn:
            await changes.note(conn, person_id, action, now)
