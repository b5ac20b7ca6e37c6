"""/sujets at the wire: one topic told at other hours than the rest, in place; and presses that mean nothing."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Rhythm, TopicRhythm
from bot.telegram.topic_rhythm import rhythm_after

WORD = {
    "fr": ("/sujets", "Semaine", "lundi, à 7\u00a0h", "Comme le reste"),
    "en": ("/topics", "Weekly", "Monday", "As the rest"),
}


async def rhythm_of(room, person):
    return (await room.store.subscriber(person.id)).chat.rhythm


@pytest.mark.parametrize("language", WORD)
async def test_a_topic_has_hours_of_its_own_until_it_follows_the_rest_again(room, language):
    typed, weekly, words, same = WORD[language]
    ana = room.api.person(language=language)
    await room.says(ana, "/start immigration-labour")
    await room.says(ana, typed)
    await room.presses(ana, "⏰")
    await room.presses(ana, weekly)
    assert await rhythm_of(room, ana) == Rhythm(topics=(TopicRhythm("immigration", (time(7),), (0,)),))
    assert words in ana.inbox[-1].text
    await room.presses(ana, "‹")
    assert f"⏰ {weekly}" in [key.label for key in ana.inbox[-1].keys]
    assert words in ana.inbox[-1].text
    await room.presses(ana, f"⏰ {weekly}")
    await room.presses(ana, same)
    assert await rhythm_of(room, ana) == Rhythm()
    assert len(ana.inbox) == 2, "the screen edits itself"


async def test_a_clock_of_a_topic_one_left_leads_home(room):
    ana = room.api.person()
    await room.says(ana, "/start immigration")
    for data in ("t1:labour:now", "t1:", "t1:x:add:0700"):
        press = ana.forges(data, ana.inbox[-1])
        await room.api.quiet()
        assert "n’existe plus" in press.toast
    for data in ("t1:immigration:quiet:none", "t1:immigration:cap:9", "t1:immigration:add:9999", "t1:immigration:"):
        press = ana.forges(data, ana.inbox[-1])
        await room.api.quiet()
        assert "vieilli" in press.toast
    assert await rhythm_of(room, ana) == Rhythm()


async def test_in_a_group_only_administrators_set_a_topic_s_hours(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    seen = await room.says(ana, "/start immigration", group)
    press = bob.forges("t1:immigration:weekly", seen)
    await room.api.quiet()
    assert "administrateurs" in press.toast
    assert (await room.store.subscriber(group.id)).chat.rhythm == Rhythm()


@given(st.lists(st.sampled_from(["now", "digest", "weekly", "same", "add:0730", "drop:0700", "day:3", "cap:3", "?"])))
def test_presses_on_one_topic_touch_no_other_and_twice_is_once(presses):
    other = TopicRhythm("labour", (time(9),))
    rhythm = Rhythm(hourly_ceiling=5, topics=(other,))
    for press in presses:
        args = tuple(press.split(":"))
        rhythm = rhythm_after(rhythm, "immigration", args) or rhythm
        assert (rhythm_after(rhythm, "immigration", args) or rhythm) == rhythm
        assert other in rhythm.topics
        assert rhythm.hourly_ceiling == 5
        assert len({one.topic for one in rhythm.topics}) == len(rhythm.topics) <= 2
