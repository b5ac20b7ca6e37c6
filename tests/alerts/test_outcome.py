from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.outcome import LONGEST_PAUSE, after, pause_after
from bot.model import (
    AnswerLost,
    CannotParse,
    ChatGone,
    DeliveryState,
    Migrated,
    NotReceived,
    Refused,
    Sent,
    ThreadGone,
    Unauthorised,
)
from tests.alerts.samples import NOW, delivery

SECONDS = timedelta(seconds=1)


def test_a_sent_delivery_is_done_and_remembers_its_message():
    change = after(Sent(77), delivery(), NOW)
    assert (change.state, change.not_before, change.message_id) == (DeliveryState.SENT, None, 77)


def test_a_delivery_telegram_surely_did_not_receive_waits_longer_after_each_failure_and_is_never_given_up():
    waits = []
    told = delivery()
    for _ in range(100):
        change = after(NotReceived("refused"), told, NOW)
        assert change.state is DeliveryState.PENDING
        assert change.hold_chat_until is None
        assert change.hold_all_until is None
        waits.append(change.not_before - NOW)
        told = replace(told, attempts=change.attempts)
    assert waits[:4] == [5 * SECONDS, 10 * SECONDS, 20 * SECONDS, 40 * SECONDS]
    assert waits[-1] == LONGEST_PAUSE
    assert waits == sorted(waits)


def test_a_flood_wait_of_one_chat_holds_that_chat_alone():
    change = after(NotReceived("flood", retry_after=33 * SECONDS), delivery(), NOW)
    assert change.not_before == change.hold_chat_until == NOW + 33 * SECONDS
    assert change.hold_all_until is None


def test_a_flood_wait_of_the_token_holds_everything():
    change = after(NotReceived("flood", retry_after=33 * SECONDS, for_all=True), delivery(), NOW)
    assert change.not_before == change.hold_all_until == NOW + 33 * SECONDS
    assert change.hold_chat_until is None


def test_telegram_out_of_reach_holds_everything_for_the_growing_pause():
    change = after(NotReceived("dns", for_all=True), delivery(attempts=2), NOW)
    assert change.hold_all_until == NOW + 20 * SECONDS


def test_a_lost_answer_is_tried_once_more_and_a_second_one_is_the_last():
    first = after(AnswerLost("read_timeout"), delivery(), NOW)
    assert (first.state, first.lost) == (DeliveryState.UNCERTAIN, 1)
    assert first.not_before > NOW
    second = after(AnswerLost("read_timeout"), delivery(lost=first.lost), NOW)
    assert (second.state, second.lost, second.not_before) == (DeliveryState.UNCERTAIN, 2, None)


def test_a_lost_answer_is_remembered_while_its_retry_is_refused_for_a_time():
    change = after(NotReceived("flood", retry_after=5 * SECONDS), delivery(lost=1), NOW)
    assert (change.state, change.lost) == (DeliveryState.UNCERTAIN, 1)
    assert after(AnswerLost("dropped"), delivery(lost=change.lost), NOW).not_before is None


def test_a_chat_that_put_us_out_is_blocked_and_what_it_is_owed_is_kept():
    change = after(ChatGone("blocked_by_user"), delivery(), NOW)
    assert (change.state, change.blocked, change.reason) == (DeliveryState.PENDING, True, "blocked_by_user")


def test_a_group_that_became_a_supergroup_is_followed_at_once():
    change = after(Migrated(-1001234567890), delivery(), NOW)
    assert (change.state, change.migrated_to, change.not_before) == (DeliveryState.PENDING, -1001234567890, NOW)


def test_a_chat_that_migrates_without_end_ends():
    assert after(Migrated(1), delivery(), NOW).state is DeliveryState.DEAD
    assert after(Migrated(2), delivery(attempts=3), NOW).not_before > NOW


def test_what_telegram_cannot_parse_is_tried_once_as_plain_text():
    change = after(CannotParse("cannot_parse"), delivery(), NOW)
    assert (change.state, change.plain, change.not_before) == (DeliveryState.PENDING, True, NOW)
    assert after(CannotParse("cannot_parse"), delivery(plain=True), NOW).state is DeliveryState.DEAD


def test_a_deleted_forum_topic_falls_back_to_general_and_is_reported():
    change = after(ThreadGone("thread_gone"), delivery(thread_id=9), NOW)
    assert (change.thread_id, change.lost_thread, change.not_before) == (0, 9, NOW)
    assert after(ThreadGone("thread_gone"), delivery(), NOW).state is DeliveryState.DEAD


def test_what_telegram_will_never_take_is_dead_with_its_reason():
    change = after(Refused("chat_not_found"), delivery(), NOW)
    assert (change.state, change.not_before, change.reason) == (DeliveryState.DEAD, None, "chat_not_found")


def test_a_refused_token_holds_everything_and_costs_no_delivery_an_attempt():
    change = after(Unauthorised("token_refused"), delivery(attempts=4), NOW)
    assert (change.state, change.attempts) == (DeliveryState.PENDING, 4)
    assert change.hold_all_until == change.not_before > NOW


CAUSES = st.just("cause")
OUTCOMES = st.one_of(
    st.builds(Sent, st.integers(1)),
    st.builds(NotReceived, CAUSES, st.none() | st.timedeltas(timedelta(0), timedelta(hours=9)), st.booleans()),
    st.builds(AnswerLost, CAUSES),
    st.builds(ChatGone, CAUSES),
    st.builds(Migrated, st.integers(1, 3)),
    st.builds(CannotParse, CAUSES),
    st.builds(ThreadGone, CAUSES),
    st.builds(Refused, CAUSES),
    st.builds(Unauthorised, CAUSES),
)


@given(st.lists(OUTCOMES, max_size=30))
def test_whatever_telegram_answers_at_most_two_copies_stand_in_the_chat(outcomes):
    told = delivery(thread_id=5)
    copies = 0
    for outcome in outcomes:
        change = after(outcome, told, NOW)
        copies += isinstance(outcome, Sent | AnswerLost)
        assert copies <= 2
        done = change.state in {DeliveryState.SENT, DeliveryState.DEAD} or change.lost == 2
        assert (change.not_before is None) == done
        if done:
            break
        assert change.not_before >= NOW
        assert change.state is (DeliveryState.UNCERTAIN if change.lost else DeliveryState.PENDING)
        told = replace(
            told,
            state=change.state,
            attempts=change.attempts,
            lost=change.lost,
            plain=change.plain,
            thread_id=change.thread_id,
            not_before=change.not_before,
        )


@pytest.mark.parametrize("failures", [0, 1, 7, 8, 10_000])
def test_a_pause_is_bounded(failures):
    assert 5 * SECONDS <= pause_after(failures) <= LONGEST_PAUSE
