"""The stand-in server refuses what the real one refuses, speaks as it speaks, and carries whatever a phone does."""

import asyncio
import json

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.rich import bold, italic, link, text
from bot.ops.botapi_rules import Limits, Refused, check_buttons, check_text, read_html, units


@pytest.fixture
async def call(api):
    """Calls a method with a JSON body; the answer as Telegram words it."""
    async with ClientSession() as session:

        async def call(method, token=api.token, **given):
            async with session.post(f"{api.url}/bot{token}/{method}", json=given) as answer:
                return await answer.json()

        yield call


GOOD_HTML = [
    ("plain", "plain", []),
    ("<b>x</b>", "x", ["bold"]),
    ("<STRONG>x</STRONG>", "x", ["bold"]),
    ("<b>a<i>b</i></b>", "ab", ["bold", "italic"]),
    ('<a href="https://e.org/?a=1&amp;b=2">x</a>', "x", ["text_link"]),
    ("<blockquote expandable>x</blockquote>", "x", ["expandable_blockquote"]),
    ("1 &lt; 2 &amp; 3 &gt; 2 &quot;x&quot; &#39;y&#39;", "1 < 2 & 3 > 2 \"x\" 'y'", []),
    ("&eacute; & co", "&eacute; & co", []),
    ("2 > 1", "2 > 1", []),
    ("<b></b>x", "x", []),
]
BAD_HTML = ["<b>x", "x</b>", "<b><i>x</b></i>", "<script>x</script>", "<p>x</p>", "1 < 2", "<", "<b", "a <@ b"]


@pytest.mark.parametrize(("source", "plain", "kinds"), GOOD_HTML)
def test_html_that_telegram_reads_is_read(source, plain, kinds):
    read, entities = read_html(source)
    assert (read, [entity["type"] for entity in entities]) == (plain, kinds)


@pytest.mark.parametrize("source", BAD_HTML)
def test_html_that_telegram_refuses_is_refused(source):
    with pytest.raises(Refused, match="can't parse entities"):
        read_html(source)


@given(st.text(), st.text())
def test_what_our_messages_are_made_of_always_passes(one, other):
    whole = text(one) + bold(text(other)) + italic(link(text(one), "https://e.org/?a=1&b=<2>"))
    assert read_html(whole.html)[0] == whole.plain


def test_entities_are_counted_in_utf_16_units():
    _, entities = read_html("🙂<b>🙂x</b>")
    assert (entities[0]["offset"], entities[0]["length"]) == (2, 3)


def test_the_limit_is_4096_units_after_entities():
    fits = f"<b>{'x' * 4094}🙂</b>"
    assert units(check_text({"text": fits, "parse_mode": "HTML"})[0]) == 4096
    with pytest.raises(Refused, match="too long"):
        check_text({"text": fits.replace("<b>", "<b>x"), "parse_mode": "HTML"})


@pytest.mark.parametrize("source", ["", "   ", "\n", "<b> </b>"])
def test_an_empty_message_is_refused(source):
    with pytest.raises(Refused, match="empty"):
        check_text({"text": source, "parse_mode": "HTML"})


@pytest.mark.parametrize(
    "button",
    [
        {"text": "x", "callback_data": "x" * 65},
        {"text": "x", "callback_data": ""},
        {"text": "", "callback_data": "x"},
        {"text": "x"},
        {"text": "x", "url": "not an address"},
    ],
)
def test_a_button_telegram_refuses_is_refused(button):
    with pytest.raises(Refused):
        check_buttons({"inline_keyboard": [[button]]})


def test_twenty_messages_a_minute_to_a_group_and_no_more():
    limits = Limits()
    for second in range(20):
        limits.admit(-5, second * 1.5)
    with pytest.raises(Refused, match="retry after"):
        limits.admit(-5, 31)
    limits.admit(-5, 61)


async def test_every_way_to_pass_parameters_is_understood(api):
    ana = api.person()
    keyboard = {"inline_keyboard": [[{"text": "k", "callback_data": "d"}]]}
    form = {"chat_id": str(ana.id), "text": "[1] true {x}", "reply_markup": json.dumps(keyboard)}
    async with ClientSession() as session:
        address = f"{api.url}/bot{api.token}/SENDMESSAGE"
        for arguments in (
            {"params": {"chat_id": ana.id, "text": "[1] true {x}", "reply_markup": json.dumps(keyboard)}},
            {"json": {"chat_id": ana.id, "text": "[1] true {x}", "reply_markup": keyboard}},
            {"data": form},
        ):
            async with session.post(address, **arguments) as answer:
                assert (await answer.json())["ok"]
    assert [message.text for message in ana.inbox] == ["[1] true {x}"] * 3
    assert all(message.keys[0].data == "d" for message in ana.inbox)


async def test_wrong_tokens_methods_and_chats_are_refused_as_telegram_does(api, call):
    assert (await call("getMe", token="1:no"))["error_code"] == 401
    assert (await call("noSuchMethod"))["error_code"] == 404
    assert (await call("sendMessage", chat_id=42, text="x"))["description"] == "Bad Request: chat not found"
    ana = api.person()
    ana.blocks()
    assert (await call("sendMessage", chat_id=ana.id, text="x"))["error_code"] == 403


async def test_updates_come_until_they_are_confirmed(api, call):
    ana = api.person()
    ana.says("one")
    ana.says("two")
    first = (await call("getUpdates"))["result"]
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert (await call("getUpdates"))["result"] == first
    assert len((await call("getUpdates", offset=first[0]["update_id"] + 1))["result"]) == 1
    assert (await call("getUpdates", offset=first[1]["update_id"] + 1))["result"] == []


async def test_a_long_poll_returns_when_something_happens(api, call):
    ana = api.person()
    waiting = asyncio.create_task(call("getUpdates", timeout=20))
    await api.until(lambda: api.poller == 1)
    ana.says("hello")
    assert len((await asyncio.wait_for(waiting, 5))["result"]) == 1


async def test_a_second_poll_ends_the_first_with_409(api, call):
    first = asyncio.create_task(call("getUpdates", timeout=20))
    await api.until(lambda: api.poller == 1)
    second = asyncio.create_task(call("getUpdates", timeout=1))
    answer = await asyncio.wait_for(first, 5)
    assert answer["error_code"] == 409
    assert "terminated by other getUpdates" in answer["description"]
    await second


async def test_a_file_a_person_sends_can_be_read_back(api, call):
    ana = api.person()
    sent = ana.uploads("feeds.opml", b"<opml/>")
    found = await call("getFile", file_id=sent.extra["document"]["file_id"])
    async with (
        ClientSession() as session,
        session.get(f"{api.url}/file/bot{api.token}/{found['result']['file_path']}") as answer,
    ):
        assert await answer.read() == b"<opml/>"
