"""Facts, past tense, emitted after their commit; `app.react` logs, counts and for a few of them acts.

A lost event costs seconds, never an alert: everything that matters is already in the tables.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FeedPolled:
    feed_id: str
    outcome: str  # not_modified, same_body, read, primed, pushed; taken: another process has the feed by now
    new_items: int
    bytes_read: int
    fetch_seconds: float
    parse_seconds: float
    match_seconds: tuple[float, ...] = ()  # of each new item


@dataclass(frozen=True, slots=True)
class FeedFailed:
    feed_id: str
    cause: str
    detail: str
    failures: int
    retry_in: timedelta


@dataclass(frozen=True, slots=True)
class FeedRecovered:
    feed_id: str
    after_failures: int


@dataclass(frozen=True, slots=True)
class HubVerified:
    """A hub will push this feed to us until the lease ends."""

    feed_id: str
    lease: timedelta


@dataclass(frozen=True, slots=True)
class HubFailed:
    """A hub could not be asked, refused, or brought what cannot be read; the feed is polled as usual."""

    feed_id: str
    cause: str
    detail: str


@dataclass(frozen=True, slots=True)
class ItemMatched:
    feed_id: str
    item_id: int
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemEdited:
    """The publisher changed an item's words: the same item, no new alert."""

    feed_id: str
    item_id: int


@dataclass(frozen=True, slots=True)
class StoryOpened:
    story_id: int
    item_id: int


@dataclass(frozen=True, slots=True)
class StoryGrew:
    story_id: int
    item_id: int


@dataclass(frozen=True, slots=True)
class SummaryAsked:
    """A machine was to write a summary: "written", or why the extract served. `tokens` as the endpoint counted them."""

    outcome: str
    tokens: int


@dataclass(frozen=True, slots=True)
class AlertPosted:
    """What the operator's own program made of an alert: "sent", "put_off" or "given_up"; `cause` of the last two."""

    alert_id: int
    outcome: str
    cause: str


@dataclass(frozen=True, slots=True)
class AlertRaised:
    alert_id: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class AlertSkipped:
    feed_id: str
    item_id: int
    fate: str


@dataclass(frozen=True, slots=True)
class DeliverySent:
    chat_id: int
    alerts: int
    lag: timedelta  # from the item found to the message acknowledged


@dataclass(frozen=True, slots=True)
class AlertTold:
    """Telegram took the first message that tells it; `lag` since it was published, None when no believed date says."""

    alert_id: int
    lag: timedelta | None


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message that stands names an outlet that joined since; `lag` from when it was due to Telegram's word."""

    chat_id: int
    lag: timedelta


@dataclass(frozen=True, slots=True)
class DeliveryPostponed:
    chat_id: int
    cause: str
    wait: timedelta


@dataclass(frozen=True, slots=True)
class DeliveryUncertain:
    chat_id: int
    cause: str


@dataclass(frozen=True, slots=True)
class DeliveryDied:
    chat_id: int
    cause: str


@dataclass(frozen=True, slots=True)
class SubscriberCame:
    chat_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class SubscriberGone:
    chat_id: int
    cause: str


@dataclass(frozen=True, slots=True)
class ThreadLost:
    """The forum topic that alerts went to is gone; they go to General."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class LoopFailed:
    """Something nobody expected around one feed, one chat or one update; `error` is for the log."""

    loop: str
    cause: str
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class LoopRecovered:
    """What `LoopFailed` or `TokenRefused` told with this cause is over."""

    loop: str
    cause: str


@dataclass(frozen=True, slots=True)
class TokenTaken:
    """Another process uses this token; `holder` is host/pid."""

    holder: str


@dataclass(frozen=True, slots=True)
class TokenRefused:
    cause: str


@dataclass(frozen=True, slots=True)
class ConfigReloaded:
    feeds: int
    topics: int


@dataclass(frozen=True, slots=True)
class ConfigRefused:
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfigDiffers:
    """The files of `place` are not those of `other`, which read its own last; both are names of machines."""

    place: str
    other: str


@dataclass(frozen=True, slots=True)
class ConfigAgrees:
    """What `ConfigDiffers` told is over."""

    place: str


Event = (
    FeedPolled
    | FeedFailed
    | FeedRecovered
    | HubVerified
    | HubFailed
    | ItemMatched
    | ItemEdited
    | StoryOpened
    | StoryGrew
    | SummaryAsked
    | AlertPosted
    | AlertRaised
    | AlertSkipped
    | DeliverySent
    | AlertTold
    | MessageEdited
    | DeliveryPostponed
    | DeliveryUncertain
    | DeliveryDied
    | SubscriberCame
    | SubscriberGone
    | ThreadLost
    | LoopFailed
    | LoopRecovered
    | TokenTaken
    | TokenRefused
    | ConfigReloaded
    | ConfigRefused
    | ConfigDiffers
    | ConfigAgrees
)
