from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.when import Occasion, is_silent, next_slot, occasion, plan, zone_of
from bot.model import Chat, ChatState, Rhythm, TopicRhythm
from tests.alerts.samples import (
    CHATS,
    DELAYS,
    FOLLOWED,
    INSTANTS,
    MONTREAL,
    NOW,
    RHYTHMS,
    ZONES,
    alert,
    deliveries,
    delivery,
)

HOME = ZoneInfo(MONTREAL)
NIGHT = Rhythm(quiet_from=time(22), quiet_to=time(7))
DIGEST = Rhythm(digest_hours=(time(7), time(12), time(16, 30)))


def local(*at):
    return datetime(*at, tzinfo=HOME).astimezone(UTC)


def sole(rhythm, *, raised_at, now, **fields):
    chat = Chat(1, rhythm=rhythm)
    return plan(chat, [delivery(alert(raised_at=raised_at), chat, **fields)], now)


def until(found):
    [wait] = found.later
    return wait.until.astimezone(HOME), wait.why


def test_a_chat_without_a_rhythm_hears_at_once():
    found = sole(Rhythm(), raised_at=NOW, now=NOW)
    assert [told.id for told in found.send] == [1]
    assert not found.silent


def test_quiet_hours_hold_an_alert_until_they_end():
    found = sole(NIGHT, raised_at=local(2026, 11, 24, 23), now=local(2026, 11, 24, 23))
    assert until(found) == (datetime(2026, 11, 25, 7, tzinfo=HOME), "quiet_hours")


def test_quiet_hours_within_a_day_hold_too():
    siesta = Rhythm(quiet_from=time(12), quiet_to=time(13, 30))
    assert until(sole(siesta, raised_at=NOW, now=local(2026, 11, 24, 12)))[0] == datetime(
        2026, 11, 24, 13, 30, tzinfo=HOME
    )
    assert sole(siesta, raised_at=NOW, now=local(2026, 11, 24, 13, 30)).send
    assert sole(siesta, raised_at=NOW, now=local(2026, 11, 24, 11, 59, 59)).send


def test_equal_or_missing_bounds_are_no_quiet_hours():
    for rhythm in (Rhythm(quiet_from=time(7), quiet_to=time(7)), Rhythm(quiet_from=time(7)), Rhythm(quiet_to=time(7))):
        assert sole(rhythm, raised_at=NOW, now=local(2026, 11, 24, 7)).send


def test_a_chat_that_prefers_silence_to_waiting_hears_at_night_without_a_sound():
    rhythm = Rhythm(quiet_from=time(22), quiet_to=time(7), silent_when_quiet=True)
    found = sole(rhythm, raised_at=NOW, now=local(2026, 11, 24, 23))
    assert found.send
    assert found.silent
    assert not sole(rhythm, raised_at=NOW, now=local(2026, 11, 24, 21)).silent


def test_a_digest_chat_waits_for_its_next_hour_and_gets_what_was_raised_until_then():
    raised_at = local(2026, 11, 24, 9, 10)
    assert until(sole(DIGEST, raised_at=raised_at, now=raised_at)) == (
        datetime(2026, 11, 24, 12, tzinfo=HOME),
        "digest",
    )
    assert sole(DIGEST, raised_at=raised_at, now=local(2026, 11, 24, 12)).send


def test_the_last_digest_hour_of_a_day_is_followed_by_the_first_of_the_next():
    raised_at = local(2026, 11, 24, 16, 31)
    assert until(sole(DIGEST, raised_at=raised_at, now=raised_at))[0] == datetime(2026, 11, 25, 7, tzinfo=HOME)


def test_a_digest_that_an_outage_held_up_goes_as_soon_as_we_are_back():
    assert sole(DIGEST, raised_at=local(2026, 11, 24, 6), now=local(2026, 11, 24, 9, 41)).send


def test_a_digest_that_telegram_refused_for_a_moment_does_not_wait_for_the_next_one():
    raised_at, now = local(2026, 11, 24, 6), local(2026, 11, 24, 7, 0, 35)
    assert sole(DIGEST, raised_at=raised_at, now=now, attempts=1, not_before=now).send


def test_a_weekly_digest_may_be_seven_days_off():
    weekly = Rhythm(digest_hours=(time(8),), digest_weekdays=(0,))
    assert next_slot(weekly, MONTREAL, local(2026, 11, 23, 8)) == local(2026, 11, 23, 8)
    assert next_slot(weekly, MONTREAL, local(2026, 11, 23, 8, 1)) == local(2026, 11, 30, 8)


def test_a_digest_skips_days_off_and_falls_back_to_the_open_days_when_all_its_days_are_off():
    weekend_off = Rhythm(digest_hours=(time(8),), days_off=(5, 6))
    assert next_slot(weekend_off, MONTREAL, local(2026, 11, 27, 9)) == local(2026, 11, 30, 8)
    contradiction = Rhythm(digest_hours=(time(8),), digest_weekdays=(6,), days_off=(5, 6))
    assert next_slot(contradiction, MONTREAL, local(2026, 11, 27, 9)) == local(2026, 11, 30, 8)


def test_a_digest_hour_inside_quiet_hours_waits_for_their_end():
    rhythm = Rhythm(digest_hours=(time(6),), quiet_from=time(22), quiet_to=time(7))
    raised_at = local(2026, 11, 24, 21)
    assert until(sole(rhythm, raised_at=raised_at, now=raised_at))[0] == datetime(2026, 11, 25, 7, tzinfo=HOME)
    assert sole(rhythm, raised_at=raised_at, now=local(2026, 11, 25, 7)).send


def test_a_day_off_ends_at_midnight_or_with_the_quiet_hours_after_it():
    friday = local(2026, 11, 27, 10)
    assert until(sole(Rhythm(days_off=(4,)), raised_at=friday, now=friday)) == (
        datetime(2026, 11, 28, 0, tzinfo=HOME),
        "day_off",
    )
    rhythm = Rhythm(days_off=(4, 5), quiet_from=time(22), quiet_to=time(7))
    assert until(sole(rhythm, raised_at=friday, now=friday))[0] == datetime(2026, 11, 29, 7, tzinfo=HOME)


def test_seven_days_off_is_a_pause_and_has_no_digest():
    rhythm = Rhythm(digest_hours=(time(7),), days_off=tuple(range(7)))
    found = sole(rhythm, raised_at=NOW, now=NOW)
    assert [wait.why for wait in found.later] == ["day_off"]
    assert next_slot(rhythm, MONTREAL, NOW) is None


def test_a_rhythm_without_digest_has_no_slot():
    assert next_slot(Rhythm(), MONTREAL, NOW) is None


# The clocks change in Montréal on 2026-03-08 at 2:00 (to 3:00) and on 2026-11-01 at 2:00 (back to 1:00).


def test_the_autumn_night_that_has_its_digest_hour_twice_gives_one_digest():
    rhythm = Rhythm(digest_hours=(time(1, 30),))
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    before = first - timedelta(hours=3)
    assert next_slot(rhythm, MONTREAL, before) == first
    assert next_slot(rhythm, MONTREAL, first + timedelta(seconds=1)) == second + timedelta(days=1)
    assert sole(rhythm, raised_at=before, now=first).send
    between = first + timedelta(minutes=10)
    assert not sole(rhythm, raised_at=between, now=second).send


def test_the_spring_night_that_skips_the_digest_hour_still_gives_one():
    rhythm = Rhythm(digest_hours=(time(2, 30),))
    slot = next_slot(rhythm, MONTREAL, local(2026, 3, 7, 12))
    assert slot.astimezone(HOME) == datetime(2026, 3, 8, 3, 30, tzinfo=HOME)
    assert next_slot(rhythm, MONTREAL, slot + timedelta(seconds=1)) == local(2026, 3, 9, 2, 30)


def test_quiet_hours_end_by_the_wall_clock_in_both_nights():
    for evening, morning in (
        (local(2026, 10, 31, 23), local(2026, 11, 1, 7)),
        (local(2026, 3, 7, 23), local(2026, 3, 8, 7)),
    ):
        [wait] = sole(NIGHT, raised_at=evening, now=evening).later
        assert wait.until == morning


def test_quiet_hours_that_end_in_the_repeated_hour_end_and_begin_again():
    rhythm = Rhythm(quiet_from=time(22), quiet_to=time(1, 30))
    second_pass = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)  # 1:10, the second time
    [wait] = sole(rhythm, raised_at=second_pass, now=second_pass).later
    assert wait.until == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_zone_that_no_longer_exists_follows_montreal_rather_than_losing_alerts():
    assert zone_of("Mars/Olympus").key == MONTREAL
    assert zone_of("../etc").key == MONTREAL


def test_the_ceiling_lets_the_strongest_through_and_the_rest_wait_for_the_full_hour():
    chat = Chat(1, rhythm=Rhythm(hourly_ceiling=3))
    owed = [delivery(alert(number, score=float(number)), chat) for number in range(1, 6)]
    found = plan(chat, owed, NOW, sent_last_hour=1)
    assert [told.id for told in found.send] == [4, 5]
    assert {(wait.delivery_id, wait.until.astimezone(HOME).time(), wait.why) for wait in found.later} == {
        (number, time(15), "ceiling") for number in (1, 2, 3)
    }


def test_what_waited_for_the_full_hour_goes_as_one_whatever_was_sent_since():
    chat = Chat(1, rhythm=Rhythm(hourly_ceiling=3))
    waited = [delivery(alert(n), chat, not_before=local(2026, 11, 24, 15)) for n in range(1, 6)]
    now = local(2026, 11, 24, 15, 0, 1)
    found = plan(chat, waited, now, sent_last_hour=3)
    assert len(found.send) == 5
    assert occasion(chat, waited, now) is Occasion.CEILING


def test_the_ceiling_counts_local_hours_where_the_zone_is_half_an_hour_off():
    chat = Chat(1, timezone="America/St_Johns", rhythm=Rhythm(hourly_ceiling=1))
    found = plan(chat, deliveries(2, chat), NOW, sent_last_hour=0)
    [wait] = found.later
    assert wait.until.astimezone(ZoneInfo("America/St_Johns")).minute == 0


def test_a_digest_is_one_message_and_knows_no_ceiling():
    chat = Chat(1, rhythm=Rhythm(digest_hours=(time(7),), hourly_ceiling=1))
    owed = [delivery(alert(n, raised_at=local(2026, 11, 24, 6, n)), chat) for n in range(1, 6)]
    assert len(plan(chat, owed, local(2026, 11, 24, 7), sent_last_hour=9).send) == 5


def test_a_topic_may_wait_for_a_digest_while_the_rest_is_told_at_once():
    rhythm = Rhythm(topics=(TopicRhythm("labour", (time(7),)),))
    evening = local(2026, 11, 24, 20)
    assert sole(rhythm, raised_at=evening, now=evening, followed=("immigration",)).send
    waits = sole(rhythm, raised_at=evening, now=evening, followed=("labour",))
    assert until(waits) == (datetime(2026, 11, 25, 7, tzinfo=HOME), "digest")
    assert sole(rhythm, raised_at=evening, now=local(2026, 11, 25, 7), followed=("labour",)).send


def test_a_topic_may_be_told_at_once_in_a_chat_of_digests():
    rhythm = Rhythm(digest_hours=(time(7),), topics=(TopicRhythm("labour"),))
    evening = local(2026, 11, 24, 20)
    assert sole(rhythm, raised_at=evening, now=evening, followed=("labour",)).send
    assert not sole(rhythm, raised_at=evening, now=evening, followed=("immigration",)).send


def test_what_came_by_two_topics_is_told_when_the_first_of_them_is():
    weekly, daily = TopicRhythm("labour", (time(8),), (0,)), TopicRhythm("immigration", (time(12),))
    raised_at = local(2026, 11, 24, 20)
    both = ("labour", "immigration")
    assert until(sole(Rhythm(topics=(weekly, daily)), raised_at=raised_at, now=raised_at, followed=both))[
        0
    ] == datetime(2026, 11, 25, 12, tzinfo=HOME)
    assert sole(Rhythm(topics=(weekly,)), raised_at=raised_at, now=raised_at, followed=both).send


def test_a_keyword_of_one_s_own_is_told_as_the_chat_is_whatever_its_topic_does():
    rhythm = Rhythm(topics=(TopicRhythm("labour", (time(7),)),))
    chat = Chat(1, rhythm=rhythm)
    owed = delivery(alert(raised_at=NOW, keywords=("crabe",)), chat, followed=("labour",))
    assert plan(chat, [owed], NOW).send


def test_the_quiet_and_the_ceiling_of_a_chat_hold_for_a_topic_with_its_own_rhythm():
    night = Rhythm(quiet_from=time(22), quiet_to=time(7), digest_hours=(time(12),), topics=(TopicRhythm("labour"),))
    late = local(2026, 11, 24, 23)
    assert until(sole(night, raised_at=late, now=late, followed=("labour",)))[1] == "quiet_hours"
    capped = Rhythm(digest_hours=(time(12),), hourly_ceiling=1, topics=(TopicRhythm("labour"),))
    chat = Chat(1, rhythm=capped)
    owed = [delivery(alert(n, raised_at=NOW), chat, followed=("labour",)) for n in (1, 2)]
    assert [wait.why for wait in plan(chat, owed, NOW).later] == ["ceiling"]


def test_a_paused_or_blocked_chat_keeps_what_it_is_owed_and_a_stopped_one_does_not():
    for state in (ChatState.PAUSED, ChatState.BLOCKED):
        chat = Chat(1, state=state)
        found = plan(chat, deliveries(2, chat), NOW)
        assert [wait.why for wait in found.later] == [state.value] * 2
    chat = Chat(1, state=ChatState.STOPPED)
    assert [gone.why for gone in plan(chat, deliveries(2, chat), NOW).dropped] == ["stopped"] * 2


def test_a_delivery_whose_answer_was_lost_twice_is_not_sent_a_third_time():
    found = plan(Chat(1), [delivery(lost=2), delivery(alert(2), lost=1)], NOW)
    assert [(gone.delivery_id, gone.why) for gone in found.dropped] == [(1, "lost_twice")]
    assert [told.id for told in found.send] == [2]


def test_several_alerts_say_why_they_come_together():
    at_once = Chat(1)
    assert occasion(at_once, deliveries(2), NOW) is Occasion.ALERTS
    assert occasion(at_once, deliveries(2), NOW + timedelta(hours=3)) is Occasion.CATCH_UP
    assert occasion(Chat(1, rhythm=DIGEST), deliveries(2), NOW) is Occasion.DIGEST
    ceiling = Chat(1, rhythm=Rhythm(hourly_ceiling=4))
    assert occasion(ceiling, deliveries(2), NOW + timedelta(minutes=40)) is Occasion.CATCH_UP


# Properties.


def quiet(chat, now):
    """By the definition: the wall clock lies in the hours a person chose."""
    rhythm, at = chat.rhythm, now.astimezone(ZoneInfo(chat.timezone)).time()
    if rhythm.quiet_from is None or rhythm.quiet_to is None:
        return False
    begin, end = rhythm.quiet_from, rhythm.quiet_to
    return begin <= at < end if begin < end else begin != end and not end <= at < begin


@st.composite
def due(draw):
    chat, now = draw(CHATS), draw(INSTANTS)
    owed = [
        delivery(
            alert(number, raised_at=now - draw(DELAYS), score=draw(st.floats(1, 9))),
            chat,
            lost=draw(st.integers(0, 2)),
            attempts=draw(st.integers(0, 3)),
            followed=draw(FOLLOWED),
        )
        for number in range(1, draw(st.integers(0, 6)) + 1)
    ]
    return chat, owed, now, draw(st.integers(0, 9))


@given(due())
def test_every_delivery_ends_in_exactly_one_list(given_due):
    chat, owed, now, sent = given_due
    found = plan(chat, owed, now, sent)
    ids = (
        [told.id for told in found.send] + [w.delivery_id for w in found.later] + [g.delivery_id for g in found.dropped]
    )
    assert sorted(ids) == [told.id for told in owed]


@given(due())
def test_nothing_is_sent_in_quiet_hours_with_a_sound_or_on_a_day_off(given_due):
    chat, owed, now, sent = given_due
    found = plan(chat, owed, now, sent)
    if found.send:
        assert chat.state is ChatState.ACTIVE
        assert now.astimezone(ZoneInfo(chat.timezone)).weekday() not in chat.rhythm.days_off
        assert not quiet(chat, now) or found.silent
    assert found.silent <= (quiet(chat, now) and chat.rhythm.silent_when_quiet)
    assert is_silent(chat, now) == (quiet(chat, now) and chat.rhythm.silent_when_quiet)


@given(due())
def test_what_waits_is_told_at_the_time_the_plan_names_and_within_a_fortnight(given_due):
    chat, owed, now, sent = given_due
    for wait in plan(chat, owed, now, sent).later:
        assert now < wait.until <= now + timedelta(days=15)
        if wait.why not in {"paused", "blocked"} and len(chat.rhythm.days_off) < 7:
            [waiting] = [told for told in owed if told.id == wait.delivery_id]
            assert plan(chat, [waiting], wait.until).send == (waiting,)


@given(due())
def test_a_plan_is_the_same_for_the_same_data(given_due):
    chat, owed, now, sent = given_due
    assert plan(chat, owed, now, sent) == plan(chat, owed, now, sent)


@given(RHYTHMS, ZONES, INSTANTS)
def test_a_digest_comes_once_a_local_day_and_hour(rhythm, zone, now):
    slots, at = [], now
    while len(slots) < 8 and (slot := next_slot(rhythm, zone, at)) is not None:
        slots.append(slot)
        at = slot + timedelta(microseconds=1)
    assert all(later > earlier for earlier, later in pairwise(slots))
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
    assert all(days.count(day) <= len(rhythm.digest_hours) for day in days)
