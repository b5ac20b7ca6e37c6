from datetime import UTC, datetime, timedelta

import pytest

from bot import events
from bot.model import Counts
from bot.ops.metrics import REGISTRY, count, exposition, observe, observe_pace
from tests.ops.samples import EVENTS, SECOND

NOW = datetime(2026, 11, 24, 19, 35, tzinfo=UTC)


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def added(event, name, **labels):
    before = value(name, **labels)
    count(event)
    return value(name, **labels) - before


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_kind_of_event_changes_a_number(event):
    before = exposition()
    count(event)
    assert exposition() != before


def test_no_kind_of_event_is_missing_here():
    assert {type(event) for event in EVENTS} == set(events.Event.__args__)


def test_polls_are_counted_by_outcome_so_that_the_share_of_304_can_be_read():
    not_modified = events.FeedPolled("quotidien", "not_modified", 0, 0, 0.2, 0)
    assert added(not_modified, "guetteur_polls_total", outcome="not_modified") == 1
    assert added(not_modified, "guetteur_fetch_seconds_count") == 1
    assert added(not_modified, "guetteur_parse_seconds_count") == 0
    failed = events.FeedFailed("quotidien", "tls", "", 1, SECOND)
    assert added(failed, "guetteur_polls_total", outcome="failed") == 1
    assert added(failed, "guetteur_poll_failures_total", cause="tls") == 1


def test_every_item_read_against_the_terms_counts_its_own_time():
    read = events.FeedPolled("quotidien", "read", 3, 4_000, 0.2, 0.05, (0.0002, 0.0003, 0.02))
    assert added(read, "guetteur_match_seconds_count") == 3
    assert added(read, "guetteur_match_seconds_sum") == pytest.approx(0.0205)
    assert added(read, "guetteur_match_seconds_bucket", le="0.0005") == 2


def test_a_message_counts_its_alerts_and_its_lag():
    sent = events.DeliverySent(5, 3, 2 * SECOND)
    assert added(sent, "guetteur_alerts_told_total") == 3
    assert added(sent, "guetteur_lag_seconds_sum") == pytest.approx(2)
    assert added(sent, "guetteur_sends_total", outcome="sent") == 1


def test_the_lag_since_publication_is_counted_where_it_is_known_and_the_rest_apart():
    dated, undated = events.AlertTold(1, 240 * SECOND), events.AlertTold(2, None)
    assert added(dated, "guetteur_publication_lag_seconds_sum") == pytest.approx(240)
    assert added(dated, "guetteur_publication_lag_seconds_bucket", le="300.0") == 1
    assert added(undated, "guetteur_publication_lag_seconds_count") == 0
    assert added(undated, "guetteur_alerts_undated_total") == 1


def test_only_a_flood_wait_is_a_flood():
    assert added(events.DeliveryPostponed(5, "flood", SECOND), "guetteur_floods_total") == 1
    assert added(events.DeliveryPostponed(5, "ClientConnectorError", SECOND), "guetteur_floods_total") == 0


def counts(**fields):
    standard = {
        "feeds": {"well": 1, "failing": 3, "disabled": 2},
        "causes": {"dns": 2, "http_404": 1},
        "chats": {"active": 4, "paused": 1},
        "queue": {"pending": 7},
        "oldest_due_at": NOW - 90 * SECOND,
        "subscriptions": {"labour": 3},
        "taken_at": NOW,
    }
    return Counts(**(standard | fields))


def test_the_wait_for_the_pace_is_counted():
    before = value("guetteur_pace_seconds_count")
    observe_pace(timedelta(seconds=3))
    assert value("guetteur_pace_seconds_count") == before + 1


def test_counts_set_feeds_chats_queue_and_its_age():
    observe(counts())
    assert [value("guetteur_feeds", health=one) for one in ("well", "failing", "disabled")] == [1, 3, 2]
    assert value("guetteur_failing_feeds", cause="dns") == 2
    assert value("guetteur_chats", state="active") == 4
    assert value("guetteur_queue", state="pending") == 7
    assert value("guetteur_queue_age_seconds") == 90
    assert value("guetteur_subscriptions", topic="labour") == 3


def test_a_state_that_is_empty_again_disappears_and_an_empty_queue_has_no_age():
    observe(counts())
    observe(counts(queue={}, oldest_due_at=None))
    assert REGISTRY.get_sample_value("guetteur_queue", {"state": "pending"}) is None
    assert value("guetteur_queue_age_seconds") == 0


def test_nothing_in_the_numbers_is_about_a_person_or_a_feed():
    for event in EVENTS:
        count(event)
    text = exposition().decode()
    assert "987654321" not in text
    assert "quotidien" not in text
