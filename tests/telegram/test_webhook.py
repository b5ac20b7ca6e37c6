"""Telegram brings updates to the web server: believed by the secret, settled before 200, refused otherwise."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession

from bot.ops.botapi import BotApi
from bot.ops.hook import HEADER, MOST_BYTES, PATH, hook_routes
from bot.ops.keys import webhook_secret
from bot.ops.web import serve_web
from bot.telegram.webhook import Address, Letterbox, run_webhook
from tests.line.press import Press
from tests.line.process import Bot
from tests.telegram.bench import talking

SECRET = webhook_secret("1:token")


async def yes():
    return True


@asynccontextmanager
async def hooked(bench, port=0):
    """The conversation behind the real web server; gives the address of the hook."""
    box, stop = Letterbox(), asyncio.Event()
    async with serve_web(f"127.0.0.1:{port}", yes, routes=hook_routes(SECRET, box.receive)) as base:
        task = asyncio.create_task(run_webhook(bench.chat, box, Address(base + PATH, SECRET), stop))
        try:
            yield base + PATH
        finally:
            stop.set()
            await asyncio.wait_for(task, 10)


@asynccontextmanager
async def posting(**headers):
    async with ClientSession(headers=headers) as session:
        yield session


def typed(number, text="/start immigration", person=700):
    who = {"id": person, "is_bot": False, "first_name": "Ana", "language_code": "fr"}
    said = {"message_id": number, "date": 1, "chat": {"id": person, "type": "private", "first_name": "Ana"}}
    return {"update_id": number, "message": said | {"from": who, "text": text}}


async def test_the_bot_announces_its_webhook_and_answers_what_comes(bench):
    async with hooked(bench) as url:
        await bench.api.until(lambda: bench.api.webhook == url)
        ana = bench.api.person()
        ana.says("/start immigration")
        await bench.api.quiet()
        call = next(call for call in bench.api.calls if call.method == "setwebhook")
        assert call.given["secret_token"] == SECRET
        assert call.given["allowed_updates"] == ["message", "callback_query", "inline_query", "my_chat_member"]
        assert ana.inbox[0].key("✅ 🛂 Immigration")
    assert (await bench.store.subscriber(ana.id)).topics == {"immigration"}
    assert bench.api.webhook == url  # a stop leaves it: Telegram keeps what comes meanwhile


async def test_what_an_update_changed_has_committed_when_telegram_is_told_so(bench):
    bench.api.person(person_id=700)
    async with hooked(bench) as url, posting(**{HEADER: SECRET}) as telegram:
        answer = await telegram.post(url, json=typed(1))
        assert answer.status == 200
        assert (await bench.store.subscriber(700)).topics == {"immigration"}


async def test_an_update_that_comes_twice_at_once_and_again_later_is_answered_once(bench):
    ana = bench.api.person(person_id=700)
    async with hooked(bench) as url, posting(**{HEADER: SECRET}) as telegram:
        answers = await asyncio.gather(*(telegram.post(url, json=typed(1)) for _ in range(3)))
        await bench.api.until(lambda: len(ana.inbox) > 0)
        answers.append(await telegram.post(url, json=typed(1)))
    assert [answer.status for answer in answers] == [200] * 4
    assert len(ana.inbox) == 1


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: SECRET[:-1]}, {HEADER: "é\udc80"}])
async def test_a_wrong_secret_is_refused_and_does_nothing(bench, headers):
    async with hooked(bench) as url, posting() as stranger:
        assert (await stranger.post(url, json=typed(1), headers=encodable(headers))).status == 401
    assert await bench.store.subscriber(700) is None


def encodable(headers):
    return {name: value.encode("utf-8", "surrogateescape").decode("latin-1") for name, value in headers.items()}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b"[1]", 400),
        (b"[" * 100_000, 400),
        (b"", 400),
        (b"x" * (MOST_BYTES + 1), 413),
        (b'{"update_id": "?"}', 200),  # confirmed, as in long polling: it holds nobody up
    ],
    ids=["text", "list", "deep", "empty", "long", "unreadable"],
)
async def test_a_body_that_is_no_update_is_refused_and_the_next_one_served(bench, body, status):
    bench.api.person(person_id=700)
    async with hooked(bench) as url, posting(**{HEADER: SECRET}) as telegram:
        assert (await telegram.post(url, data=body)).status == status
        assert (await telegram.post(url, data=endless())).status == 413
        assert (await telegram.post(url, json=typed(2))).status == 200
    assert (await bench.store.subscriber(700)).topics == {"immigration"}


async def endless():
    for _ in range(20):
        yield b"x" * 65536


async def test_a_standby_takes_nothing_and_asks_for_the_update_again(bench):
    routes = hook_routes(SECRET, Letterbox().receive)
    async with serve_web("127.0.0.1:0", yes, routes=routes) as base, posting(**{HEADER: SECRET}) as telegram:
        answer = await telegram.post(base + PATH, json=typed(1))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


async def test_choices_of_one_chat_that_come_together_keep_their_order(bench):
    bench.api.person(person_id=700)
    async with hooked(bench) as url, posting(**{HEADER: SECRET}) as telegram:
        sent = [telegram.post(url, json=typed(number, text)) for number, text in enumerate(["/start", "/stop"] * 3, 1)]
        assert {answer.status for answer in await asyncio.gather(*sent)} == {200}
    assert (await bench.store.subscriber(700)).chat.state == "stopped"


async def test_without_a_public_address_the_webhook_is_left_and_what_waited_is_asked_for(bench):
    ana = bench.api.person()
    async with hooked(bench) as url:
        await bench.api.until(lambda: bench.api.webhook == url)
    ana.says("/start labour")
    async with talking(bench.chat):
        await ana.hears(1)
    assert bench.api.webhook == ""
    assert (await bench.store.subscriber(ana.id)).topics == {"labour"}


async def test_the_real_bot_listens_by_webhook_where_it_has_an_address_and_its_log_holds_no_secret(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    settings = {"GUETTEUR_HTTP_LISTEN": listen, "GUETTEUR_WEBHOOK_URL": f"http://{listen}/"}
    async with Press() as press, BotApi() as api:
        bot = Bot(tmp_path, api, press.address, "chat", **settings)
        ana = api.person()
        ana.says("/start immigration")
        await bot.start()
        try:
            await ana.hears(1, 60)
            assert api.webhook == f"http://{listen}{PATH}"
            async with posting() as stranger:
                assert (await stranger.post(api.webhook, json=typed(9999))).status == 401
        finally:
            assert await bot.stop() == 0
        assert webhook_secret(api.token) not in bot.log
        assert json.loads(bot.log.splitlines()[0])
