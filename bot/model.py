"""The words everyone shares: feeds, entries, items, matches, stories, alerts, deliveries, messages.

Plain frozen data, no behaviour beyond a property; every room imports this one, and this one imports nothing of ours.
Instants are aware UTC datetimes and end in `_at`; durations are `timedelta`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class SourceClass(StrEnum):
    """Who speaks in a feed; shown to subscribers beside the outlet."""

    PRESS = "press"
    GOVERNMENT = "government"
    MUNICIPAL = "municipal"
    UNION = "union"
    EMPLOYER = "employer"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed as a person wrote it in feeds.yaml (or an admin in the chat)."""

    id: str  # a slug that never changes
    url: str
    outlet: str
    language: str  # "fr" or "en"
    source_class: SourceClass = SourceClass.PRESS
    every: timedelta | None = None  # None: the bot follows the feed's own rhythm
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a fetched document, as plain text; what `feeds/parse` returns.

    `title`, `summary` and `body` hold no markup and no entities. `body` is the feed's full content where it gives one
    beyond the summary, else "". `published_at` is the publisher's claim and may be wrong.
    """

    title: str
    link: str | None = None
    guid: str | None = None
    summary: str = ""
    body: str = ""
    published_at: datetime | None = None
    language: str | None = None
    author: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """What the matcher reads. `lang` None: told from the text itself."""

    title: str
    summary: str = ""
    body: str = ""
    lang: str | None = None
    source: str = ""


class Field(StrEnum):
    TITLE = "title"
    SUMMARY = "summary"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Reason:
    """One term that counted for a topic: `text` is what stands at `start:end` (characters) in that field."""

    topic: str
    term: str
    field: Field
    text: str
    weight: float
    start: int
    end: int
    group: str = "strong"  # strong, weak, against, never


@dataclass(frozen=True, slots=True)
class Verdict:
    """One topic's outcome for one item. `lacking` says in catalogue-key form what a near miss would have needed."""

    topic: str
    score: float
    threshold: float
    flagged: bool
    reasons: tuple[Reason, ...] = ()
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality, MRC or region an item is about."""

    name: str
    kind: str  # municipality, mrc, region
    region: str
    text: str = ""  # the words found


@dataclass(frozen=True, slots=True)
class Matched:
    """Everything the matcher says of one item; verdicts cover every topic that had at least one reason."""

    verdicts: tuple[Verdict, ...]
    places: tuple[Place, ...]
    lang: str

    @property
    def topics(self) -> tuple[str, ...]:
        """Flagged topic ids, strongest first."""
        flagged = [verdict for verdict in self.verdicts if verdict.flagged]
        return tuple(v.topic for v in sorted(flagged, key=lambda v: (-v.score / v.threshold, v.topic)))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of the flagged topics."""
        return tuple(reason for verdict in self.verdicts if verdict.flagged for reason in verdict.reasons)


class Fate(StrEnum):
    """Why an item became an alert or not. Every "no" has a name, is stored and can be shown."""

    ALERTED = "alerted"
    GREW = "grew"  # joined a story that was already told
    PRIMED = "primed"  # stood in the feed before we first read it
    STALE = "stale"  # its own date says it is old
    NO_TOPIC = "no_topic"
    BELOW = "below"  # some reasons, under the threshold


@dataclass(frozen=True, slots=True)
class Item:
    """An entry that was unseen, with what was decided about it; `id` is 0 until stored."""

    id: int
    feed_id: str
    outlet: str
    source_class: SourceClass
    key: str
    url: str
    title: str
    summary: str
    body: str
    lang: str
    published_at: datetime | None
    found_at: datetime
    fate: Fate
    verdicts: tuple[Verdict, ...] = ()
    places: tuple[Place, ...] = ()
    digest: str = ""  # the summary we would send
    paywalled: bool = False  # its page said that only subscribers read all of it
    machine_written: bool = False  # the digest


@dataclass(frozen=True, slots=True)
class Mention:
    """An outlet that carries a story, as a message names it."""

    outlet: str
    source_class: SourceClass
    title: str
    url: str
    published_at: datetime | None
    found_at: datetime
    summary: str = ""  # what it says when it speaks for the story
    lang: str = "fr"
    paywalled: bool = False  # only subscribers read all of it
    machine_written: bool = False  # the summary


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told about one story: the first item speaks, later ones are named. `topics` strongest first."""

    id: int
    story_id: int
    title: str
    url: str
    summary: str
    lang: str
    topics: tuple[str, ...]
    reasons: tuple[Reason, ...]
    score: float  # of the strongest topic, in thresholds
    mentions: tuple[Mention, ...]  # the speaking item first
    raised_at: datetime
    keywords: tuple[str, ...] = ()  # the reading chat's own, that brought it there


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"


class ChatState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # the person asked; alerts wait and come as one message
    STOPPED = "stopped"  # the person left; nothing is addressed
    BLOCKED = "blocked"  # Telegram said 403; subscriptions are kept


@dataclass(frozen=True, slots=True)
class TopicRhythm:
    """When one topic is told, where it differs from the rest of its chat. No `digest_hours`: at once."""

    topic: str
    digest_hours: tuple[time, ...] = ()
    digest_weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a chat wants to hear. No `digest_hours`: at once. Times are local in the chat's zone."""

    digest_hours: tuple[time, ...] = ()
    digest_weekdays: tuple[int, ...] = ()  # 0 = Monday; empty: every day
    quiet_from: time | None = None
    quiet_to: time | None = None
    days_off: tuple[int, ...] = ()
    silent_when_quiet: bool = False  # deliver in quiet hours, without a sound
    hourly_ceiling: int = 0  # alerts an hour before the rest waits; 0: none
    topics: tuple[TopicRhythm, ...] = ()  # those told at other times; the quiet of the chat holds for them too


@dataclass(frozen=True, slots=True)
class Chat:
    """A place alerts go to. `name` never holds a person's name; it is the title of a group or channel."""

    id: int
    kind: ChatKind = ChatKind.PRIVATE
    language: str = "fr"
    state: ChatState = ChatState.ACTIVE
    timezone: str = "America/Toronto"
    rhythm: Rhythm = Rhythm()


class DeliveryState(StrEnum):
    """The life of a delivery, written in this one place.

    pending → sending (committed before the call) → sent
                                                  → pending again (surely not received; `attempts` + 1)
                                                  → uncertain (answer lost; retried once) → sent
                                                  → dead (Telegram will never take it)
    pending → dropped (a named reason: stopped, erased, merged …)
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEAD = "dead"
    DROPPED = "dropped"


# What every view of the queue shows: the rest is done.
QUEUE = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert owed to one chat. UNIQUE (alert, chat)."""

    id: int
    alert: Alert
    chat: Chat
    thread_id: int
    state: DeliveryState
    attempts: int
    not_before: datetime
    plain: bool = False  # an earlier try said "can't parse entities"
    lost: int = 0  # earlier calls whose answer was lost: copies that may already stand in the chat
    followed: tuple[str, ...] = ()  # the alert's topics that the chat follows; only where its rhythm names topics


@dataclass(frozen=True, slots=True)
class Button:
    """`data` is opaque callback data (≤ 64 bytes); `url` opens a page. Exactly one is set."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent in one call: Telegram HTML, its plain twin, and the deliveries it settles."""

    html: str
    plain: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    preview_url: str | None = None
    silent: bool = False
    delivery_ids: tuple[int, ...] = ()
    reply_to: int = 0  # the message of the same chat it answers; 0: none


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: int


@dataclass(frozen=True, slots=True)
class NotReceived:
    """Surely not received (refused, DNS, connect timeout, 429): try again. `for_all`: the whole token must wait."""

    cause: str
    retry_after: timedelta | None = None
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """Perhaps received (dropped, read timeout, broken JSON, HTML 502, 5xx)."""

    cause: str


@dataclass(frozen=True, slots=True)
class ChatGone:
    """403 kinds (blocked, kicked, deactivated): the chat pauses, its subscriptions stay."""

    cause: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """The group became a supergroup."""

    to_chat_id: int


@dataclass(frozen=True, slots=True)
class CannotParse:
    """Telegram refused our entities: send the plain twin."""

    cause: str


@dataclass(frozen=True, slots=True)
class ThreadGone:
    """The forum topic was deleted: send to General."""

    cause: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will never take this (chat not found, too long after cutting, bad request)."""

    cause: str


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """401/404 on the token: stop sending, keep the queue, say it once."""

    cause: str


Outcome = Sent | NotReceived | AnswerLost | ChatGone | Migrated | CannotParse | ThreadGone | Refused | Unauthorised


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A feed as /etat shows it. `not_modified` counts polls that brought no new byte (304, or the same body).

    `parse_seconds`: of the last body read. `week_*`: new items of the last seven days, those of the first reading left
    out. `pushed_until`: its hub pushes news to us until then; None: it is only polled.
    """

    id: str
    outlet: str
    url: str
    enabled: bool
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime
    failures: int
    cause: str  # a catalogue key, "" when well
    interval: timedelta
    interval_why: str  # a catalogue key
    polls: int
    not_modified: int
    bytes_read: int
    parse_seconds: float
    items_total: int
    items_matched: int
    cause_detail: str = ""
    gone_at: datetime | None = None  # the publisher turned it off (410)
    merged_into: str | None = None  # it moved onto this feed's address
    week_items: int = 0
    week_matched: int = 0
    pushes: int = 0
    pushed_until: datetime | None = None

    @property
    def unchanged_share(self) -> float | None:
        """Of the polls, those that brought nothing; None before the first."""
        return self.not_modified / self.polls if self.polls else None

    @property
    def matched_share(self) -> float | None:
        """Of the week's new items, those that a topic flagged; None when there was none."""
        return self.week_matched / self.week_items if self.week_items else None


@dataclass(frozen=True, slots=True)
class Counts:
    """What the metrics show of the database: its size does not grow with the feeds."""

    feeds: Mapping[str, int]  # well, failing, disabled
    causes: Mapping[str, int]  # of the failing
    chats: Mapping[str, int]  # by state
    queue: Mapping[str, int]  # deliveries by state
    oldest_due_at: datetime | None
    subscriptions: Mapping[str, int]  # by topic
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """What /etat shows an admin: counts, never a person."""

    feeds: tuple[FeedHealth, ...]
    chats: Mapping[str, int]  # by state
    queue: Mapping[str, int]  # deliveries by state
    oldest_due_at: datetime | None
    alerts_today: int
    items_today: int
    uncertain_total: int
    taken_at: datetime
    subscriptions: Mapping[str, int] = field(default_factory=dict)  # by topic

    @property
    def failing(self) -> tuple[FeedHealth, ...]:
        """Feeds that are on and whose last poll failed, the most failures in a row first."""
        ill = (feed for feed in self.feeds if feed.enabled and feed.failures)
        return tuple(sorted(ill, key=lambda feed: (-feed.failures, feed.id)))


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
class Erasure:
    """What is left of an erased chat: the days of the backups that hold it, and when the last of them is deleted."""

    backups: tuple[date, ...] = ()
    gone_on: date | None = None


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
    muted: bool = False  # the chat muted every source that carries it


class NoticeKind(StrEnum):
    """What an operator is told of; the words are `notice.<kind>_opened` and `notice.<kind>_closed`."""

    FEED_FAILING = "feed_failing"  # subject: the feed's id
    FEED_GONE = "feed_gone"  # subject: the feed's id; over when a person changes the file
    CONFIG_REFUSED = "config_refused"
    CONFIG_DIFFERS = "config_differs"  # subject: the machine; forgotten after a day, and told again while it lasts
    STORE_FAILING = "store_failing"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 (a name)
    TOKEN_SHARED = "token_shared"  # noqa: S105 (a name)
    DELIVERY_REFUSED = "delivery_refused"  # subject: the cause; forgotten after a day
    THREAD_LOST = "thread_lost"  # forgotten after a day
    UNEXPECTED = "unexpected"  # subject: loop and kind of error; forgotten after a day


@dataclass(frozen=True, slots=True)
class Notice:
    """Something an operator should act on, or hear the end of. At most one is open per kind and subject.

    `values` fill the sentence. `closed_at` None: it lasts.
    """

    id: int
    kind: NoticeKind
    subject: str
    values: Mapping[str, str]
    opened_at: datetime
    closed_at: datetime | None = None
