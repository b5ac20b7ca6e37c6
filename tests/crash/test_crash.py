"""Three hundred items go to twenty chats while the real processes are killed with kill -9: what each chat then holds.

One process polls, one delivers and one stands by on the same token, so each kill proves a takeover as well. Nothing may
be missing. A second copy is excused only where the answer of the first was lost: the outbox counted it. `make crash`
kills a hundred times, with other dice each time.
"""

import asyncio
import os
import random
import re
import sys
from collections import Counter

import pytest
from sqlalchemy import select

from bot.model import Chat
from bot.ops.botapi import BotApi
from bot.store import chats
from bot.store.database import open_database
from bot.store.migrate import upgrade
from bot.store.tables import alert, delivery, item
from tests.line.press import Press
from tests.line.process import Bot

KILLS = int(os.environ.get("CRASH_KILLS", "15"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.randrange(1, 10**6)
ENGINES = ("sqlite", "postgresql") if "CRASH_KILLS" in os.environ else ("sqlite",)
PEOPLE, ITEMS = 20, 300
BACKLOG = 60  # items that a chat may be owed: past two hundred, a message counts the rest instead of naming it
TITLE = re.compile(r"Immigration(?: [a-z]{8}){6}")


def headline(dice):
    """A title that has nothing in common with another but the topic, so that each is a story of its own."""

    def word():
        return "".join(dice.choice("bcdfghjklmnpqrstvz") + dice.choice("aeiou") for _ in range(4))

    return f"Immigration {' '.join(word() for _ in range(6))}"


async def eventually(seen, seconds):
    """Another process does the work: all one can do is look again."""
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def subscribe_all(url, people, now):
    async with open_database(url) as database:
        await upgrade(database)
        async with database.write() as conn:
            for person in people:
                await chats.add_chat(conn, Chat(person.id), "", 0, now)
                await chats.follow(conn, person.id, "immigration", now)


async def outbox(url):
    """(chat, title) → how many answers were lost; and whatever did not end well."""
    query = (
        select(delivery.c.chat_id, item.c.title, delivery.c.lost, delivery.c.state)
        .join(alert, alert.c.id == delivery.c.alert_id)
        .join(item, item.c.id == alert.c.item_id)
    )
    async with open_database(url) as database, database.read() as conn:
        return {(row.chat_id, row.title): (row.lost, row.state) for row in await conn.execute(query)}


def copies(people):
    """(chat, title) → in how many messages it stands; and how many messages told again what another had told."""
    held = Counter()
    again = 0
    for person in people:
        for message in person.inbox:
            told = {(person.id, title) for title in TITLE.findall(message.text.replace("\u00a0", " "))}
            again += any(held[which] for which in told)
            held.update(told)
    return held, again


@pytest.mark.parametrize("engine_name", ENGINES, indirect=True)
async def test_killed_at_random_moments_it_loses_nothing_and_doubles_only_what_it_was_not_told(
    tmp_path, empty_url, engine_name, now
):
    dice = random.Random(SEED)
    titles = [headline(dice) for _ in range(ITEMS)]
    url = empty_url
    settings = {"GUETTEUR_DATABASE_URL": url, "GUETTEUR_LEASE_SECONDS": "2"}
    async with BotApi() as api, Press() as press:
        people = [api.person(f"P{number}") for number in range(PEOPLE)]
        await subscribe_all(url, people, now)
        press.publish("Une immigration d’hier", "C’était hier.", hours_ago=20)
        poller, active, standby = (
            Bot(tmp_path, api, press.address, role, **settings) for role in ("poll", "deliver", "deliver")
        )
        for bot in (poller, active, standby):
            await bot.start()
        await eventually(lambda: '"primed"' in poller.log, 60)
        for kill in range(KILLS):
            told = PEOPLE * (kill * (ITEMS // KILLS) - BACKLOG)
            await eventually(lambda told=told: len(copies(people)[0]) >= told, 180)
            before = sent(api)
            publishing = asyncio.create_task(publish(press, titles[kill::KILLS], dice))
            await eventually(lambda before=before: sent(api) > before, 60)
            await asyncio.sleep(dice.uniform(0, 0.8))
            if kill % 3 == 2:
                await poller.kill()
                await poller.start()
            else:
                await active.kill()
                active, standby = standby, active
                await standby.start()
            await publishing
        await eventually(
            lambda: len(copies(people)[0]) == PEOPLE * ITEMS, 180
        )  # a claim that was cut keeps its chats two minutes
        for bot in (poller, active, standby):
            assert await bot.stop() == 0
        held, messages_doubled = copies(people)
    told = await outbox(url)
    doubled = {which for which, times in held.items() if times > 1}
    excused = {which for which, (lost, _) in told.items() if lost}
    sys.stdout.write(
        f"{engine_name}, {KILLS} kills (CRASH_SEED={SEED}): {PEOPLE * ITEMS} owed, missing {len(told.keys() - held.keys())}, "
        f"told twice {len(doubled)} in {messages_doubled} messages, "
        f"without excuse {len(doubled - excused)} (answers lost: {len(excused)})\n"
    )
    assert len(told) == PEOPLE * ITEMS
    assert max(held.values()) <= 2
    assert doubled <= excused
    assert messages_doubled <= KILLS
    assert {state for _, state in told.values()} <= {"sent", "dropped"}


async def publish(press, titles, dice):
    """One after the other, so that the process is killed in a poll, in a commit, in a call."""
    for title in titles:
        press.publish(title, f"L’immigration : {title.lower().removeprefix('immigration ')}.")
        await asyncio.sleep(dice.uniform(0, 0.05))


def sent(api):
    return sum(call.method == "sendmessage" for call in api.calls)
