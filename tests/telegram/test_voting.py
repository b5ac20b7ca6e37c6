"""Thumbs under an alert at the wire: stored, one a person, changed, withdrawn; and what forgers make of them."""

import json

import pytest
from sqlalchemy import select

from bot.store.tables import vote
from tests.store.facts import add_feed, tell


@pytest.fixture
async def feed(room):
    await add_feed(room.store._database, room.clock.now)


async def told(room, key="k1"):
    alert_id, _ = await tell(room.store._database, room.clock.now, key)
    return alert_id


async def votes(room):
    async with room.store._database.read() as conn:
        rows = await conn.execute(select(vote.c.alert_id, vote.c.person_id, vote.c.value))
        return {(row.alert_id, row.person_id): row.value for row in rows}


async def press(room, person, data, message=None):
    room.clock.passes(seconds=5)
    made = person.forges(data, message or person.inbox[-1])
    await room.api.quiet()
    return made.toast


@pytest.mark.parametrize(
    ("language", "good", "bad", "gone"),
    [
        ("fr", "👍 Merci, c’est noté.", "👎 Merci, c’est noté", "Votre avis est retiré."),
        ("en", "👍 Thank you, noted.", "👎 Thank you, noted", "Your opinion was withdrawn."),
    ],
)
async def test_a_thumb_is_kept_changed_and_withdrawn_with_a_short_word(room, feed, language, good, bad, gone):
    ana = room.api.person(language=language)
    await room.says(ana, "/start immigration")
    alert_id = await told(room)
    assert await press(room, ana, f"v1:{alert_id}:1") == good
    assert await votes(room) == {(alert_id, ana.id): 1}
    assert (await press(room, ana, f"v1:{alert_id}:-1")).startswith(bad)
    assert await votes(room) == {(alert_id, ana.id): -1}
    assert await press(room, ana, f"v1:{alert_id}:-1") == gone
    assert await votes(room) == {}
    assert len(ana.inbox) == 1, "nothing but a toast"


async def test_in_a_group_each_person_has_one_vote_administrator_or_not(room, feed):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start immigration", group)
    alert_id = await told(room)
    await press(room, ana, f"v1:{alert_id}:1", group.inbox[-1])
    await press(room, bob, f"v1:{alert_id}:-1", group.inbox[-1])
    assert await votes(room) == {(alert_id, ana.id): 1, (alert_id, bob.id): -1}


async def test_a_finger_that_slips_and_an_update_delivered_twice_have_one_effect(room, feed):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    alert_id = await told(room)
    for _ in range(2):
        ana.forges(f"v1:{alert_id}:1", ana.inbox[-1])
    await room.api.quiet()
    assert await votes(room) == {(alert_id, ana.id): 1}
    room.clock.passes(minutes=1)
    room.api.again(room.api.confirmed)
    await room.api.quiet()
    await room.says(ana, "/aide")
    assert await votes(room) == {(alert_id, ana.id): 1}


async def test_an_alert_that_is_gone_or_was_not_for_this_chat_takes_no_vote(room, feed):
    ana, eve = room.api.person("Ana"), room.api.person("Eve")
    await room.says(ana, "/start immigration")
    await room.says(eve, "/start labour")
    alert_id = await told(room)
    for data in (
        f"v1:{alert_id}:1",
        f"v1:{alert_id}:2",
        f"v1:{alert_id}:1:1",
        f"v1:{alert_id}",
        "v1:999999:1",
        "v1:-1:1",
        "v1::1",
        "v1",
        "v1:1 OR 1=1:1",
        "v1:99999999999999999999:1",
    ):
        assert await press(room, eve, data) == "Cette alerte n’existe plus.", data
    assert await votes(room) == {}


async def test_opinions_are_part_of_one_s_data_and_are_erased_with_it(room, feed):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start immigration", group)
    alert_id = await told(room)
    await press(room, bob, f"v1:{alert_id}:1", group.inbox[-1])
    seen = await room.says(bob, "/mesdonnees")
    assert [part["value"] for part in json.loads(seen.document[1])["vote"]] == [1], "though we know no chat of his"
    await room.says(bob, "/oublier")
    await room.presses(bob, "Oui")
    assert await votes(room) == {}
