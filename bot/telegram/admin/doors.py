"""What admins' screens ask of the rest of the bot: each question and each act, named by intent.

`bot/loops/office` implements `Office`; nothing here knows how. An act has committed, and holds in this process, when
its method returns. Every act sets a state and never flips one, so an update delivered twice has one effect.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.changes import Act, Change, Role, Undone
from bot.errors import Problem
from bot.model import Mention, Text
from bot.topics.match import Index
from bot.topics.quality import Quality
from bot.topics.topic import Topics


class Office(Protocol):
    """Everything the admins' screens call. `person_id` is who acts, `now` the instant of the update's handling."""

    # What is in use at this moment: the files with the admins' changes.
    def topics(self) -> Topics: ...
    def index(self) -> Index: ...

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

    # The journal. `act`: None when everything stood like that already. `acts`: newest first, numbers below `before`.
    async def act(
        self, person_id: int, action: str, changes: Sequence[Change], now: datetime, *, why: str = ""
    ) -> Act | None: ...
    async def undo(self, act_id: int, person_id: int, now: datetime) -> Undone: ...
    async def acts(self, limit: int, before: int | None = None) -> Sequence[Act]: ...

    # Who may do what. `ban` also stops the chat: what waits for it is dropped.
    async def admins(self) -> Sequence[tuple[int, Role]]: ...
    async def banned(self) -> Sequence[int]: ...
    async def ban(self, chat_id: int, person_id: int, now: datetime) -> Act | None: ...

    # The files are read again: the problems that keep them from being applied, none when they were.
    async def reload(self, person_id: int, now: datetime) -> Sequence[Problem]: ...

    # Both files with the changes written in, and the feeds as OPML: name and content.
    async def export(self, person_id: int, now: datetime) -> Sequence[tuple[str, bytes]]: ...
