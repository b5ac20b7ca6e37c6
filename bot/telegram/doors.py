"""What the conversation asks of the store: each question and each wish of a person, named by intent.

`bot/store` implements `StoreDoor`; nothing here knows how. Every method that changes something commits by itself before
it returns, because an update is confirmed to Telegram only after that. Every wish sets a state and never flips one, so
that an update delivered twice has one effect. A chat the store does not know gives None: the conversation then asks the
person to /start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model import Alert, Chat, ChatKind, DeliveryState, Item, Overview, Rhythm


class Topic(Protocol):
    """A topic as the chat shows it; `names` by language, "fr" always there."""

    @property
    def id(self) -> str: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def emoji(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A chat and what it follows. `topics` may name topics that no longer exist; `thread_id` 0: no forum topic."""

    chat: Chat
    topics: frozenset[str]
    came_at: datetime
    thread_id: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """`new`: the chat was unknown. `returned`: it was stopped or blocked, or had been paused."""

    subscriber: Subscriber
    new: bool
    returned: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a chat asks of itself in /etat. `waiting`: deliveries pending; `next_at`: when the first is due."""

    subscriber: Subscriber
    waiting: int
    next_at: datetime | None
    sent_7_days: int
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Why an article came to a chat, or did not: the item with its verdicts, the alert it made or joined, the delivery.

    `delivery` None: nothing was addressed to this chat. `cause` is a catalogue key's last part for a dropped or waiting
    delivery ("stopped", "erased", "merged", "quiet_hours" …), "" otherwise. `item` None: its text was pruned since.
    """

    item: Item | None
    alert: Alert | None
    delivery: DeliveryState | None
    cause: str = ""


class StoreDoor(Protocol):
    """Everything the conversation calls. `now` is the instant of the update's handling, aware UTC."""

    # An update is handled once: asked before the handler, marked after its answer.
    async def update_seen(self, update_id: int) -> bool: ...
    async def mark_update(self, update_id: int, now: datetime) -> None: ...

    # Coming and going. `arrive` makes the chat active whatever it was, keeps its topics and choices, and takes `name`
    # (a group's title, "" in private) and `thread_id`; `language` counts only for a chat that is new.
    async def arrive(
        self, chat_id: int, kind: ChatKind, language: str, now: datetime, *, name: str = "", thread_id: int = 0
    ) -> Arrival: ...
    async def subscriber(self, chat_id: int) -> Subscriber | None: ...
    async def pause(self, chat_id: int, now: datetime) -> Subscriber | None: ...
    async def resume(self, chat_id: int, now: datetime) -> Subscriber | None: ...

    # `leave`: stopped, what waits is dropped ("stopped"), topics stay for a return. `lost`: Telegram says we were
    # blocked or removed: blocked, topics stay. `found`: we were let in again: active if it was blocked, else unchanged.
    async def leave(self, chat_id: int, now: datetime) -> Subscriber | None: ...
    async def lost(self, chat_id: int, cause: str, now: datetime) -> None: ...
    async def found(self, chat_id: int, now: datetime) -> Subscriber | None: ...

    # The group became a supergroup: every row follows; when the new id is known already, nothing is doubled.
    async def migrate(self, old_chat_id: int, new_chat_id: int, now: datetime) -> None: ...

    # Choices.
    async def follow(self, chat_id: int, topic: str, now: datetime) -> Subscriber | None: ...
    async def unfollow(self, chat_id: int, topic: str, now: datetime) -> Subscriber | None: ...
    async def set_language(self, chat_id: int, language: str, now: datetime) -> Subscriber | None: ...
    async def set_rhythm(self, chat_id: int, rhythm: Rhythm, now: datetime) -> Subscriber | None: ...
    async def set_timezone(self, chat_id: int, timezone: str, now: datetime) -> Subscriber | None: ...

    # Reading. `latest_alerts`: newest first, of any of `topics`, with an id below `before` when given.
    async def standing(self, chat_id: int, now: datetime) -> Standing | None: ...
    async def latest_alerts(
        self, topics: Sequence[str], *, limit: int, before: int | None = None
    ) -> tuple[Alert, ...]: ...
    async def trace_alert(self, chat_id: int, alert_id: int) -> Trace | None: ...
    async def trace_url(self, chat_id: int, url: str) -> Trace | None: ...
    async def overview(self, now: datetime) -> Overview: ...

    # The person's own data: everything we hold, as JSON can write it; and erased for good, outbox rows included.
    async def personal_data(self, chat_id: int) -> Mapping[str, object] | None: ...
    async def erase(self, chat_id: int) -> None: ...
