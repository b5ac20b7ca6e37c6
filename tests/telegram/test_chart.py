"""The chart of /etat at the wire: it takes the screen's place, in both languages, and the words stay when it cannot be."""

import pytest

from bot.ops.botapi_photo import check_photo
from bot.ops.picture.process import DrawLimits
from tests.store.facts import add_chat, add_feed, tell
from tests.telegram.bench import OPERATOR, talking

WORDS = {
    "fr": ("/etat", "Graphique", "se dessine", "Les 14 derniers jours", "Immigration\u00a0: 1 alerte", "Retour"),
    "en": ("/status", "Chart", "being drawn", "The last 14 days", "Immigration: 1 alert", "Back"),
}


async def told_bench(bench):
    await add_feed(bench.store._database, bench.clock.now)
    await add_chat(bench.store._database, 5, bench.clock.now)
    await tell(bench.store._database, bench.clock.now, "k1")


@pytest.mark.parametrize("language", WORDS)
async def test_the_picture_takes_the_place_of_the_words_and_they_come_back(room, language):
    command, button, drawing, title, count, back = WORDS[language]
    await told_bench(room)
    boss = room.api.person(language=language, person_id=OPERATOR)
    screen = await room.says(boss, command)
    press = await room.presses(boss, button)
    assert drawing in press.toast
    await room.makes()
    assert boss.inbox == [screen], "edited in place"
    width, height = check_photo(screen.photo)
    assert width == 1000
    assert height > 1000
    assert title in screen.text
    assert count in screen.text
    await room.presses(boss, back)
    assert [bool(message.photo) for message in boss.inbox] == [False], "the picture is gone, nothing piles up"


async def test_presses_while_it_is_drawn_are_silent_and_a_fresh_picture_is_not_drawn_again(room):
    boss = room.api.person(person_id=OPERATOR)
    screen = await room.says(boss, "/etat")
    first, second = boss.presses(screen.key("Graphique")), boss.presses(screen.key("Graphique"))
    await room.settles()
    assert "se dessine" in first.toast
    assert second.toast == ""
    await room.makes()
    made, edits = screen.photo, screen.edits
    room.clock.passes(seconds=30)
    await room.presses(boss, "Actualiser")
    await room.makes()
    assert screen.photo == made
    room.clock.passes(minutes=61)
    await room.presses(boss, "Actualiser")
    await room.makes()
    assert screen.photo != made, "another hour stands on it"
    assert screen.edits > edits


async def test_whoever_goes_on_meanwhile_is_not_brought_back(room):
    boss = room.api.person(person_id=OPERATOR)
    screen = await room.says(boss, "/etat")
    boss.presses(screen.key("Graphique"))
    await room.settles()
    await room.presses(boss, "Fils", screen)
    await room.makes()
    assert not screen.photo
    assert "Fils (" in screen.text


async def test_a_drawing_that_takes_too_long_is_killed_and_the_words_say_so(bench):
    bench.office.easel.limits = DrawLimits(seconds=0.05)
    boss = bench.api.person(person_id=OPERATOR)
    async with talking(bench.chat):
        screen = await bench.says(boss, "/etat")
        await bench.presses(boss, "Graphique")
        await bench.makes()
        assert "n’a pas pu être dessiné" in screen.text
        assert not screen.photo
    assert [(event.loop, event.cause) for event in bench.events if hasattr(event, "loop")] == [("picture", "too_slow")]


async def test_without_the_library_there_is_no_button(room):
    room.office.easel.installed = False
    boss = room.api.person(person_id=OPERATOR)
    screen = await room.says(boss, "/etat")
    assert not [key for key in screen.keys if "Graphique" in key.label]


async def test_who_has_no_role_gets_no_picture(room):
    ana = room.api.person()
    screen = await room.says(ana, "/start")
    ana.forges("o1:chart", screen)
    await room.settles()
    await room.makes()
    assert not any(message.photo for message in ana.inbox)
