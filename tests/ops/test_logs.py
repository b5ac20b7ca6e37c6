import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.events import AlertSkipped, DeliverySent, Event, FeedFailed, FeedPolled, LoopFailed, TokenRefused
from bot.ops.logs import HIDDEN, WORDY, chat_hash, configure, log_event, redact

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123"
CHAT = 987654321
KEY = b"the key of this bot"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What `configure` was told to write to; the process's own logging comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in WORDY}
    yield io.StringIO()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_fact_is_one_line_with_its_name_and_its_fields(written):
    configure("json", KEY, stream=written)
    log_event(FeedFailed("quotidien", "dns", "no address", 3, timedelta(minutes=2)))
    [line] = lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "feed_failed",
        "level": "warning",
        "logger": "guetteur",
        "feed_id": "quotidien",
        "cause": "dns",
        "detail": "no address",
        "failures": 3,
        "retry_in": 120.0,
    }


def test_text_is_for_a_person_at_a_terminal(written):
    configure("text", KEY, stream=written)
    log_event(FeedPolled("quotidien", "read", 2, 4000, 0.2, 0.05, (0.0002, 0.0003)))
    time, rest = written.getvalue().split(" ", 1)
    assert time.endswith("Z")
    assert (
        rest == "info feed_polled feed_id=quotidien outcome=read new_items=2 bytes_read=4000"
        " fetch_seconds=0.2 parse_seconds=0.05 match_seconds=0.0005\n"
    )


def test_polls_that_bring_nothing_and_items_not_told_do_not_fill_the_log(written):
    configure("json", KEY, stream=written)
    log_event(FeedPolled("quotidien", "not_modified", 0, 0, 0.2, 0))
    log_event(AlertSkipped("quotidien", 1, "no_topic"))
    assert written.getvalue() == ""


def test_a_chat_is_a_keyed_hash_that_is_the_same_each_time_and_another_for_another_key(written):
    configure("json", KEY, stream=written)
    log_event(DeliverySent(CHAT, 2, timedelta(seconds=1)))
    log_event(DeliverySent(CHAT, 1, timedelta(seconds=1)))
    assert {line["chat_id"] for line in lines(written)} == {chat_hash(KEY, CHAT)}
    assert chat_hash(KEY, CHAT) != chat_hash(b"another", CHAT)
    assert str(CHAT) not in written.getvalue()


def test_without_a_key_a_random_one_serves_this_process(written):
    configure("json", stream=written)
    log_event(DeliverySent(CHAT, 2, timedelta(seconds=1)))
    [line] = lines(written)
    assert line["chat_id"].startswith("chat-")
    assert line["chat_id"] != chat_hash(b"", CHAT)


def fail():
    raise OSError(f"https://api.telegram.example/bot{TOKEN}/sendMessage chat_id={CHAT} \x1b[31m")


def test_an_unexpected_failure_keeps_its_traceback_and_loses_its_secrets(written):
    for style in ("json", "text"):
        configure(style, KEY, stream=written)
        try:
            fail()
        except OSError as error:
            log_event(LoopFailed("deliver", "OSError", error))
    logged = written.getvalue()
    assert logged.count("Traceback") == 2
    assert "test_logs.py" in logged
    assert "\x1b" not in logged
    assert TOKEN not in logged
    assert str(CHAT) not in logged


def test_other_libraries_go_through_the_same_redactor(written):
    configure("json", KEY, known_secrets=("open sesame", ""), stream=written)
    logging.getLogger("aiogram.dispatcher").warning("Failed to fetch updates for bot %s: %s", TOKEN, "open sesame")
    [line] = lines(written)
    assert line["event"] == f"Failed to fetch updates for bot {HIDDEN}: {HIDDEN}"
    assert line["logger"] == "aiogram.dispatcher"


def test_libraries_that_write_a_line_for_every_nothing_are_quiet(written):
    configure("json", KEY, stream=written)
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert written.getvalue() == ""


def test_a_feed_cannot_forge_a_line_or_colour_the_terminal(written):
    configure("text", KEY, stream=written)
    log_event(FeedFailed("quotidien", "not_a_feed", "x\n2026-01-01 error token_refused \x1b[31m", 1, timedelta(0)))
    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


def test_configuring_again_writes_each_line_once(written):
    configure("json", KEY, stream=written)
    configure("json", KEY, stream=written)
    log_event(TokenRefused("401"))
    assert [line["level"] for line in lines(written)] == ["error"]


@pytest.mark.parametrize(
    ("written_as", "kept"),
    [
        (f"bot{TOKEN}/getMe", f"bot{HIDDEN}/getMe"),
        (TOKEN.replace(":", "%3A"), HIDDEN),
        ("http://reader:pass@rss.example/feed", f"http://{HIDDEN}@rss.example/feed"),
        (
            "https://rss.example/f?access_token=abc&key=d3f&page=2",
            f"https://rss.example/f?access_token={HIDDEN}&key={HIDDEN}&page=2",
        ),
        ("Authorization: Bearer abcdef.123456", f"Authorization: Bearer {HIDDEN}"),
        (f"chat_id={CHAT}", f"chat_id={chat_hash(KEY, CHAT)}"),
        (f"{{'chat': {{'id': {CHAT}}}}}", f"{{'chat': {{'id': {chat_hash(KEY, CHAT)}}}}}"),
        (f"chat {CHAT} not found", f"chat {chat_hash(KEY, CHAT)} not found"),
        ("migrated to -1001234567890", f"migrated to {chat_hash(KEY, -1001234567890)}"),
    ],
)
def test_each_kind_of_secret_is_found_in_a_text(written_as, kept):
    assert redact(KEY, (), {"event": written_as})["event"] == kept


@pytest.mark.parametrize(
    "harmless",
    ["read 48213 bytes", "from 12345 to 23456", "2026-11-24T19:35:00Z", "https://journal.example/1234567890", "12:30"],
)
def test_what_is_no_secret_stays_readable(harmless):
    assert redact(KEY, (), {"event": harmless})["event"] == harmless


def test_what_a_person_typed_or_is_called_is_never_logged():
    said = redact(
        KEY, (), {"update": {"text": "ma ville", "from": {"username": "x", "first_name": "Y"}, "user_id": CHAT}}
    )
    assert said == {
        "update": {"text": HIDDEN, "from": {"username": HIDDEN, "first_name": HIDDEN}, "user_id": chat_hash(KEY, CHAT)}
    }


NESTED = st.recursive(
    st.sampled_from((TOKEN, f"https://a:{TOKEN}@b.example/?token={TOKEN}", f"chat_id={CHAT}", 5, None, True)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("a", "b")), inner), st.tuples(inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(("event", "detail", "extra")), NESTED), st.integers(10**8, 10**12))
def test_however_deep_a_secret_lies_it_does_not_come_out(event, chat_id):
    out = repr(redact(KEY, (), {**event, "chat_id": chat_id}))
    assert TOKEN not in out
    assert str(CHAT) not in out
    assert str(chat_id) not in out


def test_every_kind_of_event_can_be_logged(written):
    from tests.ops.samples import EVENTS

    configure("json", KEY, stream=written)
    logging.getLogger().setLevel(logging.DEBUG)
    for event in EVENTS:
        log_event(event)
    assert len(lines(written)) == len(EVENTS)
    assert {type(event) for event in EVENTS} == set(Event.__args__)
