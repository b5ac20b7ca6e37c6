"""Which of the publishers' dates say when a story was published, and how long it took from then."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.alerts.lag import since_published
from tests.alerts.samples import NOW, alert, mention

MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def lag(*published, found_at=NOW):
    mentions = tuple(mention(published_at=date, found_at=found_at) for date in published)
    return since_published(alert(mentions=mentions), NOW + MINUTE)


def test_the_oldest_outlet_of_the_story_says_when_it_was_published():
    assert lag(NOW - 5 * MINUTE, NOW - 12 * MINUTE, None) == 13 * MINUTE


@pytest.mark.parametrize(
    "absurd",
    [
        None,
        NOW + MINUTE,  # of an item that we have found already
        NOW - timedelta(days=7, seconds=1),
        datetime(1970, 1, 1, 1, tzinfo=UTC),
        MIDNIGHT,  # a date without an hour
        MIDNIGHT.astimezone(timezone(timedelta(hours=-5))),
    ],
)
def test_a_date_that_cannot_be_believed_is_left_out(absurd):
    assert lag(absurd) is None
    assert lag(absurd, NOW - 2 * MINUTE) == 3 * MINUTE


def test_a_date_is_believed_up_to_the_moment_the_item_was_found_and_a_week_back():
    assert lag(NOW) == MINUTE
    assert lag(NOW - timedelta(days=7)) == timedelta(days=7) + MINUTE
    assert lag(MIDNIGHT + timedelta(seconds=1)) == NOW + MINUTE - MIDNIGHT - timedelta(seconds=1)
