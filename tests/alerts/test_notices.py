"""What operators are told, of which event, and in which words."""

from datetime import time, timedelta

import pytest

from bot import events
from bot.alerts.notices import CALM, HICCUP, Closing, Opening, draw_notices, follow_outage, is_outage, noted
from bot.locales import LANGUAGES, catalogue
from bot.model import Chat, Notice, NoticeKind, Rhythm
from tests.ops.samples import EVENTS

MINUTE = timedelta(minutes=1)
ADMIN = Chat(900)


def failing(now, number=1, **values):
    values = {"outlet": "Le Courrier", "cause": "dns", "n": "5", **values}
    return Notice(number, NoticeKind.FEED_FAILING, f"courrier-{number}", values, now - MINUTE)


@pytest.mark.parametrize(
    ("event", "wishes"),
    [
        (events.ConfigRefused(("a", "b")), [Opening(NoticeKind.CONFIG_REFUSED, values={"problems": "a\nb"})]),
        (events.ConfigReloaded(1, 1), [Closing(NoticeKind.CONFIG_REFUSED)]),
        (events.TokenRefused("token_refused"), [Opening(NoticeKind.TOKEN_REFUSED)]),
        (events.DeliverySent(5, 1, MINUTE), [Closing(NoticeKind.TOKEN_REFUSED)]),
        (
            events.LoopRecovered("chat", "conflict"),
            [Closing(NoticeKind.TOKEN_REFUSED), Closing(NoticeKind.TOKEN_SHARED)],
        ),
        (
            events.LoopFailed("chat", "webhook_set"),
            [Opening(NoticeKind.TOKEN_SHARED, values={"cause": "webhook_set"})],
        ),
        (events.LoopFailed("chat", "telegram_dns"), []),
        (
            events.LoopFailed("poll", "courrier: KeyError", KeyError()),
            [Opening(NoticeKind.UNEXPECTED, "poll: courrier: KeyError")],
        ),
        (
            events.DeliveryDied(5, "bad_request"),
            [Opening(NoticeKind.DELIVERY_REFUSED, "bad_request", {"cause": "bad_request"})],
        ),
        (events.DeliveryDied(5, "chat_not_found"), []),
        (events.ThreadLost(5), [Opening(NoticeKind.THREAD_LOST)]),
        (events.FeedPolled("a", "read", 1, 1, 1, 1), []),
    ],
    ids=str,
)
def test_an_event_opens_and_closes_what_concerns_operators(event, wishes):
    assert list(noted(event)) == wishes


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_no_notice_holds_a_chat(event):
    assert "987654321" not in str(noted(event))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("over", [False, True])
def test_every_kind_has_its_words_at_both_ends(now, language, kind, over):
    assert f"notice.{kind.value}_{'closed' if over else 'opened'}" in catalogue(language)
    values = {
        "outlet": "Le Courrier",
        "cause": "dns",
        "n": "5",
        "other": "machine-1",
        "problems": "feeds.yaml, ligne 3 : x",
    }
    one = Notice(1, kind, "sujet", values, now - MINUTE, now if over else None)
    assert "{" not in draw_notices(Chat(900, language=language), [one], now).plain


def test_a_failing_feed_is_named_with_what_to_do(now):
    message = draw_notices(ADMIN, [failing(now)], now)
    assert "Le Courrier (courrier-1)" in message.plain
    assert "vérifiez l’adresse du fil" in message.plain


def test_what_a_publisher_or_a_file_says_stays_text(now):
    message = draw_notices(ADMIN, [failing(now, outlet="<b>@toi</b>", cause="<i>")], now)
    assert "<b>@" not in message.html
    assert "&lt;i&gt;" in message.html


@pytest.mark.parametrize(("count", "left"), [(12, 0), (13, 1), (500, 488)])
def test_many_at_once_are_one_message_that_fits(now, count, left):
    message = draw_notices(ADMIN, [failing(now, n) for n in range(count)], now)
    assert message.plain.count("🔴") == count - left
    assert (str(left) in message.plain.splitlines()[-1]) == bool(left)


def test_long_ones_make_room_by_being_counted(now):
    notices = [failing(now, n, outlet="É" * 5_000) for n in range(12)]
    message = draw_notices(ADMIN, notices, now)
    assert len(message.plain.encode("utf-16-le")) // 2 <= 4096
    assert "/etat" in message.plain


def test_nobody_is_woken(now):
    night = Chat(900, rhythm=Rhythm(quiet_from=time(9), quiet_to=time(14)))
    assert draw_notices(night, [failing(now)], now).silent
    assert not draw_notices(ADMIN, [failing(now)], now).silent


def test_a_hiccup_of_the_database_is_nobodys_business(now):
    outage = follow_outage(None, now, failed=True)
    assert not is_outage(follow_outage(outage, now + HICCUP / 2, failed=True))
    assert follow_outage(outage, now + CALM, failed=False) is None


def test_an_outage_is_told_after_a_minute_and_over_after_two_without_a_failure(now):
    outage = follow_outage(follow_outage(None, now, failed=True), now + HICCUP, failed=True)
    assert is_outage(outage)
    assert follow_outage(outage, now + HICCUP + CALM / 2, failed=False) == outage
    assert follow_outage(outage, now + HICCUP + CALM, failed=False) is None
    assert not is_outage(None)
    assert follow_outage(None, now, failed=False) is None
