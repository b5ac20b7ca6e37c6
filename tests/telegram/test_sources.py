"""/sources at the wire: muting, preferring, pages, who may, and what forgers send."""

import pytest

from bot.alerts.sources import SourceChoice
from tests.telegram.bench import OUTLETS


async def choices(room, chat_id):
    return dict(await room.store.source_choices(chat_id))


async def test_an_outlet_is_muted_then_preferred_then_free_again_in_place(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    seen = await room.says(ana, "/sources")
    assert seen.text.startswith("📡 Vos sources\n\n🔕 En sourdine")
    for toast, label, choice in (
        ("🔕 En sourdine\u00a0: Le Courrier", "🔕 Le Courrier", {"outlet:Le Courrier": SourceChoice.MUTE}),
        ("⭐ Préférée\u00a0: Le Courrier", "⭐ Le Courrier", {"outlet:Le Courrier": SourceChoice.PREFER}),
        ("Sans préférence\u00a0: Le Courrier", "Le Courrier", {}),
    ):
        assert (await room.presses(ana, "Le Courrier")).toast == toast
        assert label in [key.label for key in ana.inbox[-1].keys]
        assert await choices(room, ana.id) == choice
    assert len(ana.inbox) == 2, "the screen edits itself"


async def test_a_kind_of_outlets_is_muted_in_the_words_of_each_language(room):
    ana, bob = room.api.person(), room.api.person("Bob", language="en")
    for person, typed, words in ((ana, "/médias", "Patronat"), (bob, "/outlets", "Employer")):
        await room.says(person, "/start immigration")
        await room.says(person, typed)
        await room.presses(person, words)
        assert await choices(room, person.id) == {"class:employer": SourceChoice.MUTE}


async def test_many_outlets_come_in_pages_and_a_press_stays_on_its_page(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    seen = await room.says(ana, "/sources")
    shown = [key.label for key in seen.keys if key.label in OUTLETS]
    assert "page 1 de 3" in seen.text
    for at in (2, 3):
        await room.presses(ana, "›")
        assert f"page {at} de 3" in ana.inbox[-1].text
        shown += [key.label for key in ana.inbox[-1].keys if key.label in OUTLETS]
    assert shown == OUTLETS
    await room.presses(ana, OUTLETS[-1])
    assert "page 3 de 3" in ana.inbox[-1].text
    await room.presses(ana, "‹")
    assert "page 2 de 3" in ana.inbox[-1].text


async def test_a_press_in_a_hurry_has_one_effect(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    seen = await room.says(ana, "/sources")
    key = seen.key("Le Courrier")
    first, second = ana.presses(key), ana.presses(key)
    await room.api.quiet()
    assert first.toast == second.toast
    assert await choices(room, ana.id) == {"outlet:Le Courrier": SourceChoice.MUTE}


async def test_an_outlet_that_went_stays_shown_so_that_its_choice_can_be_taken_back(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    await room.says(ana, "/sources")
    await room.presses(ana, "Le Courrier")
    old = ana.inbox[-1].key("Quotidien 2")
    room.outlets[:] = ["Le Soir"]
    seen = await room.says(ana, "/sources")
    assert seen.key("🔕 Le Courrier")
    press = ana.presses(old)
    await room.api.quiet()
    assert "vieilli" in press.toast
    assert await choices(room, ana.id) == {"outlet:Le Courrier": SourceChoice.MUTE}


async def test_in_a_group_only_administrators_choose(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start immigration", group)
    assert "administrateurs" in (await room.says(bob, "/sources", group)).text
    seen = await room.says(ana, "/sources", group)
    press = bob.presses(seen.key("Le Courrier"))
    await room.api.quiet()
    assert "administrateurs" in press.toast
    assert await choices(room, group.id) == {}
    await room.presses(ana, "Le Courrier", seen)
    assert await choices(room, group.id) == {"outlet:Le Courrier": SourceChoice.MUTE}


@pytest.mark.parametrize("outlet", ["<b>&' OR 1=1;--", "é" * 200, "\u202eegami", "", "🗞" * 90, "@tous", "a:b:c"])
async def test_an_outlet_of_any_name_is_only_a_name(room, outlet):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    room.outlets[:] = [outlet]
    seen = await room.says(ana, "/sources")
    press = ana.presses(seen.keys[6])  # after the six kinds
    await room.api.quiet()
    assert press.toast.startswith("🔕")
    assert await choices(room, ana.id) == {f"outlet:{outlet}": SourceChoice.MUTE}


async def test_forged_presses_and_hostile_arguments_change_nothing(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    seen = await room.says(ana, "/sources")
    good = seen.key("Le Courrier").data.split(":")
    for data in (
        "m1",
        "m1:mute",
        "m1:mute:",
        "m1:mute::0",
        "m1:mute:outlet:0",
        "m1:mute:ffffffffffff:0",
        f"m1:drop:{good[2]}:0",
        f"m1:mute:{good[2]}:0:0",
        "g1:sources:99999999",
        "g1:sources:-1",
        "g1:sources:x",
        "g1:sources:1:2",
    ):
        room.clock.passes(seconds=5)
        press = ana.forges(data, seen)
        await room.api.quiet()
        assert press.toast is not None, data
        assert await choices(room, ana.id) == {}, data
    for argument in ("x" * 4000, "\0", "\u202e", "'; DROP TABLE chat;--", "<script>", "{n}"):
        room.clock.passes(minutes=1)
        assert (await room.says(ana, f"/sources {argument}")).text.startswith("📡 Vos sources")


async def test_somebody_we_do_not_know_is_welcomed_and_nothing_is_kept(room):
    eve = room.api.person("Eve")
    seen = await room.says(eve, "/sources")
    assert "Quels sujets" in seen.text
    press = eve.forges("m1:mute:ffffffffffff:0", seen)
    await room.api.quiet()
    assert press.toast is not None
    assert await choices(room, eve.id) == {}
