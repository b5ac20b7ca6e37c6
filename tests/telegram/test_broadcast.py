"""/diffuser from the admin's text to everybody's phone, through a real sender, pace and store; what goes wrong on the way."""

import asyncio

import pytest

from bot.app import utc_now
from bot.loops.broadcast import Broadcaster
from bot.loops.pace import Turns
from bot.ops.botapi import DROPPED_AFTER, floods, refuses
from bot.store import broadcasts
from bot.telegram.pace import limits_of
from bot.telegram.send import Sender
from tests.telegram.bench import OPERATOR

TEXT = "Guetteur sera arrêté de 14 h à 15 h <b>.\nDétails : https://guetteur.example/avis"


def chief(room, language="fr"):
    return room.api.person("Chef", person_id=OPERATOR, language=language)


async def people(room, number):
    persons = [room.api.person(f"P{n}") for n in range(number)]
    for person in persons:
        await room.says(person, "/start immigration")
    return persons


def sender(room):
    turns = Turns(limits_of(1000, 1000), utc_now)
    return Broadcaster(
        room.store._database, Sender(room.chat.bot), turns, room.events.append, room.clock, asyncio.Event()
    )


async def sends_all(room, times=20):
    """Until nothing is under way."""
    broadcaster = sender(room)
    for _ in range(times):
        await broadcaster.go_on()
        room.clock.passes(seconds=1)
        async with room.store._database.read() as conn:
            if await broadcasts.under_way(conn) is None:
                return
    raise AssertionError("it never ends")


def got(person):
    return [message for message in person.inbox if message.text.startswith("Guetteur sera")]


FR = ("/diffuser", "Envoyer (3)", "Envoi en cours", "Envoi terminé", "3 messages arrivés")
EN = ("/broadcast", "Send (3)", "Sending", "Sent", "3 messages arrived")


@pytest.mark.parametrize(("language", "words"), [("fr", FR), ("en", EN)])
async def test_a_text_is_previewed_confirmed_and_reaches_everybody_once_as_it_was_written(room, language, words):
    command, send, going, done, count = words
    boss, persons = chief(room, language), await people(room, 3)
    seen = await room.says(boss, f"{command} {TEXT}")
    assert TEXT in seen.text
    assert not any(map(got, persons)), "nothing leaves before the press"
    button = seen.key(send)
    boss.presses(button)
    boss.presses(button)
    await room.settles()
    assert going in boss.inbox[-1].text
    assert "0 / 3" in boss.inbox[-1].text
    await sends_all(room)
    assert [[message.text for message in got(person)] for person in persons] == [[TEXT]] * 3
    assert done in boss.inbox[-1].text
    assert count in boss.inbox[-1].text
    assert len(boss.inbox) == 1, "one screen, edited in place"
    assert [act.action for act in await room.office.acts(5)] == ["broadcast"]


async def test_a_cancelled_draft_or_sending_sends_no_more(room):
    boss, persons = chief(room), await people(room, 3)
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Annuler")
    assert "Rien n’a changé" in boss.inbox[-1].text
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Envoyer")
    await room.presses(boss, "Arrêter")
    assert "Envoi arrêté" in boss.inbox[-1].text
    await sends_all(room)
    assert not any(map(got, persons))


async def test_paused_stopped_and_blocked_chats_are_left_alone(room):
    boss, (ana, bob, eve, zoe) = chief(room), await people(room, 4)
    await room.says(ana, "/pause")
    await room.says(bob, "/stop")
    eve.blocks()
    await room.settles()
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Envoyer (1)")
    await sends_all(room)
    assert [len(got(person)) for person in (ana, bob, eve, zoe)] == [0, 0, 0, 1]


async def test_a_lost_answer_is_told_and_gives_no_second_copy(room):
    boss, (ana, bob) = chief(room), await people(room, 2)
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Envoyer")
    room.api.plan(DROPPED_AFTER, chat_id=ana.id)
    await sends_all(room)
    assert (len(got(ana)), len(got(bob))) == (1, 1)
    assert "1 sans réponse" in boss.inbox[-1].text


async def test_what_surely_did_not_arrive_is_sent_later_and_a_chat_that_left_is_not_tried_again(room):
    boss, (ana, bob, eve) = chief(room), await people(room, 3)
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Envoyer")
    room.api.plan(floods(1), chat_id=ana.id)
    room.api.plan(refuses(403, "Forbidden: bot was blocked by the user"), chat_id=bob.id)
    await sends_all(room)
    assert [len(got(person)) for person in (ana, bob, eve)] == [1, 0, 1]
    assert "1 conversation ne l’a pas reçu" in boss.inbox[-1].text
    assert (await room.store.subscriber(bob.id)).chat.state.value == "blocked"


async def test_a_process_killed_between_claim_and_outcome_loses_nobody_and_sends_no_one_twice(room):
    boss, persons = chief(room), await people(room, 14)
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Envoyer")
    async with room.store._database.write() as conn:  # claimed, and the power fails
        going = await broadcasts.under_way(conn)
        claimed = {chat.id for chat, _ in await broadcasts.claim(conn, going.id, room.clock.now, 4)}
    await sends_all(room)
    assert all(len(got(person)) == (person.id not in claimed) for person in persons)
    assert "4 sans réponse" in boss.inbox[-1].text
    assert "14 / 14" in boss.inbox[-1].text


@pytest.mark.parametrize("typed", ["", "x" * 3600, "\u202e\u200b"])
async def test_a_text_that_cannot_be_sent_says_how(room, typed):
    assert "/diffuser" in (await room.says(chief(room), f"/diffuser {typed}")).text


async def test_forged_and_old_buttons_and_other_people_send_nothing(room):
    boss, (ana,) = chief(room), await people(room, 1)
    seen = await room.says(boss, f"/diffuser {TEXT}")
    for person, data in ((ana, "dy1:1"), (ana, "dc1:1"), (boss, "dy1:99"), (boss, "dy1:x"), (boss, "dc1")):
        press = person.forges(data, seen if person is boss else ana.inbox[-1])
        await room.settles()
        assert "vieilli" in press.toast, data
    await sends_all(room)
    assert got(ana) == []


async def test_a_group_that_moves_while_it_is_told_gets_it_under_its_new_number_once(room):
    boss, ana = chief(room), room.api.person("Ana")
    group = room.api.group("Salle", ana, kind="group")
    await room.says(ana, "/start immigration", group)
    await room.says(boss, f"/diffuser {TEXT}")
    await room.presses(boss, "Envoyer (1)")
    new = room.api.upgrade(group)
    await sends_all(room)
    await room.settles()
    assert [message.text for message in new.inbox] == [TEXT]
    assert "1 message arrivé" in boss.inbox[-1].text
