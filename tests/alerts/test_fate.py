from datetime import timedelta

import pytest

from bot.alerts.decide import Facts, fate_of, topics_owed
from bot.model import Fate, Verdict
from tests.alerts.samples import NOW

WINDOW = timedelta(hours=48)
FLAGGED = Verdict("labour", score=4, threshold=3, flagged=True)
NEAR = Verdict("immigration", score=2, threshold=3, flagged=False)


def fate(*, feed_primed=True, published_at=NOW, verdicts=(FLAGGED,), story_told=False):
    return fate_of(Facts(feed_primed, published_at, verdicts, story_told), WINDOW, NOW)


def test_a_new_item_about_a_topic_is_told():
    assert fate() is Fate.ALERTED


def test_the_first_successful_poll_of_a_feed_only_records():
    assert fate(feed_primed=False) is Fate.PRIMED
    assert fate(feed_primed=False, published_at=NOW - timedelta(days=900), verdicts=()) is Fate.PRIMED


def test_an_item_whose_own_date_is_older_than_the_window_is_stale():
    assert fate(published_at=NOW - WINDOW) is Fate.ALERTED
    assert fate(published_at=NOW - WINDOW - timedelta(microseconds=1)) is Fate.STALE


@pytest.mark.parametrize("date", [None, NOW + timedelta(days=1), NOW + timedelta(days=4000)])
def test_a_missing_or_future_date_neither_holds_back_nor_pushes(date):
    assert fate(published_at=date) is Fate.ALERTED
    assert fate(published_at=date, verdicts=()) is Fate.NO_TOPIC
    assert fate(published_at=date, feed_primed=False) is Fate.PRIMED


def test_without_a_reason_there_is_no_topic_and_under_the_threshold_it_is_below():
    assert fate(verdicts=()) is Fate.NO_TOPIC
    assert fate(verdicts=(NEAR,)) is Fate.BELOW
    assert fate(verdicts=(NEAR, FLAGGED)) is Fate.ALERTED


def test_an_item_of_a_told_story_only_makes_it_grow():
    assert fate(story_told=True) is Fate.GREW
    assert fate(story_told=True, verdicts=(NEAR,)) is Fate.BELOW


def test_a_story_that_turns_out_to_be_about_another_topic_is_owed_to_those_who_follow_it():
    assert topics_owed(("labour", "immigration"), told=("labour",)) == ("immigration",)
    assert topics_owed(("labour",), told=("labour", "immigration")) == ()
