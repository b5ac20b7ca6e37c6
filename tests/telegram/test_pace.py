"""Whatever is asked and whenever, what is let through keeps Telegram's pace."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.ops.botapi_rules import Limits as Enforced
from bot.ops.botapi_rules import Refused
from bot.telegram.pace import NOTHING, Pace, admit, everyone_waits, hold, hold_all, limits_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = limits_of(28.7, 19)
second = timedelta(seconds=1)

gaps = st.lists(st.integers(0, 1500), min_size=1, max_size=120)  # milliseconds between two wishes


def send_greedily(chats, gaps=None):
    """Sends to each chat in turn as soon as allowed; the instants of each chat's messages."""
    state, now, sent = Pace(), NOON, []
    for index, chat in enumerate(chats):
        now += timedelta(milliseconds=gaps[index % len(gaps)] if gaps else 0)
        while True:
            wait, state = admit(state, now, chat, chat < 0, LIMITS)
            if wait == NOTHING:
                break
            now += wait
        sent.append((now, chat))
    return sent


def most_in(instants, window):
    return max(sum(start <= other < start + window for other in instants) for start in instants)


def test_a_quiet_chat_gets_four_messages_at_once_and_then_one_a_second():
    sent = [at for at, _ in send_greedily([5] * 8)]
    waits = [(after - before) / second for before, after in pairwise(sent)]
    assert all(wait < 0.05 for wait in waits[:3])
    assert all(1 <= wait < 1.1 for wait in waits[4:])


@given(st.lists(st.sampled_from([1, 2, 3, -4, -5]), min_size=1, max_size=150), gaps)
def test_no_window_holds_more_than_telegram_allows(chats, gaps):
    sent = send_greedily(chats, gaps)
    assert most_in([at for at, _ in sent], second) <= 30
    for chat in set(chats):
        mine = [at for at, to in sent if to == chat]
        assert most_in(mine, second) <= 5
        if chat < 0:
            assert most_in(mine, timedelta(minutes=1)) <= 20


@given(st.lists(st.sampled_from([*range(1, 40), -4, -5]), min_size=1, max_size=200))
def test_a_server_that_enforces_the_pace_never_refuses(chats):
    server = Enforced()
    for at, chat in send_greedily(chats):
        server.admit(chat, (at - NOON) / second)  # raises Refused if it would answer 429
    assert server.trips == 0


def test_the_enforcing_server_does_refuse_who_keeps_no_pace():
    server = Enforced()
    refused = 0
    for step in range(40):
        try:
            server.admit(5, step / 100)
        except Refused:
            refused += 1
    assert refused >= 35


def test_many_chats_leave_at_nearly_the_full_rate():
    sent = send_greedily(range(1, 601))
    assert (sent[-1][0] - sent[0][0]) / second <= 1.05 * 600 / 30


def test_a_timer_that_fires_late_loses_no_time():
    state, now, ideal = Pace(), NOON, LIMITS.all.interval
    for chat in range(1, 301):
        wait, _ = admit(state, now, chat, False, LIMITS)
        now += wait + ideal / 4  # always a little late
        _, state = admit(state, now, chat, False, LIMITS)
    assert now - NOON <= 301 * ideal


@given(st.integers(1, 10**6), st.integers(0, 10**4))
def test_a_wait_is_honest_sending_then_is_allowed(chat, milliseconds):
    state, now = Pace(), NOON
    for _ in range(6):
        wait, state = admit(state, now, chat, False, LIMITS)
        now += wait
    now += timedelta(milliseconds=milliseconds)
    wait, _ = admit(state, now, chat, False, LIMITS)
    assert admit(state, now + wait, chat, False, LIMITS)[0] == NOTHING


def test_a_wait_reserves_nothing():
    state = Pace()
    for _ in range(4):
        wait, state = admit(state, NOON + second, 5, False, limits_of(1000, 19))
        state = Pace(chats=state.chats)
    wait, same = admit(state, NOON + second, 5, False, LIMITS)
    assert wait > NOTHING
    assert same is state


def test_one_chat_in_flood_wait_delays_only_itself():
    state = hold(Pace(), NOON, 5, 40 * second)
    assert admit(state, NOON + second, 5, False, LIMITS)[0] == 39 * second
    assert admit(state, NOON + second, 6, False, LIMITS)[0] == NOTHING
    assert everyone_waits(state, NOON + second, LIMITS) == NOTHING
    assert admit(state, NOON + 40 * second, 5, False, LIMITS)[0] == NOTHING


def test_three_chats_refused_within_a_second_mean_that_everything_waits():
    state = Pace()
    for chat in (5, 6, 7):
        state = hold(state, NOON, chat, 10 * second)
    assert admit(state, NOON + second, 99, False, LIMITS)[0] == 9 * second
    assert everyone_waits(state, NOON + second, LIMITS) == 9 * second


def test_three_chats_refused_over_a_minute_do_not_stop_the_others():
    state = Pace()
    for index, chat in enumerate((5, 6, 7)):
        state = hold(state, NOON + index * 20 * second, chat, 300 * second)
    assert admit(state, NOON + 41 * second, 99, False, LIMITS)[0] == NOTHING


def test_a_shorter_hold_does_not_shorten_a_longer_one():
    state = hold_all(hold_all(Pace(), NOON, 60 * second), NOON, 5 * second)
    assert everyone_waits(state, NOON + 10 * second, LIMITS) == 50 * second


def test_a_clock_that_jumps_back_an_hour_makes_nobody_wait_longer_than_the_limits():
    state = Pace()
    for _ in range(4):
        _, state = admit(state, NOON, 5, False, limits_of(1000, 19))
    state = hold(state, NOON, 6, 30 * second)
    earlier = NOON - timedelta(hours=1)
    assert admit(state, earlier, 5, False, LIMITS)[0] <= 2 * second
    assert admit(state, earlier, 6, False, LIMITS)[0] <= 30 * second


def test_what_was_sent_long_ago_is_forgotten():
    state = Pace()
    for chat in range(500):
        _, state = admit(state, NOON + chat * second, chat, chat % 2 == 0, LIMITS)
    assert len(state.chats) < 10
    assert len(state.groups) < 10


def test_the_pace_loads_without_aiogram():
    script = "import sys, bot.telegram.pace, bot.telegram.doors; sys.exit('aiogram' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_only_telegram_s_room_imports_aiogram():
    bot = Path(__file__).resolve().parents[2] / "bot"
    for file in bot.rglob("*.py"):
        if "telegram" not in file.parent.parts:
            assert not re.search(r"^\s*(?:from|import) aiogram\b", file.read_text("utf-8"), re.MULTILINE), file
