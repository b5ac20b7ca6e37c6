"""Every way a call can end, at the wire, and the outcome the outbox gets."""

import socket
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot import model
from bot.errors import ConfigError
from bot.model import AnswerLost, Button, CannotParse, ChatGone, Message, Migrated, NotReceived, Refused, Sent
from bot.ops.botapi import (
    BAD_GATEWAY,
    CUT_JSON,
    DROPPED_AFTER,
    DROPPED_BEFORE,
    HALF_JSON,
    BotApi,
    Fault,
    floods,
    refuses,
    slow,
)
from bot.telegram.client import make_bot
from bot.telegram.send import Sender, own_name

HELLO = Message("<b>Bonjour</b> &amp; bienvenue", "Bonjour & bienvenue")
FORBIDDEN = {
    "Forbidden: bot was blocked by the user": "blocked",
    "Forbidden: user is deactivated": "deactivated",
    "Forbidden: bot was kicked from the supergroup chat": "kicked",
    "Forbidden: bot is not a member of the channel chat": "kicked",
    "Forbidden: bot can't initiate conversation with a user": "never_started",
    "Forbidden: the group chat was deleted": "deleted",
    "Forbidden: something new": "forbidden",
}


async def test_a_message_arrives_with_its_format_buttons_preview_and_silence(api, bot):
    ana = api.person()
    buttons = ((Button("Pourquoi ?", data="1:why:12"), Button("Lire", url="https://example.org/a")),)
    message = Message("<b>Titre</b>", "Titre", buttons, preview_url="https://example.org/a", silent=True)
    outcome = await Sender(bot).send(ana.id, 0, message)
    (seen,) = ana.inbox
    assert outcome == Sent(seen.message_id)
    assert (seen.text, seen.entities) == ("Titre", [{"type": "bold", "offset": 0, "length": 5}])
    assert [(key.label, key.data, key.url) for key in seen.keys] == [
        ("Pourquoi ?", "1:why:12", ""),
        ("Lire", "", "https://example.org/a"),
    ]
    assert seen.silent
    assert seen.preview["url"] == "https://example.org/a"


async def test_without_a_chosen_preview_telegram_shows_none(api, bot):
    ana = api.person()
    await Sender(bot).send(ana.id, 0, HELLO)
    assert ana.inbox[0].preview == {"is_disabled": True}
    assert not ana.inbox[0].silent


async def test_the_plain_twin_goes_without_entities_and_without_link_buttons(api, bot):
    ana = api.person()
    buttons = ((Button("Lire", url="https://"),), (Button("Pourquoi ?", data="1:why:12"),))
    outcome = await Sender(bot).send(ana.id, 0, Message("", "1 < 2 <b> & 3", buttons))
    assert isinstance(outcome, Sent)
    assert ana.inbox[0].text == "1 < 2 <b> & 3"
    assert [key.label for key in ana.inbox[0].keys] == ["Pourquoi ?"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (floods(7), NotReceived("flood", timedelta(seconds=7))),
        (refuses(429, "Too Many Requests"), NotReceived("flood")),
        (refuses(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009), Migrated(-1009)),
        (refuses(400, "Bad Request: can't parse entities: Unclosed start tag"), CannotParse("format_refused")),
        (refuses(400, "Bad Request: ENTITY_BOUNDS_INVALID"), CannotParse("format_refused")),
        (refuses(400, "Bad Request: BUTTON_URL_INVALID"), CannotParse("format_refused")),
        (refuses(400, "Bad Request: message thread not found"), model.ThreadGone("thread_gone")),
        (refuses(400, "Bad Request: TOPIC_CLOSED"), model.ThreadGone("thread_gone")),
        (refuses(400, "Bad Request: chat not found"), Refused("chat_not_found")),
        (refuses(400, "Bad Request: message is too long"), Refused("too_long")),
        (refuses(400, "Bad Request: something new about « Ana »"), Refused("bad_request")),
        (refuses(413, "Request Entity Too Large"), Refused("too_long")),
        (refuses(401, "Unauthorized"), model.Unauthorised("token_refused")),
        (refuses(404, "Not Found"), model.Unauthorised("token_refused")),
        (refuses(409, "Conflict: terminated by other getUpdates request"), NotReceived("conflict")),
        (refuses(500, "Internal Server Error"), AnswerLost("telegram_down")),
        (refuses(502, "Bad Gateway"), AnswerLost("telegram_down")),
        (BAD_GATEWAY, AnswerLost("telegram_unreadable")),
        (HALF_JSON, AnswerLost("telegram_unreadable")),
        (Fault(status=200, body=b"\xff\xfe\x00", accepts=True), AnswerLost("telegram_unreadable")),
        (Fault(status=200, body=b"[]", accepts=True), AnswerLost("telegram_unreadable")),
        (CUT_JSON, AnswerLost("telegram_cut")),
        (DROPPED_BEFORE, AnswerLost("telegram_dropped")),
        (DROPPED_AFTER, AnswerLost("telegram_dropped")),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_every_failure_at_the_wire_has_its_outcome(api, bot, fault, expected):
    ana = api.person()
    api.plan(fault)
    assert await Sender(bot).send(ana.id, 0, HELLO) == expected
    assert len(ana.inbox) == fault.accepts


@pytest.mark.parametrize(("words", "cause"), FORBIDDEN.items())
async def test_every_403_is_a_chat_that_is_gone(api, bot, words, cause):
    ana = api.person()
    api.plan(refuses(403, words))
    assert await Sender(bot).send(ana.id, 0, HELLO) == ChatGone(cause)


@pytest.mark.parametrize(
    "words",
    [
        "not enough rights to send text messages to the chat",
        "have no rights to send a message",
        "need administrator rights in the channel chat",
        "CHAT_WRITE_FORBIDDEN",
        "group chat was deactivated",
    ],
)
async def test_a_chat_where_we_may_not_write_is_gone_until_we_are_let_in(api, bot, words):
    ana = api.person()
    api.plan(refuses(400, f"Bad Request: {words}"))
    assert isinstance(await Sender(bot).send(ana.id, 0, HELLO), ChatGone)


async def test_a_late_answer_is_lost_although_the_message_arrived(api):
    ana = api.person()
    bot = make_bot(SecretStr(api.token), api.url, answer_seconds=0.2)
    api.plan(slow(0.6))
    assert await Sender(bot).send(ana.id, 0, HELLO) == AnswerLost("telegram_timeout")
    await api.until(lambda: len(ana.inbox) == 1)
    await bot.session.close()


async def test_a_refused_connection_is_surely_not_received():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        bot = make_bot(SecretStr("1:x"), f"http://127.0.0.1:{port}")  # bound, nobody listens
        assert await Sender(bot).send(5, 0, HELLO) == NotReceived("telegram_refused")
    await bot.session.close()


async def test_an_unknown_host_is_surely_not_received():
    bot = make_bot(SecretStr("1:x"), "http://no-such-host.invalid")
    assert await Sender(bot).send(5, 0, HELLO) == NotReceived("telegram_dns")
    await bot.session.close()


async def test_a_connection_that_never_opens_is_surely_not_received():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]  # fill the backlog: further handshakes are not answered
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        bot = make_bot(SecretStr("1:x"), f"http://127.0.0.1:{address[1]}", connect_seconds=0.2)
        outcome = await Sender(bot).send(5, 0, HELLO)
        for one in waiting:
            one.close()
    await bot.session.close()
    assert outcome == NotReceived("telegram_unreachable")


async def test_a_wrong_token_is_said_and_not_a_chat_s_fault(api):
    bot = make_bot(SecretStr("7000:another"), api.url)
    assert isinstance(await Sender(bot).send(5, 0, HELLO), model.Unauthorised)
    await bot.session.close()


async def test_the_bot_s_name_is_told_or_why_it_is_not(api, bot):
    assert await own_name(bot) == "guetteur_bot"
    api.plan(BAD_GATEWAY, method="getMe")
    assert await own_name(bot) == AnswerLost("telegram_unreadable")


@pytest.mark.parametrize("token", ["", "nonsense", "12:with space", "abc:def"])
def test_a_token_that_cannot_be_one_is_said_with_what_to_do(token):
    with pytest.raises(ConfigError, match="BotFather") as raised:
        make_bot(SecretStr(token), "https://api.telegram.org")
    assert not token or token not in str(raised.value)


async def test_no_cause_holds_the_token_a_chat_id_or_a_text(api):
    token = "7000:very-secret-token"
    faults = [BAD_GATEWAY, HALF_JSON, DROPPED_BEFORE, floods(3), refuses(400, "Bad Request: bonjour 987654321")]
    async with BotApi(token) as other:
        bot = make_bot(SecretStr(token), other.url)
        for fault in faults:
            other.plan(fault)
            said = repr(await Sender(bot).send(987654321, 0, HELLO))
            assert "secret" not in said
            assert "987654321" not in said
            assert "onjour" not in said
        await bot.session.close()


async def test_a_thread_that_is_gone_is_told_apart_from_a_chat_that_is_gone(api, bot):
    ana = api.person()
    forum = api.group("Salle", ana, threads=(4,))
    sender = Sender(bot)
    assert isinstance(await sender.send(forum.id, 4, HELLO), Sent)
    forum.threads.clear()
    assert isinstance(await sender.send(forum.id, 4, HELLO), model.ThreadGone)
    assert isinstance(await sender.send(forum.id, 0, HELLO), Sent)
    assert [message.thread_id for message in forum.inbox] == [4, 0]


async def test_a_group_that_became_a_supergroup_is_followed(api, bot):
    ana = api.person()
    group = api.group("Salle", ana, kind="group")
    new = api.upgrade(group)
    assert await Sender(bot).send(group.id, 0, HELLO) == Migrated(new.id)


async def test_an_edit_replaces_the_text_and_the_same_edit_again_is_done_already(api, bot):
    ana = api.person()
    sender = Sender(bot)
    sent = await sender.send(ana.id, 0, HELLO)
    longer = Message("<b>Bonjour</b> encore", "Bonjour encore", ((Button("Pourquoi ?", data="1:why:1"),),))
    assert await sender.edit(ana.id, sent.message_id, longer) == sent
    assert await sender.edit(ana.id, sent.message_id, longer) == sent
    assert (ana.inbox[0].text, ana.inbox[0].edits) == ("Bonjour encore", 1)


async def test_an_edit_of_a_message_that_was_deleted_is_refused(api, bot):
    ana = api.person()
    assert isinstance(await Sender(bot).edit(ana.id, 404, HELLO), Refused)
    api.plan(floods(2), method="editMessageText")
    assert isinstance(await Sender(bot).edit(ana.id, 404, HELLO), NotReceived)


async def test_html_the_server_cannot_parse_is_told_and_its_plain_twin_passes(api, bot):
    ana = api.person()
    assert isinstance(await Sender(bot).send(ana.id, 0, Message("<b>ouvert", "ouvert")), CannotParse)
    assert isinstance(await Sender(bot).send(ana.id, 0, Message("", "ouvert")), Sent)


@pytest.mark.parametrize(("paid", "asked"), [("off", None), ("on", True)])
async def test_a_message_is_paid_for_only_where_the_operator_wants_it(api, bot, paid, asked):
    ana = api.person()
    await Sender(bot, paid).send(ana.id, 0, Message("Bonjour", "Bonjour"))
    [call] = [call for call in api.calls if call.method == "sendmessage"]
    assert call.given.get("allow_paid_broadcast") == asked
