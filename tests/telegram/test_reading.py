"""/dernieres, /pourquoi and an operator's /etat at the wire, on alerts and feeds of the real store."""

from dataclasses import replace

import pytest

from bot.alerts.sources import SourceChoice
from bot.locales import say
from bot.model import Fate, Field, Reason, Verdict
from bot.store import feeds, items
from bot.store.tables import delivery
from tests.store.facts import add_feed, item, tell
from tests.telegram.bench import NOON, OPERATOR

TITLE = "Des permis de travail plus longs pour <script> les infirmières & @tous"
BODY = "Le ministre annonce des permis de travail de trois ans. Les villes applaudissent."
PERMIT = Reason("immigration", "permis de travail", Field.SUMMARY, "permis de travail", 1.25, 24, 41)
WEAK = Reason("labour", "infirmière", Field.TITLE, "infirmières", 0.5, 51, 62, "weak")
VERDICTS = (
    Verdict("immigration", 1.25, 1.0, True, (PERMIT,)),
    Verdict("labour", 0.5, 1.0, False, (WEAK,), "topics.lacking_elsewhere"),
)


async def told(room, key="k1", **changes):
    """An alert on immigration, addressed to whoever follows it."""
    values = {"title": TITLE, "summary": BODY, "verdicts": VERDICTS, **changes}
    return await tell(room.store._database, room.clock.now, key, **values)


@pytest.fixture
async def feed(room):
    await add_feed(room.store._database, room.clock.now)


async def test_the_last_alerts_come_in_pages_with_a_why_for_each(room, feed):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    for number in range(7):
        await told(room, f"k{number}", title=f"Nouvelle {number}")
    seen = await room.says(ana, "/dernieres")
    assert [line for line in seen.text.split("\n") if "Nouvelle" in line] == [
        f"{place}. Nouvelle {7 - place}" for place in range(1, 6)
    ]
    assert "Le Courrier · aujourd’hui 12\u00a0h · 🛂 Immigration" in seen.text
    assert next(entity["url"] for entity in seen.entities if entity["type"] == "text_link").endswith("/k6")
    await room.presses(ana, "Plus anciennes")
    assert "1. Nouvelle 1" in ana.inbox[-1].text
    await room.presses(ana, "Début")
    assert "1. Nouvelle 6" in ana.inbox[-1].text
    await room.presses(ana, "🔎 2")
    assert "Nouvelle 5" in ana.inbox[-1].text


async def test_no_alert_yet_is_said_kindly(room):
    ana = room.api.person()
    assert "Rien encore" in (await room.says(ana, "/dernieres")).text


async def test_the_button_under_an_alert_shows_the_words_in_their_sentence(room, feed):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    alert_id, addressed = await told(room)
    assert addressed == 1
    press = ana.forges(f"w1:{alert_id}", ana.inbox[-1])
    await room.api.quiet()
    assert press.toast == ""
    seen = ana.inbox[-1]
    assert seen.text == (
        "🔎 Pourquoi?\n\n"
        "Des permis de travail plus longs pour <script> les infirmières & @\u2060tous\n\n"
        "🛂 Immigration\u00a0: 1,25 pour un seuil de 1\n"
        "• Le ministre annonce des permis de travail de trois ans. (résumé, +1,25)\n\n"
        "👷 Travail\u00a0: 0,5, sous le seuil de 1\n"
        f"{missing()}\n"
        "• Des permis de travail plus longs pour <script> les infirmières & @\u2060tous (titre, +0,5)\n\n"
        "Source\u00a0: Le Courrier.\n\n"
        "Il vous sera envoyé.\nLu par Guetteur\u00a0: aujourd’hui 12\u00a0h."
    )
    await room.presses(ana, "Fermer")
    assert all("Pourquoi?" not in message.text for message in ana.inbox)


def missing():
    return say("fr", "topics.lacking_elsewhere", term="", missing="")


async def test_in_a_group_the_reasons_are_for_whoever_pressed(room, feed):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start immigration", group)
    alert_id, _ = await told(room)
    count = len(group.inbox)
    press = bob.forges(f"w1:{alert_id}", group.inbox[-1])
    await room.api.quiet()
    assert (press.toast, press.alert) == ("🛂 Immigration\u00a0: permis de travail", True)
    assert len(group.inbox) == count


async def test_an_alert_that_is_gone_answers_politely(room):
    ana = room.api.person()
    seen = await room.says(ana, "/start")
    for data in ("w1:999999", "w1:", "w1", "w1:-1", "w1:99999999999999999999", "w1:1 OR 1=1"):
        press = ana.forges(data, seen)
        await room.api.quiet()
        assert press.toast == "Cette alerte n’existe plus.", data


async def test_why_in_answer_to_an_alert_explains_that_alert(room, feed):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    alert_id, _ = await told(room)
    quoted = {
        "message_id": 5,
        "date": 1,
        "chat": ana.home.as_chat(),
        "text": "…",
        "reply_markup": {"inline_keyboard": [[{"text": "Pourquoi?", "callback_data": f"w1:{alert_id}"}]]},
    }
    seen = await room.says(ana, "/pourquoi", reply_to_message=quoted)
    assert "permis de travail de trois ans" in seen.text


@pytest.mark.parametrize(
    ("fate", "verdicts", "expected"),
    [
        (Fate.PRIMED, (), "il était déjà dans le fil"),
        (Fate.STALE, (), "sa date était trop ancienne"),
        (Fate.NO_TOPIC, (), "aucun mot de nos sujets"),
        (Fate.BELOW, VERDICTS[1:], "trop peu de mots"),
    ],
)
async def test_the_address_of_an_article_that_did_not_come_is_explained(room, feed, fate, verdicts, expected):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    kept = item(room.clock.now, "k9", title=TITLE, fate=fate, verdicts=verdicts)
    async with room.store._database.write() as conn:
        await items.add_item(conn, kept, kept.url, "x")
    seen = await room.says(ana, f"/pourquoi {kept.url}")
    assert expected in seen.text
    assert (await room.says(ana, f"Pourquoi pas {kept.url} alors")).text == seen.text, "pasted, without the command"


async def test_an_address_we_never_saw_is_said_so(room):
    ana = room.api.person()
    seen = await room.says(ana, "/pourquoi https://example.org/jamais?x=<b>")
    assert "dans aucun des fils" in seen.text


async def test_what_became_of_it_for_this_chat_is_said(room, feed):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    await room.says(ana, "/start immigration")
    await room.says(bob, "/start municipalities")
    alert_id, _ = await told(room)
    address = "https://courrier.example/k1"
    assert "vous ne suivez pas ce sujet" in (await room.says(bob, f"/pourquoi {address}")).text
    for state, reason, expected in [
        ("sent", "", "Il vous a été envoyé."),
        ("pending", "quiet_hours", "Il vous sera envoyé. Attend la fin des heures de silence."),
        ("dropped", "stopped", "Il ne vous a pas été envoyé."),
        ("dead", "a_cause_of_tomorrow", "Telegram n’en a pas voulu ici."),
    ]:
        async with room.store._database.write() as conn:
            await conn.execute(delivery.update().values(state=state, reason=reason))
        assert expected in (await room.says(ana, f"/pourquoi {address}")).text
    assert alert_id


async def test_an_operator_s_state_shows_feeds_people_and_queue_and_no_person(room, feed):
    chief, ana = room.api.person("Chef", person_id=OPERATOR), room.api.person("Anastasia")
    await room.says(ana, "/start immigration")
    await told(room)
    database = room.store._database
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [], NOON)
    await add_feed(database, NOON)
    seen = await room.says(chief, "/etat")
    assert seen.text.startswith("🛠 État de Guetteur, aujourd’hui 12\u00a0h")
    assert "📡 1 fil" in seen.text
    assert "👥 1 conversation" in seen.text
    assert "🛂 Immigration 1 · 🏛️ Municipalités 0" in seen.text
    assert "1 en attente" in seen.text
    assert "Anastasia" not in seen.text
    assert str(ana.id) not in seen.text
    await room.presses(chief, "Fils")
    assert "Le Courrier (le-courrier)" in chief.inbox[-1].text
    await room.presses(chief, "Retour")
    assert "État de Guetteur" in chief.inbox[-1].text
    assert "/etat — pour vous" in (await room.says(chief, "/aide")).text


async def test_nobody_else_reaches_the_operator_s_screens(room):
    bob = room.api.person("Chef")
    seen = await room.says(bob, "/etat")
    assert "Guetteur, l’actualité" in seen.text, "a passer-by is welcomed"
    for data in ("o1:state", "o1:feeds:0"):
        press = bob.forges(data, seen)
        await room.api.quiet()
        assert "vieilli" in press.toast
    assert all("État de Guetteur" not in message.text for message in bob.inbox)


@pytest.mark.parametrize(
    ("language", "muted", "read", "short", "vetoed"),
    [
        (
            "fr",
            "vous avez mis sa source en sourdine",
            "Lu par Guetteur\u00a0: aujourd’hui 12\u00a0h",
            "manque 2 points",
            "écarté par",
        ),
        ("en", "you muted its source", "Read by Guetteur: today 12\u00a0p.m.", "2 points short", "set aside by"),
    ],
)
async def test_every_reason_why_an_article_did_not_come_is_said_in_words(
    room, feed, language, muted, read, short, vetoed
):
    ana = room.api.person(language=language)
    await room.says(ana, "/start immigration")
    await room.store.choose_source(ana.id, "outlet:Le Courrier", SourceChoice.MUTE)
    await told(room)
    seen = await room.says(ana, "/why https://courrier.example/k1")
    assert muted in seen.text
    assert read in seen.text
    near = replace(VERDICTS[0], score=1.0, threshold=3.0, flagged=False, lacking="topics.lacking_score")
    veto = replace(VERDICTS[0].reasons[0], group="never")
    refused = replace(VERDICTS[0], score=0.0, flagged=False, reasons=(veto,), lacking="topics.lacking_vetoed")
    for key, verdict, words in (("k7", near, short), ("k8", refused, vetoed)):
        kept = item(room.clock.now, key, title=TITLE, summary=BODY, fate=Fate.BELOW, verdicts=(verdict,))
        async with room.store._database.write() as conn:
            await items.add_item(conn, kept, kept.url, "x")
        assert words in (await room.says(ana, f"/why {kept.url}")).text


@pytest.mark.parametrize(
    ("language", "points", "vetoed"),
    [("fr", "1,25 pour un seuil de 1", "écarté par «\u00a0"), ("en", "1.25 for a threshold of 1", "set aside by “")],
)
async def test_an_article_with_points_enough_that_a_veto_kept_out_is_not_said_to_be_below_the_threshold(
    room, feed, language, points, vetoed
):
    ana = room.api.person(language=language)
    await room.says(ana, "/start immigration")
    veto = replace(VERDICTS[0].reasons[0], group="never")
    reasons = (VERDICTS[0].reasons[0], veto)
    refused = replace(VERDICTS[0], score=1.25, flagged=False, reasons=reasons, lacking="topics.lacking_vetoed")
    kept = item(room.clock.now, "k9", title=TITLE, summary=BODY, fate=Fate.BELOW, verdicts=(refused,))
    async with room.store._database.write() as conn:
        await items.add_item(conn, kept, kept.url, "x")
    seen = (await room.says(ana, f"/why {kept.url}")).text
    assert points in seen
    assert f"{vetoed}{veto.text}" in seen, seen
    assert ("un mot que nos sujets refusent" if language == "fr" else "a word that our topics refuse") in seen
    assert ("sous le seuil" if language == "fr" else "under the threshold") not in seen
