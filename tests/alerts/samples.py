"""Small builders: an alert, a chat and a delivery with every field but the ones a test is about, and hostile texts."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from bot.alerts.render import TopicLabel
from bot.model import Alert, Chat, ChatState, Delivery, DeliveryState, Mention, Rhythm, SourceClass, TopicRhythm

NOW = datetime(2026, 11, 24, 19, 35, tzinfo=UTC)  # a Tuesday, 14 h 35 in Montréal
MONTREAL = "America/Toronto"
TOPICS = {
    "immigration": TopicLabel({"fr": "Immigration", "en": "Immigration"}, "🛂"),
    "municipalities": TopicLabel({"fr": "Municipalités", "en": "Municipalities"}, "🏛"),
    "labour": TopicLabel({"fr": "Travail", "en": "Labour"}, "👷"),
}


def mention(outlet="Le Quotidien", source_class=SourceClass.PRESS, published_at=None, found_at=NOW, url=None):
    return Mention(outlet, source_class, "Titre", url or f"https://journal.example/{outlet}", published_at, found_at)


def alert(alert_id=1, **fields):
    standard = {
        "story_id": alert_id,
        "title": "Un titre",
        "url": f"https://journal.example/article/{alert_id}",
        "summary": "Une première phrase. Une seconde phrase.",
        "lang": "fr",
        "topics": ("immigration",),
        "reasons": (),
        "score": 1.5,
        "mentions": (mention(),),
        "raised_at": NOW,
    }
    return Alert(id=alert_id, **(standard | fields))


def delivery(of=None, chat=None, **fields):
    of = of or alert()
    standard = {
        "thread_id": 0,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "not_before": of.raised_at,
    }
    return Delivery(id=fields.pop("id", of.id), alert=of, chat=chat or Chat(1), **(standard | fields))


def deliveries(count, chat=None, **fields):
    return tuple(delivery(alert(number, **fields), chat) for number in range(1, count + 1))


# What a publisher may write: any Unicode, and the pieces that would do harm if they were more than text.
PIECES = st.sampled_from(
    [
        "@maire",
        "/start",
        "/a@b",
        "#choc",
        "$CAD",
        "<b>",
        "</b>",
        "<a",
        "href='x'>",
        "<script>",
        "&lt;",
        "&amp;",
        "&#x202e;",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "́́́́́",
        "🛂",
        "👩\u200d👩\u200d👧",
        "«",
        "»",
        ":",
        "?",
        "643",
        "000",
        "$",
        "14",
        "h",
        "30",
        "\n",
        "\t",
        "\x00",
        "https://a.example",
    ]
)
HOSTILE = st.lists(st.one_of(st.text(max_size=60), PIECES), max_size=40).map(" ".join) | st.builds(
    lambda piece, times: piece * times, PIECES, st.integers(1, 6000)
)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=1095)).map(lambda since: datetime(2025, 1, 1, tzinfo=UTC) + since)
WALL_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
WEEKDAYS = st.sets(st.integers(0, 6), max_size=7).map(tuple)
ZONES = st.sampled_from(
    (MONTREAL, "America/St_Johns", "Europe/Paris", "UTC", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu")
)
FOLLOWED = st.lists(st.sampled_from(("immigration", "labour")), max_size=2, unique=True).map(tuple)
DIGEST_HOURS = st.one_of(st.just(()), st.lists(WALL_TIMES, max_size=3, unique=True).map(tuple))
RHYTHMS = st.builds(
    Rhythm,
    digest_hours=DIGEST_HOURS,
    digest_weekdays=WEEKDAYS,
    quiet_from=st.none() | WALL_TIMES,
    quiet_to=st.none() | WALL_TIMES,
    days_off=WEEKDAYS,
    silent_when_quiet=st.booleans(),
    hourly_ceiling=st.integers(0, 5),
    topics=st.just(()) | st.builds(TopicRhythm, st.just("labour"), DIGEST_HOURS, WEEKDAYS).map(lambda one: (one,)),
)
CHATS = st.builds(
    Chat,
    id=st.just(1),
    language=st.sampled_from(("fr", "en", "es")),
    state=st.sampled_from(ChatState),
    timezone=ZONES,
    rhythm=RHYTHMS,
)
DELAYS = st.timedeltas(timedelta(0), timedelta(days=40))
