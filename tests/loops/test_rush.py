"""Many chats at once: Telegram's pace is kept and used whole, and a Telegram in trouble gets every alert through once.

The server enforces 30 messages a second, one a second a chat (four at once), 20 a minute a group, in every window, and
refuses what exceeds. `benchmarks/bench_deliver.py` does the same with two hundred chats.
"""

import asyncio
import random
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.alerts.render import TopicLabel
from bot.loops.deliver import Deliverer
from bot.loops.ledger import Ledger
from bot.loops.pace import Turns
from bot.ops.botapi import BAD_GATEWAY, CUT_JSON, DROPPED_AFTER, DROPPED_BEFORE, BotApi, floods
from bot.ops.botapi_rules import Limits
from bot.store.tables import alert, delivery, item
from bot.telegram.client import make_bot
from bot.telegram.pace import limits_of
from bot.telegram.send import Sender
from tests.store.facts import add_chat, add_feed, tell

LABELS = {"immigration": TopicLabel({"fr": "Immigration"}, "🌍")}
TELEGRAM_A_SECOND = 30
TITLES = [f"Nouvelle {wave}" for wave in range(3)]


@asynccontextmanager
async def open_deliverer(database, api, clock, limits):
    bot = make_bot(SecretStr(api.token), api.url)
    turns = Turns(limits, lambda: datetime.now(UTC))
    facts = []
    yield Deliverer(database, Sender(bot), turns, lambda: LABELS, facts.append, clock, Ledger(database, facts.append))
    await bot.session.close()
    assert not [fact for fact in facts if type(fact).__name__ == "LoopFailed"]


async def subscribe(database, api, now, count):
    await add_feed(database, now)
    people = [api.person(f"P{number}") for number in range(count)]
    for person in people:
        await add_chat(database, person.id, now)
    return people


async def tell_news(database, now, number):
    """A story of its own."""
    await tell(database, now, f"k{number}", title=f"Nouvelle {number}", url=f"https://courrier.example/{number}")


def sent(api):
    return [call for call in api.calls if call.method == "sendmessage"]


@pytest.mark.alone
async def test_the_pace_is_kept_without_one_refusal_and_costs_at_most_a_twentieth(sqlite_database):
    async with BotApi(limits=Limits()) as api:
        people = await subscribe(sqlite_database, api, datetime.now(UTC), 60)
        async with open_deliverer(sqlite_database, api, lambda: datetime.now(UTC), limits_of(29, 19)) as deliverer:
            for wave in range(3):  # each is told when the one before is claimed, so that the queue is never empty
                now = datetime.now(UTC)
                await tell_news(sqlite_database, now, wave)
                while len(sent(api)) < 60 * (wave + 1) - 20:
                    await deliverer.deliver_due()
                    await asyncio.sleep(0.01)
            await deliverer.drain()
        calls = sent(api)
        assert api.limits.trips == 0
        assert [len(person.inbox) for person in people] == [3] * 60
        assert calls[-1].at - calls[0].at <= 1.05 * (len(calls) - 1) / TELEGRAM_A_SECOND


async def test_a_queue_longer_than_the_pace_allows_is_one_message_a_chat(sqlite_database):
    async with BotApi(limits=Limits()) as api:
        people = await subscribe(sqlite_database, api, datetime.now(UTC), 30)
        for number in range(10):
            now = datetime.now(UTC)
            await tell_news(sqlite_database, now, number)
        async with open_deliverer(sqlite_database, api, lambda: datetime.now(UTC), limits_of(29, 19)) as deliverer:
            await deliverer.deliver_due()
            await deliverer.drain()
        assert len(sent(api)) == len(people)
        assert all(f"Nouvelle {number}" in person.inbox[0].text for person in people for number in range(10))


async def test_a_telegram_in_trouble_gets_every_alert_through_once_but_for_lost_answers(sqlite_database, now):
    dice = random.Random(20261124)
    faults = (floods(1), BAD_GATEWAY, DROPPED_BEFORE, DROPPED_AFTER, CUT_JSON)
    lost = Counter()

    def trouble(call):
        if call.method != "sendmessage" or dice.random() > 0.1:
            return None
        fault = dice.choice(faults)
        lost[call.chat_id] += fault.accepts
        return fault

    at = now
    async with BotApi(trouble=trouble) as api:
        people = await subscribe(sqlite_database, api, now, 60)
        async with open_deliverer(sqlite_database, api, lambda: at, limits_of(1_000, 1_000)) as deliverer:
            for wave in range(3):
                await tell_news(sqlite_database, at, wave)
                for _ in range(20):
                    await deliverer.deliver_due()
                    await deliverer.drain()
                    at += timedelta(seconds=30)
    assert lost.total() > 5
    rows = await outbox(sqlite_database)
    given_up = {(row.chat_id, row.title) for row in rows if row.state == "uncertain" and row.lost == 2}
    assert {row.state for row in rows if (row.chat_id, row.title) not in given_up} == {"sent"}
    for person in people:
        copies = Counter(title for title in TITLES for message in person.inbox if title in message.text)
        assert all(copies[title] for title in TITLES if (person.id, title) not in given_up)
        assert copies.total() - len(copies) <= lost[person.id]


async def outbox(database):
    query = select(delivery.c.chat_id, delivery.c.state, delivery.c.lost, item.c.title)
    async with database.read() as conn:
        joined = query.join(alert, alert.c.id == delivery.c.alert_id).join(item, item.c.id == alert.c.item_id)
        return (await conn.execute(joined)).all()
