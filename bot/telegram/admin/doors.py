"""What admins' screens ask of the rest of the bot: each question and each act, named by intent.

`bot/loops/office` implements `Office`; nothing here knows how. An act has committed, and holds in this process, when
its method returns. Every act sets a state and never flips one, so an update delivered twice has one effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.changes import Act, Broadcast, Change, Role, Undone
from bot.errors import Problem
from bot.model import Entry, FeedHealth, FeedSpec, Mention, Text
from bot.topics.match import Index
from bot.topics.quality import Quality
from bot.topics.topic import Topics


class Outcome(StrEnum):
    """What became of a wish to add a feed."""

    ADDED = "added"
    TWIN = "twin"
    REFUSED = "refused"


class FoundFeed(Protocol):
    """A feed that answers: where it is, what it calls itself, how many items it lists and the first few."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def total(self) -> int: ...
    @property
    def glimpse(self) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True)
class Picture:
    """How things stood at `taken_at` as a PNG, and its main numbers. `alerts`: by topic, in all of the last `days`."""

    png: bytes
    taken_at: datetime
    days: int
    alerts: Mapping[str, int]
    failing_feeds: int
    waiting: int


class Office(Protocol):
    """Everything the admins' screens call. `person_id` is who acts, `now` the instant of the update's handling."""

    # What is in use at this moment: the files with the admins' changes.
    def topics(self) -> Topics: ...
    def index(self) -> Index: ...
    def warnings(self) -> Sequence[Problem]: ...

    # What terms did. `term_hits`: in how many items since then each term of a topic counted. `recent_texts`: what was
    # read since then, newest first, with an item's number below `before`.
    async def term_hits(self, topic: str, since: datetime) -> Mapping[str, int]: ...
    async def quality(self, since: datetime) -> Quality: ...
    async def recent_texts(
        self, since: datetime, *, before: int | None, limit: int
    ) -> Sequence[tuple[int, Mention, Text]]: ...

    # The page at an address as the matcher would read it: what is stored, else fetched as any article is. Raises
    # FetchFailed.
    async def read_page(self, url: str) -> Text: ...

    # How things stand, drawn in that language with the days of that time zone; None when it cannot be drawn.
    def can_draw(self) -> bool: ...
    async def picture(self, language: str, timezone: str, now: datetime) -> Picture | None: ...

    # Feeds. `discover` and `glimpse` fetch, through the guard of any feed; both raise FetchFailed. `add_feed` gives the
    # new feed's id, or that of the feed which has this address already. `change_feed` sets keys of feeds.yaml.
    def feeds(self) -> Sequence[FeedSpec]: ...
    async def health(self, now: datetime) -> Mapping[str, FeedHealth]: ...
    async def discover(self, url: str) -> Sequence[FoundFeed]: ...
    async def glimpse(self, url: str) -> FoundFeed: ...
    async def add_feed(self, person_id: int, new: FeedSpec, now: datetime) -> tuple[str, Outcome]: ...
    async def change_feed(
        self, person_id: int, feed_id: str, values: Mapping[str, object], now: datetime
    ) -> Act | None: ...
    async def remove_feed(self, person_id: int, feed_id: str, now: datetime) -> Act | None: ...

    # Files from the chat, as the changes they would make; both raise ConfigError with every problem.
    async def read_subscriptions(self, name: str, content: bytes, language: str) -> Sequence[Change]: ...
    async def read_terms(self, name: str, content: bytes, language: str) -> Sequence[Change]: ...

    # The journal. `act`: None when everything stood like that already. `acts`: newest first, numbers below `before`.
    async def act(
        self, person_id: int, action: str, changes: Sequence[Change], now: datetime, *, why: str = ""
    ) -> Act | None: ...
    async def undo(self, act_id: int, person_id: int, now: datetime) -> Undone: ...
    async def acts(self, limit: int, before: int | None = None) -> Sequence[Act]: ...

    # A message to everybody: written, then owed to every chat that listens, until it is cancelled.
    async def draft(self, person_id: int, language: str, text: str, now: datetime) -> Broadcast: ...
    async def send(self, broadcast_id: int, person_id: int, screen_id: int, now: datetime) -> None: ...
    async def cancel(self, broadcast_id: int) -> None: ...
    async def broadcast(self, broadcast_id: int) -> Broadcast | None: ...

    # Who may do what. `ban` also stops the chat: what waits for it is dropped.
    async def admins(self) -> Sequence[tuple[int, Role]]: ...
    async def banned(self) -> Sequence[int]: ...
    async def ban(self, chat_id: int, person_id: int, now: datetime) -> Act | None: ...

    # The files are read again: the problems that keep them from being applied, none when they were.
    async def reload(self, person_id: int, now: datetime) -> Sequence[Problem]: ...

    # Both files with the changes written in, and the feeds as OPML: name and content.
    async def export(self, person_id: int, now: datetime) -> Sequence[tuple[str, bytes]]: ...
