"""/canal at the wire: a channel linked, set and unlinked by its administrators alone, from their private chat."""

import pytest

from bot.locales import LANGUAGES
from bot.ops.botapi_people import BOT_USER
from tests.telegram.test_walk import Crawler

OPEN = "@nouvelles_du_port"


@pytest.fixture
async def ana(room):
    person = room.api.person("Ana")
    await room.says(person, "/start immigration")
    return person


@pytest.fixture
def channel(room, ana):
    return room.api.group("Nouvelles <b>du port", ana, kind="channel", username=OPEN[1:])


async def known(room, channel):
    return await room.store.subscriber(channel.id)


async def test_a_channel_is_linked_set_and_unlinked_from_the_private_chat(room, ana, channel):
    seen = await room.says(ana, f"/canal {OPEN}")
    assert seen.text.startswith("📣 Canal\u00a0: Nouvelles <b>du port\n🔔 Vos sujets")
    await room.presses(ana, "Immigration")
    await room.presses(ana, "Travail")
    assert (await known(room, channel)).topics == {"immigration", "labour"}
    assert (await room.store.subscriber(ana.id)).topics == {"immigration"}, "one's own choices stay"
    await room.presses(ana, "Rythme")
    await room.presses(ana, "Revue")
    assert (await known(room, channel)).chat.rhythm.digest_hours
    await room.presses(ana, "Retour")
    await room.presses(ana, "English")
    await room.presses(ana, "English")
    assert (await known(room, channel)).chat.language == "en"
    assert (await room.store.subscriber(ana.id)).chat.language == "fr"
    assert not any(place.startswith("chat:") for place, _ in room.api.commands), "one's own menu stays"
    await room.presses(ana, "Topics")
    await room.presses(ana, "Unlink")
    await room.presses(ana, "Oui")
    assert await known(room, channel) is None
    assert channel.inbox == []
    assert len(ana.inbox) == 2, "the screen edits itself"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_button_of_a_channel_leads_on(room, ana, channel, language):
    await room.says(ana, f"/canal {OPEN}")
    await room.store.set_language(channel.id, language, room.clock.now)
    crawler = Crawler(room, ana)
    seen = await room.says(ana, f"/canal {OPEN}")
    crawler.only = f"h1:{channel.id}:"
    crawler.pressed.add(f"{crawler.only}e:yes")
    await crawler.walk(seen)
    assert len(crawler.pressed) > 60


@pytest.mark.parametrize("named", ["nouvelles_du_port", "t.me/nouvelles_du_port", "https://t.me/Nouvelles_Du_Port/"])
async def test_a_channel_is_named_as_people_name_it(room, ana, channel, named):
    assert "Vos sujets" in (await room.says(ana, f"/canal {named}")).text
    assert await known(room, channel)


async def test_a_private_channel_is_named_by_its_number(room, ana, channel):
    channel.username = ""
    assert "Vos sujets" in (await room.says(ana, f"/canal {channel.id}")).text


async def test_only_an_administrator_of_the_channel_sees_anything_of_it(room, ana, channel):
    eve = room.api.person("Eve")
    await room.says(eve, "/start")
    seen = await room.says(eve, f"/canal {OPEN}")
    assert "n’a pas accès" in seen.text
    assert "port" not in seen.text
    assert seen.text == (await room.says(eve, "/canal @nulle_part")).text, "nobody learns which channels there are"
    assert await known(room, channel) is None
    await room.says(ana, f"/canal {OPEN}")
    for data in ("f:labour", "g:home", "r:weekly", "e:yes", "l:en", "p:on", "z:Europe/Paris", "m:mute:0:0"):
        room.clock.passes(seconds=2)
        eve.forges(f"h1:{channel.id}:{data}", eve.inbox[-1])
        await room.api.quiet()
        assert "n’a pas accès" in eve.inbox[-1].text, data
    who = await known(room, channel)
    assert (who.topics, who.chat.language, who.chat.state) == (frozenset(), "fr", "active")


async def test_rights_are_asked_at_every_press(room, ana, channel):
    await room.says(ana, f"/canal {OPEN}")
    channel.members[ana.id] = "member"
    await room.presses(ana, "Travail")
    assert "n’a pas accès" in ana.inbox[-1].text
    assert (await known(room, channel)).topics == frozenset()


async def test_the_bot_must_be_able_to_post(room, ana, channel):
    channel.posts = False
    assert "droit de publier" in (await room.says(ana, f"/canal {OPEN}")).text
    channel.posts = True
    channel.members[BOT_USER["id"]] = "left"
    assert "droit de publier" in (await room.says(ana, f"/canal {OPEN}")).text
    assert await known(room, channel) is None


async def test_a_group_is_no_channel_and_what_is_no_name_is_told_how(room, ana):
    room.api.group("Salle", ana, username="salle_de_presse")
    assert "n’a pas accès" in (await room.says(ana, "/canal @salle_de_presse")).text
    for typed in ("", "@a b", "<b>x</b>", "@" + "x" * 4000, "-5", "';DROP TABLE chat;--", "cana\u202el", "@ана_порт"):
        room.clock.passes(seconds=2)
        assert "1. Ajoutez Guetteur" in (await room.says(ana, f"/canal {typed}")).text, typed


async def test_a_channel_s_button_means_nothing_elsewhere(room, ana, channel):
    group = room.api.group("Salle", ana)
    await room.says(ana, f"/canal {OPEN}")
    seen = await room.says(ana, "/start labour", group)
    press = ana.forges(f"h1:{channel.id}:f:labour", seen)
    await room.api.quiet()
    assert "vieilli" in press.toast
    for data in (
        "h1",
        "h1:",
        "h1:x:f:labour",
        f"h1:{channel.id}",
        f"h1:{channel.id}:x",
        f"h1:{channel.id}:k:add",
        f"h1:{channel.id}:d",
        f"h1:{channel.id}:g:mydata",
        f"h1:{channel.id}:g",
        f"h1:{channel.id}:h:f",
    ):
        room.clock.passes(seconds=2)
        press = ana.forges(data, ana.inbox[-1])
        await room.api.quiet()
        assert "vieilli" in press.toast, data
    ana.forges(f"h1:{group.id}:e:yes", ana.inbox[-1])
    await room.api.quiet()
    assert await room.store.subscriber(group.id), "a group is not led from private"
    assert (await known(room, channel)).topics == frozenset()


async def test_an_unlinked_channel_s_old_buttons_answer_politely(room, ana, channel):
    seen = await room.says(ana, f"/canal {OPEN}")
    key = seen.key("Travail")
    await room.store.erase(channel.id)
    ana.presses(key)
    await room.api.quiet()
    assert "n’est pas relié" in ana.inbox[-1].text
    assert await known(room, channel) is None


async def test_in_a_group_the_command_says_where_to_write_it(room, ana, channel):
    group = room.api.group("Salle", ana)
    assert "en privé" in (await room.says(ana, f"/canal {OPEN}", group)).text
    assert await known(room, channel) is None
