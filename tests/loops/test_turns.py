"""Everyone who sends stands in one queue: by priority, past whoever must wait, and with every process of the token."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.loops.pace import Priority, Shared, Turns
from bot.store.database import StoreUnavailable
from bot.telegram.pace import Limit, limits_of


def utc_now():
    return datetime.now(UTC)


def turns_at(per_second, shared=None):
    return Turns(limits_of(per_second, 1_000), utc_now, shared)


async def pass_through(turns, chat, priority, left):
    async with turns.leaving(chat, group=False, priority=priority):
        left.append(priority)


async def test_the_urgent_goes_before_the_digest_before_edits_before_a_broadcast():
    turns, left = turns_at(50), []
    await asyncio.gather(*(pass_through(turns, 1, Priority.ALERT, []) for _ in range(4)))  # the burst is used up
    asked = [Priority.BROADCAST, Priority.EDIT, Priority.DIGEST, Priority.ALERT, Priority.ANSWER]
    await asyncio.gather(*(pass_through(turns, chat, each, left) for chat, each in enumerate(asked, 2)))
    assert left == sorted(asked)


async def test_how_long_each_message_waited_is_told():
    waits = []
    turns = Turns(limits_of(20, 1_000), utc_now, waited=waits.append)
    await asyncio.gather(*(pass_through(turns, 1, Priority.ALERT, []) for _ in range(5)))
    assert len(waits) == 5
    assert waits[0] < timedelta(seconds=0.5) < waits[-1]  # four may leave in a burst


async def test_among_equals_who_came_first_goes_first():
    turns, left = turns_at(200), []

    async def go(chat):
        async with turns.leaving(chat, group=False, priority=Priority.ALERT):
            left.append(chat)

    await asyncio.gather(*(go(chat) for chat in range(20)))
    assert left == list(range(20))


async def test_a_chat_that_must_wait_holds_nobody_up():
    turns, left = turns_at(1_000), []
    turns.hold(1, timedelta(seconds=30))
    waiting = asyncio.create_task(pass_through(turns, 1, Priority.ANSWER, left))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await pass_through(turns, 2, Priority.BROADCAST, left)
    assert left == [Priority.BROADCAST]
    waiting.cancel()


async def test_whoever_gives_up_waiting_leaves_the_door_free():
    turns, left = turns_at(1_000), []
    turns.hold(1, timedelta(seconds=30))
    waiting = [asyncio.create_task(pass_through(turns, 1, Priority.ALERT, left)) for _ in range(5)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    async with asyncio.timeout(1):
        await pass_through(turns, 2, Priority.ALERT, left)
    assert left == [Priority.ALERT]


async def test_while_one_stands_in_the_door_nobody_follows():
    turns, left = turns_at(29), []
    async with turns.leaving(1, group=False, priority=Priority.ALERT):
        behind = asyncio.create_task(pass_through(turns, 2, Priority.ALERT, left))
        await asyncio.sleep(0.2)
        assert left == []
    await behind
    assert left == [Priority.ALERT]


async def test_two_processes_share_the_rate_of_their_token(database):
    each = [turns_at(40, Shared(database, "token", utc_now)) for _ in range(2)]
    left = []
    began = utc_now()
    await asyncio.gather(*(pass_through(each[chat % 2], chat, Priority.ALERT, left) for chat in range(44)))
    took = utc_now() - began
    assert took >= timedelta(seconds=(44 - 4) / 40 * 0.99)  # four may leave at once
    assert took < timedelta(seconds=(44 - 4) / 40 * 2)


async def test_one_bucket_never_gives_the_same_turn_twice(database, now):
    shared = Shared(database, "token", lambda: now)
    waits = await asyncio.gather(*(shared(Limit(timedelta(seconds=60), 1)) for _ in range(5)))
    assert sorted(not wait for wait in waits) == [False] * 4 + [True]


async def test_a_database_that_is_away_sends_nobody_and_says_so():
    async def away(_limit):
        raise StoreUnavailable("disk I/O error")

    turns = turns_at(1_000, away)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await pass_through(turns, 1, Priority.ALERT, [])
