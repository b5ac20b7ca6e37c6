"""Access by approval, at the wire: strangers knock, operators answer, nothing is kept before a yes."""

import pytest

from tests.telegram.bench import OPERATOR, make_bench, talking


@pytest.fixture
async def closed_house(api, bot, database, clock):
    bench = make_bench(api, bot, database, clock, by_approval=True)
    async with talking(bench.chat):
        yield bench


async def test_a_stranger_knocks_and_is_let_in_by_an_operator(closed_house):
    house = closed_house
    chief, ana = house.api.person("Chef", person_id=OPERATOR), house.api.person("Ana <b>", language="en")
    assert "Your request has left" in (await house.says(ana, "/start")).text
    assert await house.store.subscriber(ana.id) is None
    assert "Ana <b> aimerait" in chief.inbox[-1].text
    await house.presses(chief, "Accepter")
    assert chief.inbox[-1].text == "✅ Personne acceptée"
    assert "Which topics" in ana.inbox[-1].text
    await house.presses(ana, "Immigration")
    assert (await house.store.subscriber(ana.id)).topics == {"immigration"}


async def test_a_refusal_keeps_nothing_and_tells_nobody(closed_house):
    house = closed_house
    chief, ana = house.api.person("Chef", person_id=OPERATOR), house.api.person("Ana")
    await house.says(ana, "/start")
    await house.presses(chief, "Refuser")
    assert len(ana.inbox) == 1
    assert await house.store.subscriber(ana.id) is None


async def test_who_knocks_again_does_not_ring_again_the_same_day(closed_house):
    house = closed_house
    chief, ana = house.api.person("Chef", person_id=OPERATOR), house.api.person("Ana")
    await house.says(ana, "/start")
    assert "attend la réponse" in (await house.says(ana, "/start")).text
    assert len(chief.inbox) == 1
    house.clock.passes(hours=13)
    await house.says(ana, "/start")
    assert len(chief.inbox) == 2


async def test_two_operators_who_accept_let_in_once(closed_house):
    house = closed_house
    chief, ana = house.api.person("Chef", person_id=OPERATOR), house.api.person("Ana")
    await house.says(ana, "/start")
    button = chief.inbox[-1].key("Accepter")
    chief.presses(button)
    chief.presses(button)
    await house.api.quiet()
    assert sum("Quels sujets" in message.text for message in ana.inbox) == 1


async def test_a_stranger_cannot_let_themselves_in(closed_house):
    house = closed_house
    ana = house.api.person("Ana")
    seen = await house.says(ana, "/start")
    for data in (f"a1:yes:{ana.id}:fr", "f1:immigration", "p1:off", "g1:home", "n1:-:0"):
        press = ana.forges(data, seen)
        await house.api.quiet()
        assert "sur invitation" in press.toast
    for text in ("/sujets", "/dernieres", "bonjour", "/pourquoi https://example.org/a"):
        assert "sur invitation" in (await house.says(ana, text)).text
    assert await house.store.subscriber(ana.id) is None


async def test_a_group_comes_in_when_an_operator_adds_the_bot(closed_house):
    house = closed_house
    chief, ana = house.api.person("Chef", person_id=OPERATOR), house.api.person("Ana")
    group = house.api.group("Salle", ana, chief)
    ana.changes_bot(group, "left", "member")
    await house.api.quiet()
    assert "sur invitation" in group.inbox[-1].text
    assert "sur invitation" in (await house.says(ana, "/start", group)).text
    assert await house.store.subscriber(group.id) is None
    chief.changes_bot(group, "left", "member")
    await house.api.quiet()
    assert await house.store.subscriber(group.id) is not None


async def test_an_operator_needs_no_approval(closed_house):
    chief = closed_house.api.person("Chef", person_id=OPERATOR)
    assert "Quels sujets" in (await closed_house.says(chief, "/start")).text


async def test_an_operator_who_never_wrote_to_the_bot_is_no_trouble(closed_house):
    ana = closed_house.api.person("Ana")
    assert "est partie" in (await closed_house.says(ana, "/start")).text
    assert closed_house.events == []
