"""Facts and counts → numbers Prometheus can read at /metrics.

Labels hold kinds, never a feed, a chat or an address: their number stays small however large the bot grows, and nothing
in them is about a person. Names follow Prometheus's own advice: base units, `_total` for what only grows.
"""

from datetime import timedelta
from typing import Final, assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.events import (
    AlertPosted,
    AlertRaised,
    AlertSkipped,
    AlertTold,
    ConfigAgrees,
    ConfigDiffers,
    ConfigRefused,
    ConfigReloaded,
    DeliveryDied,
    DeliveryPostponed,
    DeliverySent,
    DeliveryUncertain,
    Event,
    FeedFailed,
    FeedPolled,
    FeedRecovered,
    HubFailed,
    HubVerified,
    ItemEdited,
    ItemMatched,
    LoopFailed,
    LoopRecovered,
    MessageEdited,
    StoryGrew,
    StoryOpened,
    SubscriberCame,
    SubscriberGone,
    SummaryAsked,
    ThreadLost,
    TokenRefused,
    TokenTaken,
)
from bot.model import Counts

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
FETCH_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
MATCH_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5)
PARSE_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 10)
PUBLICATION_SECONDS: Final = (30, 60, 120, 300, 600, 1200, 1800, 3600, 2 * 3600, 6 * 3600, 24 * 3600)
LAG_SECONDS: Final = (0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600, 6 * 3600, 24 * 3600)

REGISTRY: Final = CollectorRegistry()

polls = Counter("guetteur_polls", "Polls by outcome.", ["outcome"], registry=REGISTRY)
poll_failures = Counter("guetteur_poll_failures", "Failed polls by cause.", ["cause"], registry=REGISTRY)
recoveries = Counter("guetteur_feed_recoveries", "Feeds that answered again.", registry=REGISTRY)
hubs = Counter("guetteur_hubs", "Requests to hubs (WebSub), by outcome.", ["outcome"], registry=REGISTRY)
read_bytes = Counter("guetteur_read_bytes", "Bytes of feeds, decoded.", registry=REGISTRY)
fetch_seconds = Histogram("guetteur_fetch_seconds", "Time to fetch a feed.", buckets=FETCH_SECONDS, registry=REGISTRY)
parse_seconds = Histogram(
    "guetteur_parse_seconds", "Time to parse a feed that changed.", buckets=PARSE_SECONDS, registry=REGISTRY
)
match_seconds = Histogram(
    "guetteur_match_seconds", "Time to read an item against all terms.", buckets=MATCH_SECONDS, registry=REGISTRY
)
new_items = Counter("guetteur_new_items", "Items seen for the first time.", registry=REGISTRY)
matches = Counter("guetteur_matches", "Items flagged, by topic.", ["topic"], registry=REGISTRY)
skips = Counter("guetteur_skips", "Items not told, by fate.", ["fate"], registry=REGISTRY)
edits = Counter("guetteur_item_edits", "Items whose publisher changed the words.", registry=REGISTRY)
stories = Counter("guetteur_stories", "Stories opened, and reports that joined one.", ["what"], registry=REGISTRY)
machine_summaries = Counter(
    "guetteur_machine_summaries", "Summaries to be written by a machine, by outcome.", ["outcome"], registry=REGISTRY
)
machine_tokens = Counter("guetteur_machine_tokens", "Tokens the endpoint counted.", registry=REGISTRY)
alerts = Counter("guetteur_alerts", "Alerts raised.", registry=REGISTRY)
posts = Counter("guetteur_posts", "Alerts posted to the operator's program.", ["outcome"], registry=REGISTRY)
addressed = Counter("guetteur_deliveries", "Deliveries addressed.", registry=REGISTRY)
sends = Counter("guetteur_sends", "Messages by what became of them.", ["outcome"], registry=REGISTRY)
told = Counter("guetteur_alerts_told", "Alerts in the messages that arrived.", registry=REGISTRY)
lag_seconds = Histogram(
    "guetteur_lag_seconds", "From an alert raised to its message acknowledged.", buckets=LAG_SECONDS, registry=REGISTRY
)
publication_lag_seconds = Histogram(
    "guetteur_publication_lag_seconds",
    "From the publication of a story to its first message acknowledged, where a publisher says when that was.",
    buckets=PUBLICATION_SECONDS,
    registry=REGISTRY,
)
undated = Counter("guetteur_alerts_undated", "Alerts told whose publishers give no date to believe.", registry=REGISTRY)
message_edits = Counter("guetteur_message_edits", "Messages that name one more outlet since.", registry=REGISTRY)
pace_seconds = Histogram(
    "guetteur_pace_seconds", "Time a message waits for Telegram's pace.", buckets=LAG_SECONDS, registry=REGISTRY
)
floods = Counter("guetteur_floods", "Times Telegram asked us to wait (429).", registry=REGISTRY)
postponed_seconds = Counter("guetteur_postponed_seconds", "Seconds that refused sends wait.", registry=REGISTRY)
chat_changes = Counter("guetteur_chat_changes", "Chats that came or went.", ["what"], registry=REGISTRY)
lost_threads = Counter("guetteur_lost_threads", "Forum topics that were deleted.", registry=REGISTRY)
token_refusals = Counter("guetteur_token_refusals", "Times Telegram refused the token.", registry=REGISTRY)
token_conflicts = Counter("guetteur_token_conflicts", "Times another process held the token.", registry=REGISTRY)
loop_failures = Counter("guetteur_loop_failures", "Unexpected failures, by loop.", ["loop"], registry=REGISTRY)
loop_recoveries = Counter("guetteur_loop_recoveries", "Failures that ended, by loop.", ["loop"], registry=REGISTRY)
reloads = Counter("guetteur_config_reloads", "Configurations read again.", ["outcome"], registry=REGISTRY)
comparisons = Counter(
    "guetteur_config_comparisons", "Times the files began or ceased to differ.", ["outcome"], registry=REGISTRY
)
config_differs = Gauge(
    "guetteur_config_differs", "1 while this machine's files are not those another read last.", registry=REGISTRY
)

feeds = Gauge("guetteur_feeds", "Feeds by health.", ["health"], registry=REGISTRY)
failing_feeds = Gauge("guetteur_failing_feeds", "Failing feeds by cause.", ["cause"], registry=REGISTRY)
chats = Gauge("guetteur_chats", "Chats by state.", ["state"], registry=REGISTRY)
queue = Gauge("guetteur_queue", "Deliveries by state.", ["state"], registry=REGISTRY)
queue_age_seconds = Gauge("guetteur_queue_age_seconds", "Age of the oldest delivery that is due.", registry=REGISTRY)
subscriptions = Gauge("guetteur_subscriptions", "Chats that follow a topic.", ["topic"], registry=REGISTRY)


def count(event: Event) -> None:
    """Adds one fact to the numbers."""
    match event:
        case FeedPolled() | FeedFailed() | FeedRecovered():
            _count_poll(event)
        case DeliverySent() | DeliveryPostponed() | DeliveryUncertain() | DeliveryDied():
            _count_send(event)
        case AlertRaised() | AlertTold() | AlertPosted() | AlertSkipped():
            _count_alert(event)
        case HubVerified():
            hubs.labels("verified").inc()
        case HubFailed():
            hubs.labels("failed").inc()
        case MessageEdited():
            message_edits.inc()
        case ItemMatched(topics=topics):
            for topic in topics:
                matches.labels(topic).inc()
        case ItemEdited():
            edits.inc()
        case StoryOpened():
            stories.labels("opened").inc()
        case StoryGrew():
            stories.labels("grew").inc()
        case SummaryAsked(outcome=outcome, tokens=tokens):
            machine_summaries.labels(outcome).inc()
            machine_tokens.inc(tokens)
        case SubscriberCame(kind=kind):
            chat_changes.labels(f"{kind}_came").inc()
        case SubscriberGone():
            chat_changes.labels("gone").inc()
        case ThreadLost():
            lost_threads.inc()
        case TokenRefused():
            token_refusals.inc()
        case TokenTaken():
            token_conflicts.inc()
        case LoopFailed(loop=loop):
            loop_failures.labels(loop).inc()
        case LoopRecovered(loop=loop):
            loop_recoveries.labels(loop).inc()
        case ConfigReloaded() | ConfigRefused() | ConfigDiffers() | ConfigAgrees():
            _count_config(event)
        case unknown:
            assert_never(unknown)


def observe_pace(wait: timedelta) -> None:
    """How long a message waited for its turn."""
    pace_seconds.observe(wait.total_seconds())


def observe(counts: Counts) -> None:
    """Sets what is counted in the database rather than in this process."""
    for gauge, values in (
        (feeds, counts.feeds),
        (failing_feeds, counts.causes),
        (chats, counts.chats),
        (queue, counts.queue),
        (subscriptions, counts.subscriptions),
    ):
        gauge.clear()
        for label, value in values.items():
            gauge.labels(label).set(value)
    due = counts.oldest_due_at
    queue_age_seconds.set(max(0.0, (counts.taken_at - due).total_seconds()) if due else 0.0)


def exposition() -> bytes:
    """Every number, in the text format of `CONTENT_TYPE`."""
    return generate_latest(REGISTRY)


def _count_config(event: ConfigReloaded | ConfigRefused | ConfigDiffers | ConfigAgrees) -> None:
    match event:
        case ConfigReloaded():
            reloads.labels("taken").inc()
        case ConfigRefused():
            reloads.labels("refused").inc()
        case ConfigDiffers():
            comparisons.labels("differs").inc()
            config_differs.set(1)
        case ConfigAgrees():
            comparisons.labels("agrees").inc()
            config_differs.set(0)
        case unknown:
            assert_never(unknown)


def _count_poll(event: FeedPolled | FeedFailed | FeedRecovered) -> None:
    match event:
        case FeedPolled():
            polls.labels(event.outcome).inc()
            new_items.inc(event.new_items)
            read_bytes.inc(event.bytes_read)
            fetch_seconds.observe(event.fetch_seconds)
            if event.parse_seconds:
                parse_seconds.observe(event.parse_seconds)
            for seconds in event.match_seconds:
                match_seconds.observe(seconds)
        case FeedFailed():
            polls.labels("failed").inc()
            poll_failures.labels(event.cause).inc()
        case FeedRecovered():
            recoveries.inc()
        case unknown:
            assert_never(unknown)


def _count_alert(event: AlertRaised | AlertTold | AlertPosted | AlertSkipped) -> None:
    match event:
        case AlertRaised():
            alerts.inc()
            addressed.inc(event.deliveries)
        case AlertTold():
            if event.lag is None:
                undated.inc()
            else:
                publication_lag_seconds.observe(event.lag.total_seconds())
        case AlertPosted():
            posts.labels(event.outcome).inc()
        case AlertSkipped():
            skips.labels(event.fate).inc()
        case unknown:
            assert_never(unknown)


def _count_send(event: DeliverySent | DeliveryPostponed | DeliveryUncertain | DeliveryDied) -> None:
    match event:
        case DeliverySent():
            sends.labels("sent").inc()
            told.inc(event.alerts)
            lag_seconds.observe(event.lag.total_seconds())
        case DeliveryPostponed():
            sends.labels("postponed").inc()
            floods.inc(event.cause == "flood")
            postponed_seconds.inc(max(0.0, event.wait.total_seconds()))
        case DeliveryUncertain():
            sends.labels("uncertain").inc()
        case DeliveryDied():
            sends.labels("dead").inc()
        case unknown:
            assert_never(unknown)
