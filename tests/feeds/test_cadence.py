"""When a feed is polled next, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.blocks import known_blocks, remember_blocks
from bot.feeds.cadence import (
    backoff,
    is_final,
    learn_pulse,
    next_poll,
    should_tell_admins,
    should_tell_recovery,
)
from bot.feeds.file import PollLimits
from bot.feeds.memory import FeedMemory, Hints, Pulse, read_memory, write_memory
from bot.feeds.parse.document import Document
from bot.model import Entry, FeedSpec

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)  # a Tuesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = PollLimits(2 * MINUTE, 6 * HOUR)
SPEC = FeedSpec("fil", "https://a.example/", "A", "fr")


def feed_of(per_day, hours=range(24), days=28):
    """A rhythm of `per_day` items spread over these hours, weekends included."""
    hours = list(hours)
    counts = [0] * 24
    for n in range(round(per_day * days)):
        counts[hours[n % len(hours)]] += 1
    return Pulse(NOW - days * DAY, tuple(counts), round(sum(counts) * 2 / 7))


def wait(pulse, hints=Hints(), now=NOW, spec=SPEC, limits=LIMITS):  # noqa: B008 (frozen)
    return next_poll(spec, hints, pulse, now, limits)


def test_a_line_that_says_every_wins_over_everything():
    spec = replace(SPEC, every=20 * timedelta(seconds=1))
    asked = Hints(ttl=5 * HOUR, max_age=5 * HOUR, skip_hours=tuple(range(24)))
    duration, why = wait(feed_of(1), asked, spec=spec)
    assert why == "every"
    assert spec.every <= duration <= spec.every * 1.1


@pytest.mark.parametrize(
    ("per_day", "least", "most", "reason"),
    [
        (1000, 2 * MINUTE, 2.2 * MINUTE, "fastest"),
        (48, 2 * MINUTE, 4 * MINUTE, "rhythm"),
        (12, 8 * MINUTE, 12 * MINUTE, "rhythm"),
        (1, 90 * MINUTE, 150 * MINUTE, "rhythm"),
        (1 / 14, 6 * HOUR, 6.6 * HOUR, "slowest"),
    ],
)
def test_the_wait_follows_the_rhythm_within_the_limits(per_day, least, most, reason):
    duration, why = wait(feed_of(per_day))
    assert (why, least <= duration <= most) == (reason, True), duration


def test_working_hours_are_watched_closely_and_nights_left_alone():
    office = feed_of(6, range(13, 22))
    day, _ = wait(office, now=NOW)
    night, _ = wait(office, now=NOW.replace(hour=4))
    assert night > 4 * day


def test_a_wait_begun_at_night_ends_when_the_morning_begins():
    office = feed_of(24, range(12, 22))
    before_dawn = NOW.replace(hour=9)
    duration, _ = wait(office, now=before_dawn)
    assert before_dawn + duration < NOW.replace(hour=12, minute=30)


def test_weekends_are_slower_for_a_feed_that_rests_on_weekends():
    weekdays = replace(feed_of(3), weekend=0)
    assert wait(weekdays, now=NOW + 4 * DAY)[0] > 2 * wait(weekdays, now=NOW)[0]


def test_a_new_feed_is_polled_every_half_hour_until_it_shows_a_date():
    assert wait(None)[1] == "new_feed"
    assert wait(Pulse(NOW - HOUR))[1] == "new_feed"
    assert wait(Pulse(NOW - 2 * DAY))[1] == "slowest"


@pytest.mark.parametrize("name", ["ttl", "max_age"])
def test_what_the_publisher_asks_is_a_floor_capped_by_slowest(name):
    busy = feed_of(500)
    assert wait(busy, Hints(**{name: 45 * MINUTE}))[1] == name
    assert 45 * MINUTE <= wait(busy, Hints(**{name: 45 * MINUTE}))[0] <= 50 * MINUTE
    assert wait(busy, Hints(**{name: 365 * DAY}))[0] <= LIMITS.slowest * 1.1
    assert wait(busy, Hints(**{name: MINUTE}))[1] == "fastest"


def test_hours_and_days_that_the_publisher_skips_are_skipped():
    busy = feed_of(500)
    duration, why = wait(busy, Hints(skip_hours=(15, 16, 17)))
    assert (NOW + duration, why) == (NOW.replace(hour=18), "skip_hours")
    friday = NOW + 3 * DAY
    duration, why = wait(busy, Hints(skip_days=(4,)), now=friday)
    assert (friday + duration, why) == (NOW + 4 * DAY - 15 * HOUR, "skip_hours")


def test_a_publisher_that_skips_everything_is_polled_twice_a_day():
    duration, _ = wait(feed_of(500), Hints(skip_hours=tuple(range(24)), skip_days=tuple(range(7))))
    assert 12 * HOUR <= duration <= 13 * HOUR


@given(
    st.text(min_size=1, max_size=10),
    st.lists(st.integers(0, 10_000), min_size=24, max_size=24),
    st.timedeltas(timedelta(0), 400 * DAY),
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.none() | st.timedeltas(timedelta(0), 9_000 * DAY),
    st.lists(st.integers(0, 23)),
)
def test_any_rhythm_and_any_wish_give_a_wait_within_reason(feed_id, hours, age, now, ttl, skipped):
    pulse = Pulse(now - age, tuple(hours), min(sum(hours), 5))
    duration, why = wait(pulse, Hints(ttl=ttl, skip_hours=tuple(skipped)), now=now, spec=replace(SPEC, id=feed_id))
    assert LIMITS.fastest <= duration <= LIMITS.slowest * 1.1 + 12 * HOUR
    assert why in {"new_feed", "rhythm", "fastest", "slowest", "ttl", "skip_hours"}


def test_network_failures_are_retried_soon_then_more_and_more_rarely():
    waits = [backoff(n, "timeout", None, SPEC, LIMITS)[0] for n in range(1, 40)]
    assert MINUTE <= waits[0] < 2 * MINUTE
    assert waits == sorted(waits)
    assert LIMITS.slowest <= waits[-1] <= LIMITS.slowest * 1.1


def test_what_only_a_person_can_mend_is_retried_at_most_hourly_then_daily():
    waits = [backoff(n, "http_404", None, SPEC, LIMITS)[0] for n in range(1, 40)]
    assert 15 * MINUTE <= waits[0] < 20 * MINUTE
    assert DAY <= waits[-1] <= 1.1 * DAY


def test_retry_after_is_obeyed_up_to_a_day():
    duration, why = backoff(1, "http_429", 3 * HOUR, SPEC, LIMITS)
    assert why == "retry_after"
    assert 3 * HOUR <= duration <= 3.3 * HOUR
    assert backoff(1, "http_429", 900 * DAY, SPEC, LIMITS)[0] <= 1.1 * DAY
    assert backoff(1, "http_429", timedelta(seconds=1), SPEC, LIMITS)[1] == "backoff"


def test_admins_are_told_once_and_told_again_when_it_recovers():
    told = [n for n in range(1, 100) if should_tell_admins(n, "dns")]
    assert len(told) == 1
    assert should_tell_recovery(told[0])
    assert not should_tell_recovery(told[0] - 1)
    assert should_tell_admins(1, "http_410")
    assert is_final("http_410")
    assert not is_final("http_404")


def test_the_first_poll_learns_from_the_dates_of_its_entries():
    dated = [Entry("x", published_at=NOW - n * 6 * HOUR) for n in range(40)]
    pulse = learn_pulse(None, [*dated, Entry("sans date"), Entry("futur", published_at=NOW + DAY)], NOW)
    assert (pulse.count, pulse.since) == (40, NOW - 39 * 6 * HOUR)
    old = learn_pulse(None, [*dated, Entry("vieux", published_at=NOW - 90 * DAY)], NOW)
    assert (old.count, old.since) == (40, NOW - 28 * DAY)


def test_later_polls_count_an_item_when_it_came_out_if_its_date_can_be_believed():
    pulse = learn_pulse(Pulse(NOW - DAY), [Entry("x", published_at=NOW - 3 * HOUR)], NOW)
    assert pulse.hours[12] == 1
    pulse = learn_pulse(Pulse(NOW - DAY), [Entry("x", published_at=NOW - 300 * DAY), Entry("y")], NOW)
    assert pulse.hours[15] == 2


def test_a_rhythm_forgets_slowly():
    pulse = learn_pulse(replace(feed_of(10), since=NOW - 29 * DAY), [], NOW)
    assert pulse.since == NOW - 14 * DAY
    assert abs(pulse.count - 140) <= 24


def test_a_feed_that_falls_silent_is_polled_less_and_less():
    once_busy = feed_of(10)
    assert wait(once_busy, now=NOW + 300 * DAY)[0] > 5 * wait(once_busy)[0]


def test_a_feed_is_read_whole_once_a_month_and_cut_in_between():
    whole = Document((Entry("a"),), total=1, blocks="aa")
    memory = remember_blocks(FeedMemory(), whole, NOW)
    assert known_blocks(FeedMemory(blocks="aa"), NOW) == ""
    assert known_blocks(memory, NOW + 29 * DAY) == "aa"
    memory = remember_blocks(memory, Document((Entry("b"),), total=2, blocks="aabb"), NOW + 29 * DAY)
    assert known_blocks(memory, NOW + 29.5 * DAY) == "aabb"
    assert known_blocks(memory, NOW + 30 * DAY) == ""


@pytest.mark.parametrize(
    "memory",
    [
        FeedMemory(),
        FeedMemory(
            guids_lie=True,
            links_lie=True,
            blocks="00ff",
            whole_at=NOW,
            hints=Hints(HOUR, MINUTE, (1, 2), (6,)),
            pulse=Pulse(NOW, tuple(range(24)), 7),
        ),
    ],
)
def test_a_memory_comes_back_as_it_was_written(memory):
    assert read_memory(write_memory(memory)) == memory


@pytest.mark.parametrize(
    "stored",
    [{"pulse": {"since": "hier"}}, {"pulse": {"hours": [1]}}, {"hints": {"ttl": "x"}}, {"whole_at": "x"}, {"neuf": 1}],
)
def test_a_memory_that_cannot_be_read_is_no_memory(stored):
    assert read_memory(stored) == FeedMemory()
