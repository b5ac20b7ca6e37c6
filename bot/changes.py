"""What admins changed in the chat, and who they are: the words of the overlay and of its journal.

A change says what one subject was and is: a term of a topic, a feed, a person's role, a chat's ban. An act is what one
person did at once, with all its changes; undoing it is another act. What stands is the last change of each subject,
laid over the files of config/ and never written into them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Each may do what the ones before it may. Owners are named in GUETTEUR_ADMINS and nowhere else."""

    EDITOR = "editor"  # terms
    ADMIN = "admin"  # feeds, broadcasts, bans, newcomers
    OWNER = "owner"  # other admins

    def reaches(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        ranks = tuple(Role)
        return ranks.index(self) >= ranks.index(needed)


class ChangeKind(StrEnum):
    """What a change is about, and so what its `subject` names."""

    TERM = "term"  # "topic:term"; a value holds group and weight, or removed
    FEED = "feed"  # a feed's id; a value holds keys of feeds.yaml, or removed
    ADMIN = "admin"  # a person's number; a value holds role
    BAN = "ban"  # a chat's number; a value holds banned


CONFIG_KINDS = (ChangeKind.TERM, ChangeKind.FEED)  # what is laid over the files
NEEDED = {
    ChangeKind.TERM: Role.EDITOR,
    ChangeKind.FEED: Role.ADMIN,
    ChangeKind.ADMIN: Role.OWNER,
    ChangeKind.BAN: Role.ADMIN,
}
REMOVED: Mapping[str, object] = {"removed": True}


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` as JSON can write them; None: as the files have it, or no such role or ban."""

    kind: ChangeKind
    subject: str
    after: Mapping[str, object] | None
    before: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """`action` is the last part of a catalogue key; `undoes` the act this one took back."""

    id: int
    action: str
    person_id: int
    at: datetime
    why: str
    changes: tuple[Change, ...]
    undoes: int | None = None
    undone_at: datetime | None = None

    @property
    def needed(self) -> Role:
        """The role it takes to undo this."""
        return max((NEEDED[change.kind] for change in self.changes), key=tuple(Role).index, default=Role.OWNER)


class Undone(StrEnum):
    """What became of a wish to undo."""

    DONE = "done"
    ALREADY = "already"
    OVERTAKEN = "overtaken"  # one of its subjects was changed again since
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the store knows of who writes: a role given by an owner, and whether they or the chat are banned."""

    role: Role | None = None
    banned: bool = False


class BroadcastState(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A message to every chat that listens. `waiting`, `sent`, `failed`, `uncertain`: chats, counted.

    `screen_id`: the message in the admin's own chat that shows all this; 0 before it is confirmed.
    """

    id: int
    person_id: int
    language: str
    text: str
    state: BroadcastState
    screen_id: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.sent + self.failed + self.uncertain
