"""The playground at the wire and in a real browser: who may ask, what the page shows, that text stays text."""

import asyncio
import os
import signal
import sys

import pytest
from aiohttp import ClientSession, web

from bot.ops.botapi import BotApi
from bot.ops.play.room import Play, play_routes
from bot.ops.playground import open_playground
from tests.ops.test_status import BROWSER, browse

KEY = "key-of-the-page"
EVIL = '<img src=x onerror="document.title=1"><script>document.title=1</script>'


@pytest.fixture
async def visit():
    """A person before the stand-in, without a bot: what the bot would send is sent by the test."""
    async with BotApi() as api:
        turned = []

        async def turn(moment):
            turned.append(moment)

        play = Play(api.person("Vous"), turn, 3)
        app = web.Application()
        app.add_routes(play_routes(play, KEY, "fr"))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}/{KEY}/") as session:
            yield Visit(api, play, session, turned)
        await runner.cleanup()


class Visit:
    def __init__(self, api, play, session, turned):
        self.api, self.play, self.session, self.turned = api, play, session, turned

    async def bot_says(self, text, *keys):
        call = {"chat_id": self.play.person.id, "text": text, "parse_mode": "HTML"}
        if keys:
            row = [{"text": label, "callback_data": data} for label, data in keys]
            call["reply_markup"] = {"inline_keyboard": [row]}
        async with self.session.post(f"{self.api.url}/bot{self.api.token}/sendMessage", json=call) as answer:
            assert (await answer.json())["ok"]

    async def room(self, version=-1):
        async with self.session.get(f"room?version={version}") as answer:
            return await answer.json() if answer.status == 200 else None


async def test_what_is_typed_reaches_the_bot_and_what_it_says_comes_back(visit):
    assert (await visit.session.post("say", json={"text": " /start "})).status == 204
    assert visit.api.updates[-1]["message"]["text"] == "/start"
    await visit.bot_says("Bonjour <b>vous</b>", ("Immigration", "t1"))
    room = await visit.room()
    assert [message["mine"] for message in room["messages"]] == [True, False]
    said = room["messages"][1]
    assert said["text"] == "Bonjour vous"
    assert said["entities"] == [{"type": "bold", "offset": 8, "length": 4}]
    assert await visit.room(room["version"]) is None  # nothing new


async def test_a_press_carries_the_buttons_own_data_and_nothing_the_page_says(visit):
    await visit.bot_says("Choisissez", ("Immigration", "t1"))
    number = visit.play.person.inbox[0].message_id
    assert (await visit.session.post("press", json={"message": number, "row": 0, "column": 0})).status == 204
    assert visit.api.updates[-1]["callback_query"]["data"] == "t1"
    for wrong in ({}, {"message": 99}, {"message": number, "row": 4, "column": 0}, {"message": number, "row": "x"}):
        assert (await visit.session.post("press", json=wrong)).status == 404


async def test_news_appears_once_a_moment_and_then_no_more(visit):
    for _ in range(4):
        assert (await visit.session.post("news", json={})).status == 204
    assert visit.turned == [2, 3]


async def test_who_has_not_the_key_or_comes_by_another_name_or_page_is_refused(visit):
    base = str(visit.session._base_url).replace(KEY, "wrong")
    assert (await visit.session.get(base)).status == 404
    assert (await visit.session.get("room", headers={"Host": "evil.example"})).status == 404
    assert (
        await visit.session.post("say", json={"text": "x"}, headers={"Origin": "https://evil.example"})
    ).status == 403
    assert not visit.api.updates
    answer = await visit.session.get("?lang=en")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert '<html lang="en">' in await answer.text()


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
async def test_a_real_browser_draws_bold_and_links_and_runs_nothing_a_publisher_wrote(visit, tmp_path):
    escaped = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    await visit.bot_says(
        f'🧳 <b>Des <i>permis</i></b> <a href="https://a.example/1">lire</a> {escaped}', ("Pourquoi?", "w1")
    )
    said, _ = await browse(str(visit.session._base_url), tmp_path, "--window-size=500,900")
    assert "🧳 <b>Des <i>permis</i></b>" in said
    assert 'href="https://a.example/1"' in said
    assert "&lt;img src=x" in said
    assert "<img" not in said
    assert "<title>1</title>" not in said
    assert '<button type="button" class="key">Pourquoi?</button>' in said
    assert "Content Security Policy" not in said


async def test_the_real_bot_answers_on_the_page_and_tells_the_news_with_no_token():
    async with asyncio.timeout(90), open_playground("fr", lambda: None) as url, ClientSession(url) as session:
        await session.post("say", json={"text": "/start immigration-municipalities-labour"})
        await heard(session, lambda messages: len(messages) >= 2)
        assert (await session.post("news", json={})).status == 204
        messages = await heard(session, lambda messages: links(messages[2:]) >= 12)  # in one message or several
    alerts = [one for one in messages[2:] if any(part["type"] == "text_link" for part in one["entities"])]
    assert any(entity["type"] == "bold" for entity in alerts[0]["entities"])
    assert alerts[0]["keyboard"]


def links(messages):
    return sum(part["type"] == "text_link" for one in messages for part in one["entities"])


async def heard(session, enough):
    """Looks as the page does."""
    while True:
        async with session.get("room") as answer:
            messages = (await answer.json())["messages"]
        if enough(messages):
            return messages
        await asyncio.sleep(0.2)


async def test_the_command_says_where_and_ends_with_ctrl_c():
    env = {name: value for name, value in os.environ.items() if not name.startswith("GUETTEUR_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "playground", "--seconds", "120", env=env, stdout=asyncio.subprocess.PIPE
    )
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert "http://127.0.0.1:" in line
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
