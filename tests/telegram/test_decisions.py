"""The pure parts: commands, callback data, rhythm, screens, whatever comes in."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales import LANGUAGES
from bot.model import (
    Alert,
    Chat,
    ChatKind,
    DeliveryState,
    Fate,
    FeedHealth,
    Field,
    Item,
    Mention,
    Overview,
    Reason,
    Rhythm,
    SourceClass,
    Subscriber,
    Trace,
    Verdict,
)
from bot.ops.botapi_rules import check_buttons, check_text, units
from bot.telegram import callback, news, overview, screens
from bot.telegram.commands import COMMANDS, menu, nearest, read_command, read_word
from bot.telegram.keyboards import keyboard
from bot.telegram.patience import Heard, Patience
from bot.telegram.rhythm import cap_screen, in_words, off_screen, quiet_screen, rhythm_after, rhythm_screen, zone_screen
from tests.telegram.bench import NOON, TOPICS, Subject

words = st.text(max_size=40)
hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
rhythms = st.builds(
    Rhythm,
    digest_hours=st.lists(hours, max_size=4, unique=True).map(tuple),
    digest_weekdays=st.sampled_from([(), (0,), (6,)]),
    quiet_from=st.one_of(st.none(), hours),
    quiet_to=st.one_of(st.none(), hours),
    days_off=st.sampled_from([(), (5, 6), (6,)]),
    silent_when_quiet=st.booleans(),
    hourly_ceiling=st.sampled_from([0, 3, 10]),
)
changes = st.one_of(
    st.tuples(st.sampled_from(["now", "digest", "weekly"])),
    st.tuples(st.sampled_from(["add", "drop"]), hours.map(lambda at: at.strftime("%H%M"))),
    st.tuples(st.just("day"), st.sampled_from("0123456")),
    st.tuples(st.just("quiet"), hours.map(lambda at: at.strftime("%H%M")), hours.map(lambda at: at.strftime("%H%M"))),
    st.tuples(st.just("sound"), st.sampled_from(["off", "wait"])),
    st.tuples(st.just("off"), st.sampled_from(["none", "56", "6"])),
    st.tuples(st.just("cap"), st.sampled_from(["0", "5"])),
)


def shown(screen):
    """A screen as Telegram would take it: its text, or Refused."""
    check_buttons(
        {"inline_keyboard": [[{"text": b.label, "callback_data": b.data} for b in row] for row in screen.buttons]}
    )
    text, _ = check_text({"text": screen.body.html, "parse_mode": "HTML"})
    assert keyboard(screen.buttons) is None or screen.buttons
    return text


# Commands.


@given(st.text(max_size=200), st.sampled_from(["", "/", "/start ", "/étât@Bot "]))
def test_no_text_breaks_the_reading_of_commands(text, start):
    read_command(start + text, "bot")
    read_word(text)
    nearest(text)


def test_no_spelling_means_two_commands():
    spellings = [(spelling, command.name) for command in COMMANDS for spelling in {*command.fr, *command.en}]
    assert len({spelling for spelling, _ in spellings}) == len(spellings)


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/start immigration", "start", "immigration"),
        ("/start\nimmigration", "start", "immigration"),
        ("/START@Bot  immigration ", "start", "immigration "),
        ("/mes_données", "mydata", ""),
        ("/mes-donnees", "mydata", ""),
        ("/Oubliez_Moi", "forget", ""),
        ("/nonsense x", "", "x"),
        ("/", "", ""),
        ("/oublié", "forget", ""),
        ("/Mots-clés permis fermé", "keywords", "permis fermé"),
        ("/mots_clés", "keywords", ""),
        ("/canal @nouvelles", "channel", "@nouvelles"),
    ],
)
def test_a_command_is_read_whatever_its_accents_and_its_case(text, name, argument):
    typed = read_command(text, "bot")
    assert (typed.name, typed.argument) == (name, argument)


@pytest.mark.parametrize("text", ["start", "", " /start", "/start@other", "/start@botx"])
def test_what_is_no_command_for_us_is_none(text):
    assert read_command(text, "bot") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_menu_is_one_telegram_takes(language):
    for name, description in menu(language):
        assert name.isascii()
        assert name.isalnum()
        assert name == name.lower()
        assert 3 <= len(name) <= 32
        assert 3 <= len(description) <= 256


# Callback data.


@given(st.sampled_from(["f", "u", "w", "go"]), st.lists(st.from_regex(r"[a-z0-9-]{0,20}", fullmatch=True), max_size=2))
def test_what_a_button_means_comes_back_from_its_data(verb, args):
    assert callback.read(callback.write(verb, *args)) == callback.Press(verb, tuple(args))


@given(st.text(max_size=120))
def test_no_data_breaks_its_reading_nor_becomes_a_wrong_number(data):
    press = callback.read(data)
    assert press is None or data.startswith(press.verb)
    number = callback.number(data)
    assert number is None or number >= 0


def test_data_over_64_bytes_is_refused_when_it_is_written():
    with pytest.raises(ValueError, match="64 bytes"):
        callback.write("f", "é" * 40)


# Rhythm.


@given(rhythms, changes)
def test_a_press_delivered_twice_has_one_effect(rhythm, args):
    once = rhythm_after(rhythm, args)
    assert once is None or rhythm_after(once, args) == once


@given(rhythms, st.lists(st.text(max_size=8), max_size=4).map(tuple))
def test_no_forged_press_breaks_a_rhythm(rhythm, args):
    rhythm_after(rhythm, args)


@given(rhythms, changes, st.sampled_from(LANGUAGES))
def test_every_rhythm_can_be_said_and_changed(rhythm, args, language):
    chat = Chat(5, language=language, rhythm=rhythm_after(rhythm, args) or rhythm)
    assert in_words(chat)
    for screen in (rhythm_screen(chat, NOON), quiet_screen(chat, NOON), off_screen(chat), cap_screen(chat)):
        assert shown(screen)
    assert shown(zone_screen(replace(chat, timezone="Mars/Olympus"), NOON))


def test_a_digest_keeps_an_hour_at_least_and_never_a_whole_week_off():
    assert rhythm_after(Rhythm(digest_hours=(time(7),)), ("drop", "0700")).digest_hours == (time(7),)
    assert rhythm_after(Rhythm(), ("off", "0123456")) is None


# Screens.

LONG = "Très long titre & <b>gras</b> @tous /start 🙂 " * 60


def alert_with(title, count=5):
    mentions = tuple(
        Mention(title[:300], SourceClass.PRESS, title, f"https://example.org/{number}", None, NOON)
        for number in range(12)
    )
    return [
        Alert(
            10**15 + i, i, title, "https://example.org/" + "a" * 1500, title, "fr", ("labour",), (), 1.0, mentions, NOON
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_news_fit_in_a_screen(language):
    screen = news.latest_screen(Chat(5, language=language), alert_with(LONG), TOPICS, news.ALL, 10**15, NOON)
    assert "Très long" in shown(screen)


@given(st.text(max_size=600), st.text(max_size=3000), st.integers(0, 3000), st.integers(0, 60))
def test_reasons_anywhere_in_any_text_make_a_screen_that_fits(title, body, start, length):
    reasons = tuple(
        Reason("labour", f"terme {n}", field, source[start : start + length], 1.0, start, start + length, group)
        for n, (field, source, group) in enumerate(
            [(Field.TITLE, title, "strong"), (Field.BODY, body, "weak"), (Field.SUMMARY, body, "against")] * 2
        )
    )
    verdicts = tuple(Verdict(topic, 2.0, 1.0, True, reasons) for topic in ("labour", "immigration", "gone"))
    item = Item(
        1,
        "f",
        LONG,
        SourceClass.PRESS,
        "k",
        "https://e.org",
        title,
        body,
        body,
        "fr",
        None,
        NOON,
        Fate.ALERTED,
        verdicts,
    )
    trace = Trace(item, alert_with(LONG, 1)[0], DeliveryState.PENDING, "quiet_hours")
    screen = news.why_screen(Chat(5), trace, TOPICS, frozenset({"labour"}), NOON)
    assert "Il vous sera envoyé." in shown(screen)
    assert screen.body.fits
    assert units(news.why_in_short(Chat(5), trace, TOPICS)) <= 200


def test_a_veto_is_named_and_hides_the_rest():
    veto = Reason("labour", "poisson", Field.TITLE, "poisson", -9.0, 10, 17, "never")
    other = Reason("labour", "grève", Field.TITLE, "Grève", 1.0, 0, 5)
    verdict = Verdict("labour", 0.0, 1.0, False, (other, veto), "topics.lacking_vetoed")
    item = Item(
        1,
        "f",
        "L",
        SourceClass.PRESS,
        "k",
        "https://e.org",
        "Grève des poissons",
        "",
        "",
        "fr",
        None,
        NOON,
        Fate.BELOW,
        (verdict,),
    )
    text = shown(news.why_screen(Chat(5), Trace(item, None, None), TOPICS, frozenset(), NOON))
    assert "écarte l’article" in text
    assert "Grève des poissons (titre" in text
    assert text.count("•") == 1


def test_an_article_whose_text_was_pruned_says_so():
    text = shown(
        news.why_screen(Chat(5), Trace(None, alert_with("Titre", 1)[0], DeliveryState.SENT), TOPICS, frozenset(), NOON)
    )
    assert "n’est plus gardé" in text
    assert "Il vous a été envoyé." in text


def feed(number, **changes):
    values = {
        "id": f"fil-{number}",
        "outlet": LONG,
        "url": "https://e.org",
        "enabled": True,
        "last_polled_at": NOON,
        "last_success_at": None,
        "last_new_at": None,
        "next_poll_at": NOON - timedelta(hours=1),
        "failures": number % 3,
        "cause": "http_403" if number % 2 else "a_cause_of_tomorrow",
        "interval": timedelta(seconds=20),
        "interval_why": "",
        "polls": 1,
        "not_modified": 0,
        "bytes_read": 0,
        "parse_seconds": 0.0,
        "items_total": 0,
        "items_matched": 0,
    }
    return FeedHealth(**{**values, **changes})


@pytest.mark.parametrize("count", [0, 1, 2, 500])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_overview_of_any_size_fits_in_a_screen(language, count):
    feeds = tuple(feed(number, enabled=number % 7 != 1) for number in range(count))
    seen = Overview(
        feeds, {"active": count}, {"pending": count, "dead": 1}, NOON - timedelta(days=2), count, count, count, NOON
    )
    chat = Chat(5, language=language)
    assert shown(overview.overview_screen(chat, seen, TOPICS))
    for at in (0, 1, 10**9):
        assert shown(overview.feeds_screen(chat, seen, at))


def test_the_sick_feeds_come_first_in_an_overview():
    feeds = (
        feed(0, id="well", failures=0),
        feed(0, id="worst", failures=9),
        feed(0, id="bad", failures=2),
        feed(0, id="off", failures=5, enabled=False),
    )
    seen = Overview(feeds, {}, {}, None, 0, 0, 0, NOON)
    assert [each.id for each in seen.failing] == ["worst", "bad"]


@pytest.mark.parametrize("count", [0, 1, 12, 13, 60])
def test_any_number_of_topics_makes_a_home_screen_that_fits(count):
    topics = [Subject(f"t{n}", {"fr": f"Un sujet au nom plutôt long, le {n}e"}, "📌") for n in range(count)]
    who = Subscriber(Chat(5, ChatKind.PRIVATE), frozenset(topic.id for topic in topics), NOON)
    assert shown(screens.home(who, topics))
    assert shown(screens.welcome("fr", topics, who))


# Patience and answers.


@given(st.lists(st.integers(0, 3000), min_size=30, max_size=120))
def test_nobody_is_heard_more_than_twenty_times_at_once_and_once_a_second(gaps):
    patience, now, heard = Patience(), NOON, []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        if patience.hears(5, now) is Heard.LISTEN:
            heard.append(now)
    for start in heard:
        assert sum(start <= other < start + timedelta(seconds=10) for other in heard) <= 30


def test_a_flood_is_told_once_and_again_only_after_calm():
    patience = Patience()
    first = [patience.hears(5, NOON) for _ in range(30)]
    assert first == [Heard.LISTEN] * 20 + [Heard.WARN] + [Heard.IGNORE] * 9
    later = NOON + timedelta(minutes=5)
    assert [patience.hears(5, later) for _ in range(22)][-2:] == [Heard.WARN, Heard.IGNORE]
    assert patience.hears(6, NOON) is Heard.LISTEN


def test_the_calm_are_forgotten():
    patience = Patience()
    for person in range(12_000):
        patience.hears(person, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=person))
    assert len(patience.calm_at) <= 10_000
