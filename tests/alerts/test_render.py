import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.frame import from_json
from bot.alerts.render import TopicLabel, draw_grown, draw_turn, lay_out, render
from bot.model import Chat, Rhythm, SourceClass
from bot.ops.botapi_rules import check_buttons, check_text, units
from tests.alerts.samples import CHATS, DELAYS, HOSTILE, NOW, TOPICS, alert, deliveries, delivery, mention

FRENCH, ENGLISH = Chat(1), Chat(1, language="en")
URL = re.compile(r"https?://\S+")


def sole(chat=FRENCH, **fields):
    [message] = render(chat, [delivery(alert(**fields), chat)], TOPICS, NOW)
    return message


def spoken(text):
    """As a person reads it: non-breaking spaces are spaces."""
    return text.replace("\u00a0", " ")


def test_one_alert_reads_topics_title_summary_source_and_the_other_outlets():
    message = sole(
        title="Une entente de 643 000 $ : le ministère signe",
        summary="L'union annonce une entente. Elle dure trois ans.",
        topics=("immigration", "municipalities"),
        mentions=(
            mention("Le Quotidien", published_at=NOW - timedelta(minutes=5)),
            mention("La Tribune libre"),
            mention("Le Quotidien"),
            mention("Union des villes", SourceClass.MUNICIPAL),
        ),
    )
    assert spoken(message.plain).split("\n") == [
        "🛂 Immigration · 🏛 Municipalités",
        "Une entente de 643 000 $ : le ministère signe",
        "https://journal.example/article/1",
        "",
        "L'union annonce une entente. Elle dure trois ans.",
        "",
        "Le Quotidien · presse · aujourd’hui 14 h 30",
        "Aussi : La Tribune libre, Union des villes (milieu municipal)",
    ]
    assert '<b><a href="https://journal.example/article/1">Une entente' in message.html
    assert "<i>Le Quotidien · presse" in message.html
    assert message.preview_url == "https://journal.example/article/1"
    assert message.delivery_ids == (1,)


def test_the_same_alert_in_english():
    message = sole(ENGLISH, lang="en", topics=("labour",), mentions=(mention("The Daily"), mention("CBC")))
    assert spoken(message.plain).endswith("The Daily · press · today 2:35 p.m.\nAlso: CBC")
    assert message.plain.startswith("👷 Labour\n")
    assert message.buttons[0][0].label == "Why?"


def test_who_cannot_read_all_of_a_page_is_told_so_in_their_language():
    walled = replace(mention("Le Quotidien"), paywalled=True), replace(mention("La Tribune"), paywalled=True)
    union = replace(mention("SCFP", SourceClass.UNION), paywalled=True)
    french = spoken(sole(mentions=(*walled, union)).plain)
    assert "Le Quotidien (abonnés) · presse" in french
    assert french.endswith("Aussi : La Tribune (abonnés), SCFP (syndicat) (abonnés)")
    assert (
        "The Daily (subscribers) · press"
        in sole(ENGLISH, mentions=(replace(mention("The Daily"), paywalled=True),)).plain
    )
    assert "abonnés" not in sole().plain


def test_what_a_machine_wrote_is_marked_wherever_it_is_read():
    written = {"mentions": (replace(mention(), machine_written=True),)}
    assert "Une seconde phrase. (résumé écrit par une machine)" in sole(**written).plain
    assert "(summary written by a machine)" in sole(ENGLISH, **written).plain
    several = render(FRENCH, deliveries(2, **written), TOPICS, NOW)
    assert several[0].plain.count("(résumé écrit par une machine)") == 2
    assert "machine" not in sole(**written, summary="").plain
    assert "machine" not in sole().plain


def test_the_reasons_and_the_thumbs_are_behind_buttons_of_a_few_bytes():
    [row] = sole(alert_id=2**63).buttons
    assert [spoken(button.label) for button in row] == ["Pourquoi?", "👍", "👎"]
    assert [button.data for button in row] == [f"w1:{2**63}", f"v1:{2**63}:1", f"v1:{2**63}:-1"]
    check_buttons({"inline_keyboard": [[{"text": button.label, "callback_data": button.data} for button in row]]})


def test_an_outlet_that_spoke_first_is_not_named_again_and_six_others_at_most_are():
    message = sole(mentions=tuple(mention(f"Journal {number}") for number in range(9)))
    assert spoken(message.plain).endswith(
        "Journal 1, Journal 2, Journal 3, Journal 4, Journal 5, Journal 6 et 2 autres"
    )


@pytest.mark.parametrize("claim", [timedelta(days=-30), timedelta(hours=5)])
def test_a_date_that_cannot_be_true_is_not_shown(claim):
    message = sole(mentions=(mention(published_at=NOW + claim),))
    assert "aujourd’hui 14 h 35" in spoken(message.plain)


def test_a_summary_that_only_repeats_the_title_is_left_out():
    message = sole(title="La grève est finie", summary="La grève est finie.")
    assert message.plain.count("La grève est finie") == 1


def test_a_hostile_title_comes_out_as_text_and_nothing_of_it_can_be_clicked():
    message = sole(title="<a href='tg://x'>@maire</a> /start &lt;b&gt; \u202e#choc", summary="Voir @piege et /stop.")
    text, entities = check_text({"text": message.html, "parse_mode": "HTML"})
    assert sorted(entity["type"] for entity in entities) == ["bold", "italic", "text_link"]
    assert not re.search(r"(?<!\w)[@/#$]\w", URL.sub("", text + message.plain))
    assert "\u202e" not in text


def test_a_text_without_end_is_cut_at_a_sentence_and_keeps_its_link():
    message = sole(title="Titre " * 500, summary="Une phrase de plus. " * 500)
    assert '<a href="https://journal.example/article/1">Titre Titre' in message.html
    assert "Une phrase de plus.\n" in message.plain
    assert units(message.plain) < 2000


def test_an_alert_without_any_usable_word_still_says_something():
    message = sole(title="\u200b", summary="", topics=(), mentions=(), url="javascript:x")
    assert message.plain == "(sans titre)\n\naujourd’hui 14\u00a0h\u00a035"
    assert message.preview_url is None


def test_a_topic_that_left_the_file_is_named_by_its_id():
    assert sole(topics=("logement",)).plain.startswith("logement\n")


def test_several_alerts_are_one_message_by_topic_strongest_and_newest_first():
    owed = [
        delivery(alert(1, title="Faible", score=1.2, raised_at=NOW - timedelta(minutes=1))),
        delivery(alert(2, title="Forte", score=2.5)),
        delivery(alert(3, title="Travail", topics=("labour",), score=9.0)),
        delivery(alert(4, title="Ancienne", score=1.9, raised_at=NOW - timedelta(minutes=9))),
    ]
    [message] = render(FRENCH, owed, TOPICS, NOW)
    lines = [line for line in message.plain.split("\n") if line.startswith(("👷", "🛂")) or line[1:2] == "."]
    assert lines == ["👷 Travail", "1. Travail", "🛂 Immigration", "2. Forte", "3. Faible", "4. Ancienne"]
    assert spoken(message.plain).startswith("4 nouvelles\n")
    assert message.delivery_ids == (3, 2, 1, 4)
    assert [(key.label, key.data) for row in message.buttons for key in row] == [
        ("🔎 1", "w1:3"),
        ("🔎 2", "w1:2"),
        ("🔎 3", "w1:1"),
        ("🔎 4", "w1:4"),
    ]
    assert message.preview_url is None


def test_a_message_of_several_says_why_they_come_together():
    def first_line(rhythm, after):
        chat = Chat(1, rhythm=rhythm)
        owed = [delivery(alert(n), chat, not_before=NOW + timedelta(minutes=25)) for n in (1, 2)]
        [message] = render(chat, owed, TOPICS, NOW + after)
        return spoken(message.plain).split("\n")[0]

    from datetime import time

    hours = timedelta(hours=20)
    assert first_line(Rhythm(digest_hours=(time(7),)), hours) == "Votre revue du mercredi 25 novembre : 2 nouvelles"
    assert first_line(Rhythm(), hours) == "2 nouvelles vous attendaient depuis hier 14 h 35"
    assert first_line(Rhythm(hourly_ceiling=5), timedelta(minutes=25)) == (
        "Votre plafond de 5 par heure est atteint : voici, regroupées, les 2 nouvelles qui attendaient"
    )


def test_a_few_come_with_their_first_sentence_and_many_as_titles():
    sentence = "Une phrase assez longue pour que l'on puisse juger de la place qu'elle prend dans un message. "
    [few] = render(FRENCH, deliveries(5, summary=sentence * 4), TOPICS, NOW)
    assert few.plain.count("Une phrase") == 10  # two fit in the room of a first sentence
    [many] = render(FRENCH, deliveries(30, summary=sentence * 4), TOPICS, NOW)
    assert "Une phrase" not in many.plain
    assert "\n30. Un titre" in many.plain
    assert [len(row) for row in many.buttons] == [8, 8, 8, 6]


def test_what_one_message_cannot_hold_goes_on_in_the_next_between_two_items():
    messages = render(FRENCH, deliveries(90, title="Un titre de longueur moyenne, comme il y en a tant"), TOPICS, NOW)
    assert 1 < len(messages) < 6
    assert messages[1].plain.startswith("🛂 Immigration (suite)\n1. Un titre")
    assert [told for message in messages for told in message.delivery_ids] == list(range(1, 91))


def test_after_a_long_pause_the_strongest_are_shown_and_the_others_are_counted():
    owed = deliveries(900, raised_at=NOW - timedelta(days=20))
    strong = delivery(alert(1000, title="La plus forte", score=8.0, raised_at=NOW - timedelta(days=25)))
    messages = render(FRENCH, [*owed, strong], TOPICS, NOW)
    assert len(messages) < 10
    first = spoken(messages[0].plain).split("\n")
    assert first[0] == "901 nouvelles vous attendaient depuis vendredi 30 octobre, 15 h 35"
    assert first[1] == "Voici les 200 plus fortes ; /dernieres montre les autres."
    assert first[4] == "1. La plus forte"
    assert sum(message.plain.count("https://journal.example/article/") for message in messages) == 200
    assert sorted(told for message in messages for told in message.delivery_ids) == [*range(1, 901), 1000]


def test_threads_and_plain_text_have_messages_of_their_own():
    owed = [delivery(alert(1)), delivery(alert(2), thread_id=9), delivery(alert(3), plain=True)]
    messages = render(FRENCH, owed, TOPICS, NOW)
    assert [message.delivery_ids for message in messages] == [(1,), (2,), (3,)]
    assert [bool(message.html) for message in messages] == [True, True, False]
    assert messages[2].plain


def test_nothing_due_is_no_message():
    assert render(FRENCH, [], TOPICS, NOW) == ()


NAMES = st.sampled_from(("Le Quotidien", "", "@piege", "🗞" * 90)) | st.text(max_size=90)
URLS = st.sampled_from(("https://journal.example/a", "tg://x", "https://j.example/" + "é&" * 400, "")) | st.text()
ALERTS = st.builds(
    alert,
    alert_id=st.integers(1, 2**63 - 1),
    title=HOSTILE,
    summary=HOSTILE,
    url=URLS,
    lang=st.sampled_from(("fr", "en")),
    topics=st.lists(st.sampled_from(("immigration", "labour", "parti")) | st.text(max_size=70), max_size=9).map(tuple),
    score=st.floats(0, 1e6),
    raised_at=DELAYS.map(lambda ago: NOW - ago),
    mentions=st.lists(
        st.builds(
            mention, NAMES, st.sampled_from(SourceClass), st.none() | DELAYS.map(lambda ago: NOW - ago), url=URLS
        ),
        max_size=9,
    ).map(tuple),
)
LABELS = {**TOPICS, "parti": TopicLabel({"fr": "<Parti> & @co " * 9}, "🗳")}


@settings(max_examples=150)
@given(CHATS, st.lists(ALERTS, min_size=1, max_size=60), st.sampled_from((0, 0, 9)), st.booleans())
def test_whatever_comes_in_telegram_takes_every_message_and_every_delivery_is_in_one(chat, alerts, thread, plain):
    owed = [
        delivery(told, chat, id=number, thread_id=thread if number % 2 else 0, plain=plain and number % 3 == 0)
        for number, told in enumerate(alerts)
    ]
    messages = render(chat, owed, LABELS, NOW)
    assert sorted(told for message in messages for told in message.delivery_ids) == list(range(len(alerts)))
    for message in messages:
        assert message.plain.strip()
        check_text({"text": message.plain})
        assert not re.search(r"(?<!\w)[@/#$]\w", URL.sub("", message.plain))
        if not message.html:
            continue
        text, entities = check_text({"text": message.html, "parse_mode": "HTML"})
        assert text == re.sub(r"\nhttps?://[^\u2060\s]+$", "", message.plain, flags=re.MULTILINE).strip()
        assert {entity["type"] for entity in entities} <= {"bold", "italic", "text_link"}
        assert len(entities) <= 100
        assert len(message.html.encode()) < 32_768


@settings(max_examples=100)
@given(CHATS, st.lists(ALERTS, min_size=1, max_size=40), ALERTS)
def test_a_message_drawn_again_from_what_is_kept_of_it_is_the_same_and_grown_it_still_fits_or_is_left(
    chat, alerts, later
):
    owed = [delivery(told, chat, id=number) for number, told in enumerate(alerts)]
    told = {each.id: each.alert for each in owed}
    grown = {number: replace(of, mentions=of.mentions + later.mentions) for number, of in told.items()}
    messages = render(chat, owed, LABELS, NOW)
    for frame, message in zip(lay_out(chat, owed, LABELS, NOW), messages, strict=True):
        kept = from_json(json.loads(json.dumps(frame.to_json())))
        assert kept == frame
        assert draw_grown(kept, told, LABELS) == message
        longer = draw_grown(kept, grown, LABELS)
        if longer is not None:
            check_text({"text": longer.html, "parse_mode": "HTML"})
            assert longer.buttons == message.buttons
            assert longer.delivery_ids == message.delivery_ids


def test_a_message_that_has_no_room_for_another_outlet_or_lost_an_alert_is_left_as_it_is():
    owed = deliveries(30, title="Un titre de longueur moyenne, comme il y en a tant " * 2)
    [frame, *_] = lay_out(FRENCH, owed, TOPICS, NOW)
    alerts = {each.id: each.alert for each in owed}
    crowd = tuple(mention("Une gazette au nom bien long, numéro " + str(number)) for number in range(12))
    grown = {number: replace(of, mentions=of.mentions + crowd) for number, of in alerts.items()}
    assert draw_grown(frame, grown, TOPICS) is None
    assert draw_grown(frame, {}, TOPICS) is None


@settings(max_examples=100)
@given(CHATS, ALERTS, st.sampled_from(("ruling", "vote", "agreement", "end")))
def test_a_turn_of_the_news_fits_whatever_its_words(chat, told, turn):
    message = draw_turn(chat, told, turn, 7, LABELS, NOW)
    check_text({"text": message.html, "parse_mode": "HTML"})
    assert (message.reply_to, message.buttons) == (7, ())
