"""What is owed reaches the chat, whatever Telegram answers: the real loop, store and client against a server at the wire."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import event, select, update

from bot.alerts.render import TopicLabel
from bot.events import AlertTold, LoopFailed
from bot.loops.deliver import Deliverer
from bot.loops.ledger import Ledger
from bot.loops.pace import Turns
from bot.model import Chat, ChatKind, ChatState
from bot.ops.botapi import BAD_GATEWAY, CUT_JSON, DROPPED_AFTER, DROPPED_BEFORE, BotApi, floods, refuses
from bot.store import chats, deliveries
from bot.store.database import StoreUnavailable
from bot.store.tables import chat, delivery
from bot.telegram.client import make_bot
from bot.telegram.pace import Pace, limits_of
from bot.telegram.send import Sender
from tests.store.facts import add_chat, add_feed, tell

LABELS = {"immigration": TopicLabel({"fr": "Immigration", "en": "Immigration"}, "🌍")}


class Clock:
    """Moves only when told."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
def facts():
    return []


@pytest.fixture
async def deliverer(sqlite_database, api, clock, facts) -> AsyncIterator[Deliverer]:
    bot = make_bot(SecretStr(api.token), api.url)
    turns = Turns(limits_of(1_000, 1_000), lambda: datetime.now(UTC))
    ledger = Ledger(sqlite_database, facts.append)
    yield Deliverer(sqlite_database, Sender(bot), turns, lambda: LABELS, facts.append, clock, ledger)
    await bot.session.close()


@pytest.fixture
async def ana(sqlite_database, api, now):
    person = api.person("Ana")
    await add_feed(sqlite_database, now)
    await add_chat(sqlite_database, person.id, now)
    return person


async def deliver(deliverer, clock, later=timedelta(0)):
    clock.now += later
    claimed = await deliverer.deliver_due()
    await deliverer.drain()
    return claimed


async def states(database):
    async with database.read() as conn:
        rows = await conn.execute(select(delivery.c.state, delivery.c.lost, delivery.c.reason).order_by(delivery.c.id))
        return [tuple(row) for row in rows]


def sent_calls(api):
    return [call for call in api.calls if call.method == "sendmessage"]


async def test_a_channel_gets_one_post_however_many_read_it(deliverer, sqlite_database, api, clock, ana):
    channel = api.group("Veille", ana, kind="channel", username="veille")
    async with sqlite_database.write() as conn:
        await chats.add_chat(conn, Chat(channel.id, ChatKind.CHANNEL), "Veille", 0, clock.now)
        await chats.follow(conn, channel.id, "immigration", clock.now)
    await tell(sqlite_database, clock.now)
    assert await deliver(deliverer, clock) == 2
    [post] = channel.inbox
    assert "Des permis de travail plus longs" in post.text
    assert await deliver(deliverer, clock, timedelta(hours=1)) == 0
    assert len(channel.inbox) == len(ana.inbox) == 1


async def test_an_alert_arrives_once_and_stays_told(deliverer, sqlite_database, api, ana, clock, now):
    await tell(sqlite_database, now)
    assert await deliver(deliverer, clock) == 1
    [message] = ana.inbox
    assert "Des permis de travail plus longs" in message.text
    assert "Le Courrier" in message.text
    assert await states(sqlite_database) == [("sent", 0, "")]
    assert await deliver(deliverer, clock, timedelta(days=1)) == 0


async def test_the_first_message_of_an_alert_says_how_long_the_news_took_and_later_ones_do_not(
    deliverer, sqlite_database, api, ana, clock, facts, now
):
    published = now - timedelta(minutes=7)
    for person in (api.person("Bob"), api.person("Cem")):
        await add_chat(sqlite_database, person.id, now)
    told, _ = await tell(sqlite_database, now, published_at=published)
    undated, _ = await tell(sqlite_database, now, "k2", url="https://courrier.example/k2", published_at=None)
    await deliver(deliverer, clock, timedelta(minutes=1))
    late = api.person("Dia")
    await add_chat(sqlite_database, late.id, now)
    async with sqlite_database.write() as conn:
        await deliveries.address(conn, told, now, clock.now)
    await deliver(deliverer, clock, timedelta(minutes=9))
    assert [len(person.inbox) for person in (ana, late)] == [1, 1]
    first = {fact.alert_id: fact.lag for fact in facts if isinstance(fact, AlertTold)}
    assert first == {told: timedelta(minutes=8), undated: None}
    assert sum(isinstance(fact, AlertTold) for fact in facts) == 2


async def test_an_alert_that_could_not_be_sent_was_not_told(deliverer, sqlite_database, api, ana, clock, facts, now):
    api.plan(floods(5))
    told, _ = await tell(sqlite_database, now, published_at=now)
    await deliver(deliverer, clock)
    assert not any(isinstance(fact, AlertTold) for fact in facts)
    await deliver(deliverer, clock, timedelta(minutes=2))
    assert [fact for fact in facts if isinstance(fact, AlertTold)] == [AlertTold(told, timedelta(minutes=2))]


async def test_what_is_due_together_is_one_message(deliverer, sqlite_database, api, ana, clock, now):
    await tell(sqlite_database, now, "k1")
    await tell(sqlite_database, now, "k2", title="Une grève dans les ports", url="https://courrier.example/k2")
    await deliver(deliverer, clock)
    [message] = ana.inbox
    assert "Des permis de travail plus longs" in message.text
    assert "Une grève dans les ports" in message.text
    assert [state for state, *_ in await states(sqlite_database)] == ["sent", "sent"]


async def test_retry_after_is_obeyed_and_delays_nobody_else(deliverer, sqlite_database, api, ana, clock, now):
    bruno = api.person("Bruno")
    await add_chat(sqlite_database, bruno.id, now)
    await tell(sqlite_database, now)
    api.plan(floods(2), chat_id=ana.id)  # the pace is kept by the real clock
    await deliver(deliverer, clock)
    assert (len(ana.inbox), len(bruno.inbox)) == (0, 1)
    assert await deliver(deliverer, clock, timedelta(seconds=1.9)) == 0
    await deliver(deliverer, clock, timedelta(seconds=0.2))
    assert len(ana.inbox) == 1


async def test_a_chat_that_blocked_us_is_asked_nothing_more_and_is_told_on_its_return(
    deliverer, sqlite_database, api, ana, clock, now
):
    ana.home.refusal = (403, "Forbidden: bot was blocked by the user")
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    async with sqlite_database.read() as conn:
        who = await chats.subscriber(conn, ana.id)
    assert (who.chat.state, who.topics) == (ChatState.BLOCKED, {"immigration"})
    await deliver(deliverer, clock, timedelta(days=1))
    assert len(sent_calls(api)) == 1
    ana.home.refusal = None
    async with sqlite_database.write() as conn:
        await chats.set_state(conn, ana.id, ChatState.ACTIVE, "", clock.now)
    await deliver(deliverer, clock)
    assert len(ana.inbox) == 1


async def test_a_group_that_became_a_supergroup_gets_its_alert_once(deliverer, sqlite_database, api, clock, now):
    await add_feed(sqlite_database, now)
    group = api.group("Salle de presse", kind="group")
    await add_chat(sqlite_database, group.id, now)
    supergroup = api.upgrade(group)
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    await deliver(deliverer, clock, timedelta(seconds=1))
    assert (len(group.inbox), len(supergroup.inbox)) == (0, 1)
    async with sqlite_database.read() as conn:
        assert (await chats.subscriber(conn, supergroup.id)).topics == {"immigration"}
        assert await chats.subscriber(conn, group.id) is None


async def test_entities_that_telegram_refuses_come_as_plain_text(deliverer, sqlite_database, api, ana, clock, now):
    api.plan(refuses(400, "Bad Request: can't parse entities: unexpected end tag"))
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    await deliver(deliverer, clock, timedelta(seconds=1))
    [message] = ana.inbox
    assert message.entities == []
    assert "Des permis de travail plus longs" in message.text


@pytest.mark.parametrize("fault", [DROPPED_AFTER, CUT_JSON], ids=["dropped", "half_an_answer"])
async def test_a_lost_answer_is_tried_once_more_and_counted(deliverer, sqlite_database, api, ana, clock, now, fault):
    api.plan(fault)
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    [(state, lost, _)] = await states(sqlite_database)
    assert (state, lost) == ("uncertain", 1)
    await deliver(deliverer, clock, timedelta(minutes=1))
    [(state, lost, _)] = await states(sqlite_database)
    assert (state, lost, len(ana.inbox)) == ("sent", 1, 2)


async def test_never_more_than_two_copies(deliverer, sqlite_database, api, ana, clock, now):
    api.plan(DROPPED_AFTER, times=5)
    await tell(sqlite_database, now)
    for _ in range(6):
        await deliver(deliverer, clock, timedelta(minutes=30))
    assert len(ana.inbox) == 2
    [(state, lost, _)] = await states(sqlite_database)
    assert (state, lost) == ("uncertain", 2)


async def test_a_crash_during_the_second_try_does_not_make_a_third_copy(
    deliverer, sqlite_database, api, ana, clock, now
):
    api.plan(DROPPED_AFTER)
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    async with sqlite_database.write() as conn:  # what a kill -9 during the second call leaves
        await conn.execute(update(delivery).values(state="sending", not_before=clock.now))
        await conn.execute(update(chat).values(lease_until=clock.now))
    await deliver(deliverer, clock, timedelta(minutes=5))
    assert len(ana.inbox) == 1
    [(state, lost, reason)] = await states(sqlite_database)
    assert (state, lost, reason) == ("dropped", 2, "lost_twice")


async def test_a_gateway_page_counts_as_a_lost_answer_and_a_refused_connection_does_not(
    deliverer, sqlite_database, api, ana, clock, now
):
    api.plan(BAD_GATEWAY)
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    assert [(state, lost) for state, lost, _ in await states(sqlite_database)] == [("uncertain", 1)]


async def test_a_server_that_is_away_loses_nothing(deliverer, sqlite_database, api, ana, clock, now):
    await tell(sqlite_database, now)
    port = api.port
    await api.__aexit__(None, None, None)
    await deliver(deliverer, clock)
    [(state, lost, _)] = await states(sqlite_database)
    assert (state, lost) == ("pending", 0)
    api.port = port
    async with api:
        await deliver(deliverer, clock, timedelta(hours=1))
    assert len(ana.inbox) == 1


async def test_a_chat_that_does_not_exist_is_given_up(deliverer, sqlite_database, api, clock, now):
    await add_feed(sqlite_database, now)
    await add_chat(sqlite_database, 999, now)
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    assert await states(sqlite_database) == [("dead", 0, "chat_not_found")]


async def test_a_refused_token_keeps_the_whole_queue_and_stops_asking(
    deliverer, sqlite_database, api, ana, clock, now, facts
):
    api.plan(refuses(401, "Unauthorized"))
    await tell(sqlite_database, now)
    await deliver(deliverer, clock)
    assert [type(fact).__name__ for fact in facts] == ["TokenRefused"]
    assert await deliver(deliverer, clock, timedelta(minutes=5)) == 0
    assert [state for state, *_ in await states(sqlite_database)] == ["pending"]
    deliverer.pace.state = Pace()  # the pause is over
    await deliver(deliverer, clock)
    assert len(ana.inbox) == 1


async def test_after_a_failure_the_order_of_a_chat_is_kept(deliverer, sqlite_database, api, ana, clock, now):
    api.plan(DROPPED_BEFORE)
    await tell(sqlite_database, now, "k1")
    await deliver(deliverer, clock)
    await tell(sqlite_database, clock.now, "k2", title="La seconde", url="https://courrier.example/k2")
    await deliver(deliverer, clock, timedelta(minutes=1))
    texts = "\n".join(message.text for message in ana.inbox)
    assert texts.count("Des permis de travail plus longs") == 1
    assert texts.count("La seconde") == 1


DISK_ORDERS = {
    "": ("query_only=OFF", "max_page_count=1073741823", "busy_timeout=3000"),
    "read-only": ("query_only=ON",),
    "full": ("max_page_count=1",),
    "locked": ("busy_timeout=20",),
}


class Disk:
    """What the database's file does from now on, on every connection: "" is well."""

    def __init__(self, database, file):
        self.file, self.state, self._other = file, "", None
        event.listen(database.engine.sync_engine.pool, "checkout", self._obey)

    def becomes(self, state):
        self.state = state
        if self._other:
            self._other.close()
            self._other = None
        if state == "locked":
            self._other = sqlite3.connect(self.file, isolation_level=None)
            self._other.execute("BEGIN IMMEDIATE")

    def _obey(self, connection, *_):
        cursor = connection.cursor()
        for order in DISK_ORDERS[self.state]:
            cursor.execute(f"PRAGMA {order}")
        cursor.close()


@pytest.fixture
async def disk(sqlite_database, tmp_path):
    disk = Disk(sqlite_database, tmp_path / "guetteur.db")
    yield disk
    disk.becomes("")


TROUBLES = ["read-only", "full", "locked"]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_database_that_cannot_be_written_sends_nothing_it_could_not_remember(
    deliverer, sqlite_database, api, ana, clock, disk, trouble, now
):
    await tell(sqlite_database, now)
    disk.becomes(trouble)
    with suppress(StoreUnavailable):  # a full one still has room for what changes in place
        await deliver(deliverer, clock)
    assert len(ana.inbox) == (trouble == "full")
    disk.becomes("")
    await deliver(deliverer, clock, timedelta(minutes=3))
    assert len(ana.inbox) == 1
    assert [state for state, *_ in await states(sqlite_database)] == ["sent"]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_an_answer_that_cannot_be_written_is_kept_until_it_can_and_no_copy_is_sent(
    deliverer, sqlite_database, api, ana, clock, disk, facts, trouble, now
):
    await tell(sqlite_database, now)
    api.trouble = lambda _call: disk.becomes(trouble)  # between the call and its outcome
    claimed = await deliverer.deliver_due()
    assert claimed == 1
    async with asyncio.timeout(10):
        while deliverer.serving and not facts:  # noqa: ASYNC110 (the ledger tries again by itself)
            await asyncio.sleep(0.01)
    disk.becomes("")
    await deliverer.drain()
    assert [fact.cause for fact in facts if isinstance(fact, LoopFailed)] or trouble == "full"
    assert await states(sqlite_database) == [("sent", 0, "")]
    await deliver(deliverer, clock, timedelta(hours=1))
    assert len(ana.inbox) == 1


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(hours=-1), timedelta(days=30)])
async def test_a_clock_that_jumps_doubles_nothing_and_delays_no_news(
    deliverer, sqlite_database, api, ana, clock, jump, now
):
    await tell(sqlite_database, now, "k1", title="Avant le saut", url="https://courrier.example/k1")
    await deliver(deliverer, clock)
    await deliver(deliverer, clock, jump)
    await tell(sqlite_database, clock.now, "k2", title="Après le saut", url="https://courrier.example/k2")
    await deliver(deliverer, clock)
    await deliver(deliverer, clock, -jump)
    await deliver(deliverer, clock, timedelta(hours=2))
    assert ["Avant" in message.text for message in ana.inbox] == [True, False]
    assert await states(sqlite_database) == [("sent", 0, "")] * 2
