"""A subscriber's conversation at the wire, with the real store: as a person would have it."""

import json

import pytest

from bot.model import ChatState
from bot.ops.botapi import floods
from tests.telegram.bench import TOPICS, talking

ana_speaks = pytest.mark.parametrize("language", ["fr", "en"])


async def test_start_says_what_it_is_in_three_lines_with_topics_as_buttons(room):
    ana = room.api.person()
    seen = await room.says(ana, "/start")
    _, what, consent, _ = seen.text.split("\n\n")
    assert len(what.split("\n")) == 3
    assert "vous acceptez" in consent
    assert [key.label for key in seen.keys][:3] == ["⬜ 🛂 Immigration", "⬜ 🏛️ Municipalités", "⬜ 👷 Travail"]
    assert seen.key("Confidentialité")
    who = await room.store.subscriber(ana.id)
    assert (who.chat.language, who.chat.state, who.topics) == ("fr", ChatState.ACTIVE, frozenset())
    assert [type(event).__name__ for event in room.events] == ["SubscriberCame"]


async def test_an_english_phone_is_answered_in_english_and_any_other_in_french(room):
    bob, eva = room.api.person("Bob", language="en-CA"), room.api.person("Eva", language="es")
    assert "Which topics" in (await room.says(bob, "/start")).text
    assert "Quels sujets" in (await room.says(eva, "/start")).text


@pytest.mark.parametrize("payload", ["immigration", "immigration-labour", "IMMIGRATION"])
async def test_a_deep_link_follows_its_topics_at_once(room, payload):
    ana = room.api.person()
    seen = await room.says(ana, f"/start {payload}")
    assert seen.key("✅ 🛂 Immigration")
    who = await room.store.subscriber(ana.id)
    assert who.topics == set(payload.lower().split("-"))


async def test_a_deep_link_to_nothing_is_a_plain_start(room):
    ana = room.api.person()
    for payload in ("nothing", "immigration'; DROP TABLE chat", "immi", "-", "a" * 4000):
        await room.says(ana, f"/start {payload}")
        assert (await room.store.subscriber(ana.id)).topics == frozenset(), payload


async def test_a_topic_is_switched_on_and_off_in_place(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    on = await room.presses(ana, "Immigration")
    assert on.toast == "Suivi\u00a0: 🛂 Immigration"
    assert len(ana.inbox) == 1, "the screen edits itself"
    assert "Vous suivez\u00a0: 🛂 Immigration." in ana.inbox[0].text
    await room.presses(ana, "Travail")
    assert "🛂 Immigration et 👷 Travail" in ana.inbox[0].text
    assert (await room.store.subscriber(ana.id)).topics == {"immigration", "labour"}
    await room.presses(ana, "✅ 🛂 Immigration")
    assert (await room.store.subscriber(ana.id)).topics == {"labour"}


async def test_a_button_pressed_twice_in_a_hurry_has_one_effect(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    button = ana.inbox[0].key("Immigration")
    first, second = ana.presses(button), ana.presses(button)
    await room.api.quiet()
    assert (await room.store.subscriber(ana.id)).topics == {"immigration"}
    assert first.toast == second.toast == "Suivi\u00a0: 🛂 Immigration"
    assert len(ana.inbox) == 1


async def test_of_several_presses_at_once_only_the_last_redraws_the_screen(bench):
    ana = bench.api.person()
    async with talking(bench.chat):
        await bench.says(ana, "/start")
    for words in ("Immigration", "Municipalités", "Travail"):
        ana.presses(ana.inbox[0].key(words))
    async with talking(bench.chat):
        await bench.api.quiet()
    assert ana.inbox[0].edits == 1
    assert "🛂 Immigration, 🏛️ Municipalités et 👷 Travail" in ana.inbox[0].text


@ana_speaks
async def test_pause_resume_stop_and_return_keep_the_topics(room, language):
    ana = room.api.person(language=language)
    await room.says(ana, "/start immigration")
    for command, state in [
        ("/pause", ChatState.PAUSED),
        ("/reprendre", ChatState.ACTIVE),
        ("/stop", ChatState.STOPPED),
        ("/start", ChatState.ACTIVE),
    ]:
        await room.says(ana, command)
        who = await room.store.subscriber(ana.id)
        assert (who.chat.state, who.topics) == (state, {"immigration"})


async def test_pause_and_return_by_buttons(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    await room.says(ana, "/pause")
    await room.presses(ana, "Reprendre")
    assert (await room.store.subscriber(ana.id)).chat.state is ChatState.ACTIVE
    await room.presses(ana, "Pause")
    assert (await room.store.subscriber(ana.id)).chat.state is ChatState.PAUSED
    await room.says(ana, "/stop")
    await room.presses(ana, "Revenir")
    assert (await room.store.subscriber(ana.id)).chat.state is ChatState.ACTIVE


SPELLINGS = {
    "/état": "📋 Votre abonnement",
    "/ETAT": "📋 Votre abonnement",
    "/etat@Guetteur_Bot": "📋 Votre abonnement",
    "/status": "📋 Votre abonnement",
    "/confidentialité": "🔒 Confidentialité",
    "/privacy": "🔒 Confidentialité",
    "/dernières": "📰 Dernières alertes",
    "/latest": "📰 Dernières alertes",
    "/aide": "❓ Aide",
    "/help": "❓ Aide",
    "aide": "❓ Aide",
    "/sujets": "🔔 Vos sujets",
    "/topics": "🔔 Vos sujets",
    "/rythme": "⏰ Votre rythme",
    "/langue": "🌐 Langue · Language",
    "/pause": "⏸ Alertes en pause",
    "Arrêter": "⏹ C’est arrêté",
    "stop": "⏹ C’est arrêté",
    "/désabonner": "⏹ C’est arrêté",
    "/oublier": "🗑 Tout effacer?",
    "/forget_me": "🗑 Tout effacer?",
    "/pourquoi": "📰 Dernières alertes",
}


async def test_every_spelling_is_understood(room):
    ana = room.api.person()
    await room.says(ana, "/start labour")
    for typed, expected in SPELLINGS.items():
        room.clock.passes(seconds=5)
        assert (await room.says(ana, typed)).text.split("\n")[0] == expected, typed


async def test_what_is_not_understood_gets_a_way_on(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    assert "Pensiez-vous à /sujets?" in (await room.says(ana, "/sujtes")).text
    seen = await room.says(ana, "Bonjour, je voudrais des nouvelles")
    assert "/aide" in seen.text
    await room.presses(ana, "Sujets")
    assert ana.inbox[-1].text.startswith("🔔 Vos sujets")


async def test_the_language_changes_the_screens_and_the_menu(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    await room.presses(ana, "English")
    await room.presses(ana, "○ English")
    assert (await room.store.subscriber(ana.id)).chat.language == "en"
    assert (await room.says(ana, "/topics")).text.startswith("🔔 Your topics")
    names = [command["command"] for command in room.api.commands[f"chat:{ana.id}", ""]]
    assert "topics" in names
    assert "sujets" not in names


async def test_the_menus_are_set_for_each_scope_and_language(room):
    await room.api.until(lambda: len(room.api.commands) == 9)
    for scope in ("default", "all_private_chats", "all_group_chats"):
        french, english, other = (room.api.commands[scope, code] for code in ("fr", "en", ""))
        assert "dernieres" in [command["command"] for command in french]
        assert "latest" in [command["command"] for command in english]
        assert other == french
        assert ("canal" in [command["command"] for command in french]) == (scope == "all_private_chats")


async def test_a_subscriber_s_state_says_what_is_followed_and_when_it_comes(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    seen = await room.says(ana, "/etat")
    assert "▶️ Les alertes sont en marche." in seen.text
    assert "Vous suivez\u00a0: 🛂 Immigration." in seen.text
    assert "0 alerte reçue en sept jours." in seen.text
    await room.presses(ana, "Actualiser")  # the same again: "message is not modified" is nobody's business
    assert len([call for call in room.api.calls if call.method == "editmessagetext"]) == 1


async def test_the_rhythm_screens_set_what_their_buttons_say(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    await room.says(ana, "/rythme")
    await room.presses(ana, "Revue")
    assert "une revue à 7\u00a0h, 12\u00a0h et 16\u00a0h\u00a030" in ana.inbox[-1].text
    await room.presses(ana, "✅ 12\u00a0h")
    await room.presses(ana, "Silence")
    await room.presses(ana, "22\u00a0h à 7\u00a0h")
    await room.presses(ana, "Sans sonner")
    await room.presses(ana, "Retour")
    await room.presses(ana, "Congé")
    await room.presses(ana, "samedi et dimanche")
    await room.presses(ana, "Retour")
    await room.presses(ana, "Plafond")
    await room.presses(ana, "10")
    await room.presses(ana, "Retour")
    await room.presses(ana, "Fuseau")
    await room.presses(ana, "Maritimes")
    await room.presses(ana, "Retour")
    assert ana.inbox[-1].text == (
        "⏰ Votre rythme\n\n"
        "Envoi\u00a0: une revue à 7\u00a0h et 16\u00a0h\u00a030.\n"
        "Silence\u00a0: de 22\u00a0h à 7\u00a0h, les alertes arrivent sans sonner.\n"
        "Congé\u00a0: samedi et dimanche.\n"
        "Plafond\u00a0: 10 alertes à l’heure, le reste groupé.\n\n"
        "Votre heure\u00a0: 13\u00a0h (Maritimes, Îles-de-la-Madeleine)."
    )
    chat = (await room.store.subscriber(ana.id)).chat
    assert chat.timezone == "America/Halifax"
    assert (chat.rhythm.days_off, chat.rhythm.hourly_ceiling, chat.rhythm.silent_when_quiet) == ((5, 6), 10, True)
    await room.presses(ana, "Semaine")
    await room.presses(ana, "mer")
    assert "une revue le mercredi, à 7\u00a0h" in ana.inbox[-1].text
    await room.presses(ana, "Dès parution")
    assert "dès qu’une nouvelle paraît" in ana.inbox[-1].text


async def test_my_data_is_a_file_with_everything_about_the_chat_and_no_name(room):
    ana = room.api.person("Anastasia")
    await room.says(ana, "/start immigration")
    seen = await room.says(ana, "/mesdonnées")
    name, data = seen.document
    held = json.loads(data)
    assert name == "guetteur.json"
    assert held["subscription"][0]["topic"] == "immigration"
    assert "Anastasia" not in data.decode()


async def test_forget_asks_once_then_nothing_is_left(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    await room.says(ana, "/oublier")
    await room.presses(ana, "Annuler")
    assert (await room.store.subscriber(ana.id)) is not None
    await room.says(ana, "/oublier")
    await room.presses(ana, "Oui")
    assert ana.inbox[-1].text.startswith("Tout est effacé")
    assert await room.store.subscriber(ana.id) is None
    assert "ne garde rien" in (await room.says(ana, "/mesdonnees")).text
    await room.presses(ana, "Sujets")
    assert "Guetteur, l’actualité" in ana.inbox[-1].text, "a screen with a way on"
    assert [getattr(event, "cause", "") for event in room.events] == ["", "erased"]


async def test_an_old_screen_of_somebody_who_was_erased_answers_politely_and_keeps_nothing(room):
    ana = room.api.person()
    old = await room.says(ana, "/start")
    await room.store.erase(ana.id)
    for button in old.keys:
        press = ana.presses(button)
        await room.api.quiet()
        assert press.toast is not None
    assert await room.store.subscriber(ana.id) is None


async def test_a_button_of_a_topic_that_is_gone_answers_politely(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    old = ana.inbox[0].key("Travail")
    room.topics.remove(TOPICS[2])
    press = ana.presses(old)
    await room.api.quiet()
    assert press.toast == "Ce sujet n’existe plus."
    assert "Travail" not in ana.inbox[0].show()
    assert (await room.store.subscriber(ana.id)).topics == frozenset()


async def test_a_screen_the_person_deleted_is_sent_anew(room):
    ana = room.api.person()
    seen = await room.says(ana, "/start")
    button = seen.key("Immigration")
    del ana.home.messages[seen.message_id]
    ana.presses(button)
    await room.api.quiet()
    assert "Vous suivez" in ana.inbox[-1].text


async def test_an_answer_in_flood_wait_comes_when_telegram_lets_it(room):
    ana = room.api.person()
    room.api.plan(floods(1))
    ana.says("/start")
    await ana.hears(seconds=5)
    assert "Quels sujets" in ana.inbox[0].text
