"""One event of each kind; a test holds that none is missing."""

from datetime import timedelta

from bot import events

SECOND = timedelta(seconds=1)
EVENTS = (
    events.FeedPolled("quotidien", "read", 3, 4_000, 0.2, 0.05, (0.0002, 0.0003, 0.02)),
    events.FeedFailed("quotidien", "dns", "no address", 2, 60 * SECOND),
    events.FeedRecovered("quotidien", 2),
    events.HubVerified("quotidien", 86_400 * SECOND),
    events.HubFailed("quotidien", "timeout", ""),
    events.ItemEdited("courrier", 5),
    events.ItemMatched("quotidien", 5, ("labour", "immigration")),
    events.StoryOpened(1, 5),
    events.StoryGrew(1, 6),
    events.SummaryAsked("figure", 640),
    events.AlertPosted(1, "put_off", "http_5xx"),
    events.AlertRaised(1, 40),
    events.AlertSkipped("quotidien", 7, "no_topic"),
    events.DeliverySent(987654321, 2, 3 * SECOND),
    events.AlertTold(1, 240 * SECOND),
    events.MessageEdited(987654321, 30 * SECOND),
    events.DeliveryPostponed(987654321, "flood", 30 * SECOND),
    events.DeliveryUncertain(987654321, "TimeoutError"),
    events.DeliveryDied(987654321, "chat not found"),
    events.SubscriberCame(987654321, "private"),
    events.SubscriberGone(987654321, "bot was blocked by the user"),
    events.TokenTaken("machine/4242"),
    events.TokenRefused("TelegramUnauthorizedError"),
    events.ConfigReloaded(12, 3),
    events.ConfigRefused(("topics.yaml, ligne 3 : …",)),
    events.ConfigDiffers("machine-2", "machine-1"),
    events.ConfigAgrees("machine-2"),
    events.ThreadLost(987654321),
    events.LoopFailed("poll", "ValueError", ValueError("x")),
    events.LoopRecovered("chat", "conflict"),
)
