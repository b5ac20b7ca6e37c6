"""What goes wrong, by name: kills, double deliveries, two bots on one token, outages, floods, forgeries, abuses."""

import asyncio
import sqlite3
import sys
from contextlib import asynccontextmanager, closing, suppress

import pytest
from pydantic import SecretStr

from bot.events import LoopFailed, TokenRefused
from bot.model import ChatKind, ChatState
from bot.ops.botapi import BAD_GATEWAY, DROPPED_AFTER, DROPPED_BEFORE, HALF_JSON, BotApi, Fault, floods, refuses, slow
from bot.store.database import open_database
from bot.store.desk import Desk
from bot.store.migrate import upgrade
from bot.telegram.client import make_bot
from bot.text.urls import canonical_url
from tests.telegram.bench import NOON, OPERATOR, make_bench, talking

# A bot as a process of its own, to be killed. `after` names the moment of the kill.
VICTIM = """
import asyncio, os, sys
from pydantic import SecretStr
from bot.store.database import open_database
from bot.telegram.client import make_bot
from tests.telegram.bench import Clock, make_bench, talking

token, url, address, after = sys.argv[1:]

async def main():
    async with open_database(address) as database:
        bot = make_bot(SecretStr(token), url)
        bench = make_bench(None, bot, database, Clock())
        conversation = bench.chat.conversation
        decide, settled = conversation.decide, conversation.settled
        class Dying:
            bot, house = conversation.bot, conversation.house
            apology = staticmethod(conversation.apology)
            @staticmethod
            async def decide(update):
                reply = await decide(update)
                if after == "committed": os.kill(os.getpid(), 9)
                return reply
            @staticmethod
            async def settled(update):
                if after == "answered": os.kill(os.getpid(), 9)
                await settled(update)
        bench.chat.conversation = Dying
        async with talking(bench.chat):
            await asyncio.sleep(60)

asyncio.run(main())
"""


async def until(condition, seconds=8):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (the bot's events have no bell)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("after", ["committed", "answered"])
async def test_a_kill_right_after_a_command_loses_nothing_and_doubles_no_effect(api, bot, tmp_path, clock, after):
    address = f"sqlite+aiosqlite:///{tmp_path}/guetteur.db"
    ana = api.person()
    async with open_database(address) as database:
        await upgrade(database)
        await Desk(database, canonical_url, "America/Toronto").arrive(ana.id, ChatKind.PRIVATE, "fr", NOON)
    ana.says("/pause")
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, api.token, api.url, address, after, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await asyncio.wait_for(victim.communicate(), 30)
    assert victim.returncode == -9, errors.decode()
    assert api.confirmed == 0, "never confirmed before it was done"
    async with open_database(address) as database:
        bench = make_bench(api, bot, database, clock)
        async with talking(bench.chat):
            await api.quiet()
        assert (await bench.store.subscriber(ana.id)).chat.state is ChatState.PAUSED
    answers = [message.text for message in ana.inbox]
    assert answers == ["⏸ Alertes en pause\n\n" + answers[0].split("\n\n")[1]] * (2 if after == "answered" else 1)


async def test_an_update_delivered_twice_is_answered_once(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    update = room.api.confirmed
    room.api.again(update)
    await room.api.quiet()
    await asyncio.sleep(0)
    assert len(ana.inbox) == 1


async def test_an_update_is_confirmed_only_after_its_effect_has_committed(bench):
    ana = bench.api.person()
    file = bench.store._database.engine.url.database
    known_at_confirmation = []

    def watch(call):
        if call.method == "getupdates" and int(call.given.get("offset") or 0) > 5001:
            with closing(sqlite3.connect(file)) as other:
                known_at_confirmation.append(other.execute("SELECT id FROM chat").fetchall())

    bench.api.trouble = watch
    async with talking(bench.chat):
        ana.says("/start")
        await bench.api.quiet()
    assert known_at_confirmation[0] == [(ana.id,)]


async def test_a_stop_answers_what_it_has_confirms_it_and_ends_soon(bench):
    ana = bench.api.person()
    started = asyncio.get_running_loop().time()
    async with talking(bench.chat):
        ana.says("/start")
        await ana.hears()
    assert asyncio.get_running_loop().time() - started < 8
    assert bench.api.confirmed == 5001


async def test_two_bots_on_one_token_each_say_so_and_go_on(api, bot, database, clock):
    first = make_bench(api, bot, database, clock)
    other_bot = make_bot(SecretStr(api.token), api.url)
    second = make_bench(api, other_bot, database, clock)
    async with talking(first.chat), talking(second.chat):
        await until(lambda: LoopFailed("chat", "conflict") in first.events + second.events)
    await other_bot.session.close()


async def test_a_webhook_set_by_another_is_said_and_at_start_it_is_left(bench):
    api = bench.api
    api.webhook = "https://elsewhere.example/hook"
    async with talking(bench.chat):
        await until(lambda: not api.webhook)
        ana = api.person()
        ana.says("/start")
        await ana.hears()
        api.webhook = "https://elsewhere.example/hook"
        api.beat()
        ana.says("/etat")
        await until(lambda: LoopFailed("chat", "webhook_set") in bench.events)
        api.webhook = ""


async def test_a_refused_token_is_told_once_with_its_cause(database, clock):
    async with BotApi("7000:right") as api:
        bot = make_bot(SecretStr("7000:wrong"), api.url)
        bench = make_bench(api, bot, database, clock)
        async with talking(bench.chat):
            await until(lambda: TokenRefused("token_refused") in bench.events)
        await bot.session.close()
    assert bench.events.count(TokenRefused("token_refused")) == 1


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (BAD_GATEWAY, "telegram_unreadable"),
        (HALF_JSON, "telegram_unreadable"),
        (DROPPED_BEFORE, "telegram_dropped"),
        (DROPPED_AFTER, "telegram_dropped"),
        (floods(1), "flood"),
        (refuses(500, "Internal Server Error"), "telegram_down"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_polling_survives_what_the_network_does_and_says_it_once(bench, fault, cause):
    ana = bench.api.person()
    bench.api.plan(fault, method="getUpdates")
    ana.says("/start")
    async with talking(bench.chat):
        await ana.hears()
    assert bench.events.count(LoopFailed("chat", cause)) == 1
    assert (await bench.store.subscriber(ana.id)) is not None


async def test_one_update_the_library_cannot_read_does_not_hide_the_others(bench):
    ana = bench.api.person()
    bench.api.queue(message={"message_id": "not a number", "chat": 5})
    ana.says("/start")
    async with talking(bench.chat):
        await bench.api.quiet()
    assert "Quels sujets" in ana.inbox[0].text
    assert LoopFailed("chat", "unreadable_update") in bench.events


async def test_a_server_that_describes_administrators_differently_still_lets_them_choose(room):
    ana = room.api.person()
    group = room.api.group("Salle", ana)
    body = b'{"ok":true,"result":{"status":"administrator","of_tomorrow":true}}'
    room.api.plan(Fault(status=200, body=body, accepts=True), method="getChatMember")
    await room.says(ana, "/start", group)
    assert await room.store.subscriber(group.id) is not None


async def test_rights_that_cannot_be_asked_are_no_rights(room):
    ana = room.api.person()
    group = room.api.group("Salle", ana)
    room.api.plan(BAD_GATEWAY, method="getChatMember")
    assert "administrateurs" in (await room.says(ana, "/start", group)).text
    assert await room.store.subscriber(group.id) is None


@asynccontextmanager
async def refusing_newcomers(database):
    """A database that fails on the next newcomer, as a full disk does."""
    async with database.write() as conn:
        await conn.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON chat BEGIN SELECT RAISE(ABORT, 'full'); END")
    yield
    async with database.write() as conn:
        await conn.exec_driver_sql("DROP TRIGGER full")


async def test_a_store_that_fails_is_told_to_the_person_and_nothing_changes(bench):
    ana = bench.api.person()
    async with refusing_newcomers(bench.store._database), talking(bench.chat):
        ana.says("/start")
        await ana.hears()
    assert "n’a pas pu être enregistrée" in ana.inbox[0].text
    assert await bench.store.subscriber(ana.id) is None
    assert [event.cause for event in bench.events] == ["StoreUnavailable"]


async def test_a_store_that_fails_for_a_moment_is_asked_again(bench):
    ana = bench.api.person()
    async with talking(bench.chat):
        async with refusing_newcomers(bench.store._database):
            ana.says("/start")
            await asyncio.sleep(0.2)
        await ana.hears()
    assert "Quels sujets" in ana.inbox[0].text
    assert bench.events[0].chat_id == ana.id


async def test_a_chat_whose_answer_is_slow_keeps_nobody_waiting(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    room.api.plan(slow(4), chat_id=ana.id)
    ana.says("/start")
    await room.api.until(lambda: any(call.method == "sendmessage" for call in room.api.calls))
    started = asyncio.get_running_loop().time()
    bob.says("/start")
    await bob.hears()
    assert asyncio.get_running_loop().time() - started < 2
    assert ana.inbox == []
    await ana.hears()


async def test_a_thousand_messages_of_one_person_keep_nobody_waiting(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    for number in range(1000):
        ana.says(f"/etat {number}")
    started = asyncio.get_running_loop().time()
    bob.says("/start")
    await bob.hears()
    assert asyncio.get_running_loop().time() - started < 2
    await room.api.quiet()
    assert len(ana.inbox) <= 22
    assert sum("Doucement" in message.text for message in ana.inbox) == 1


async def test_who_was_told_to_slow_down_is_heard_again_when_calm(room):
    ana = room.api.person()
    for _ in range(30):
        ana.says("/aide")
    await room.api.quiet()
    count = len(ana.inbox)
    room.clock.passes(minutes=1)
    await room.says(ana, "/aide")
    assert len(ana.inbox) == count + 1


HOSTILE = [
    "/start " + "x" * 4096,
    "/pourquoi " + "https://" + "a" * 4000,
    "/pourquoi http://[::1",
    "/start immigration\0labour",
    "/sujets\u202e\u202etxet",
    "/\u0000",
    "/",
    "/ start",
    "//start",
    "Z̸̧͉̆a̵͓͑l̶̰̂g̴̙̈o" * 200,
    "/etat <b>gras</b> &amp; <script>alert(1)</script>",
    "/start'; DROP TABLE chat;--",
    "/pourquoi ' OR 1=1",
    "\u2066/start\u2069",
    "🙂" * 2000,
    "%s %d {0} {n} {topic.__class__}",
    "/aide {n}",
]


async def test_hostile_words_are_answered_or_ignored_and_break_nothing(room):
    ana = room.api.person()
    for text in HOSTILE:
        room.clock.passes(minutes=1)
        await room.says(ana, text)
        await room.says(ana, "/aide")
        assert ana.inbox[-1].text.startswith("❓ Aide"), text
    for message in ana.inbox:
        assert "<b>" not in message.text
        assert "{" not in message.text


@pytest.mark.parametrize(
    "extra",
    [
        {"forward_origin": {"type": "user", "date": 1, "sender_user": {"id": 9, "is_bot": False, "first_name": "X"}}},
        {"via_bot": {"id": 9, "is_bot": True, "first_name": "X"}},
        {"from": {"id": 9, "is_bot": True, "first_name": "X"}},
        {"sender_chat": {"id": -100123, "type": "channel", "title": "X"}},
    ],
    ids=["forwarded", "via another bot", "from a bot", "in a channel's name"],
)
async def test_a_command_that_nobody_typed_does_nothing(room, extra):
    chief = room.api.person("Chef", person_id=OPERATOR)
    for text in ("/start", "/etat", "/oublier"):
        assert await room.says(chief, text, **extra) is None
    assert await room.store.subscriber(chief.id) is None


async def test_an_edited_command_does_nothing(room):
    ana = room.api.person()
    room.api.queue(
        edited_message={
            "message_id": 1,
            "date": 1,
            "edit_date": 2,
            "chat": ana.home.as_chat(),
            "text": "/start",
            "from": ana.as_user(),
        }
    )
    await room.says(ana, "/aide")
    assert await room.store.subscriber(ana.id) is None


async def test_a_name_that_looks_like_an_operator_s_gives_no_right(room):
    mallory = room.api.person(str(OPERATOR))
    seen = await room.says(mallory, "/etat")
    assert "État de Guetteur" not in seen.text


FORGED = [
    "f1:no-such-topic",
    "f1:",
    "f1",
    "u1:labour:immigration",
    "f1:" + "é" * 40,
    "l1:xx",
    "l1:",
    "z1:../../etc/passwd",
    "z1:Europe/Nowhere",
    "r1:cap:-5",
    "r1:cap:99999999",
    "r1:add:9999",
    "r1:add:٠٧٠٠",
    "r1:off:0123456",
    "r1:day:9",
    "r1:quiet:2200",
    "r1",
    "n1:labour:abc",
    "n1:-:-1",
    "n1:x",
    "e1:maybe",
    "e1",
    "g1:nowhere",
    "g1",
    "o1:feeds:999999",
    "f2:immigration",
    "hello",
    "",
    ":::",
    "\0",
    "p1:sideways",
]


async def test_a_forged_button_changes_nothing_and_is_answered(room):
    ana = room.api.person()
    seen = await room.says(ana, "/start immigration")
    before = await room.store.subscriber(ana.id)
    for data in FORGED:
        room.clock.passes(seconds=5)
        press = ana.forges(data, seen)
        await room.api.quiet()
        assert press.toast is not None, data
        assert await room.store.subscriber(ana.id) == before, data


async def test_a_press_older_than_telegram_answers_still_redraws_its_screen(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    room.api.plan(
        refuses(400, "Bad Request: query is too old and response timeout expired"), method="answerCallbackQuery"
    )
    ana.presses(ana.inbox[0].key("Immigration"))
    await room.api.quiet()
    assert "Vous suivez" in ana.inbox[0].text


async def test_a_message_too_old_to_be_deleted_loses_its_buttons(room):
    ana = room.api.person()
    seen = await room.says(ana, "/start")
    room.api.plan(refuses(400, "Bad Request: message can't be deleted for everyone"), method="deleteMessage")
    ana.forges("x1", seen)
    await room.api.quiet()
    assert seen.keys == []


async def test_no_event_holds_a_text_or_a_name(room):
    ana = room.api.person("Anastasia")
    for text in ("/start immigration", "secret words", "/pause", "/oublier"):
        await room.says(ana, text)
    said = repr(room.events)
    assert "Anastasia" not in said
    assert "secret" not in said
    with suppress(LookupError):
        ana.inbox[-1].key("absent")
