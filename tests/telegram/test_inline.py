"""Inline mode at the wire: what one may share elsewhere, for those the house is open to."""

import pytest

from bot.model import ChatKind, Fate
from bot.store import items
from bot.telegram.inline import PAGE
from bot.text.search import searchable
from tests.store.facts import add_feed, item, tell
from tests.telegram.bench import OPERATOR, make_bench, talking


@pytest.fixture
async def feed(room):
    await add_feed(room.store._database, room.clock.now)


async def seeks(room, person, words, offset=""):
    search = person.searches(words, offset)
    await room.api.quiet()
    return search


async def keep(room, count):
    for number in range(count):
        one = item(
            room.clock.now, f"s{number}", title=f"Grève <b>{number}</b> au port", fate=Fate.NO_TOPIC, verdicts=()
        )
        async with room.store._database.write() as conn:
            await items.add_item(conn, one, one.url, searchable(one.title))


async def test_words_find_articles_to_share_with_their_outlet_and_link(room, feed):
    ana = room.api.person()
    await room.says(ana, "/start")
    await keep(room, 1)
    (found,) = (await seeks(room, ana, "GREVE port")).results
    assert found["title"].replace("\u2060", "") == "Grève <b>0</b> au port"
    assert found["description"].startswith("Le Courrier · ")
    said = found["said"]["text"].replace("\u2060", "")
    assert said.startswith("Grève <b>0</b> au port")
    assert said.endswith("Le Courrier")
    assert any(entity.get("url") for entity in found["said"]["entities"])
    assert "reply_markup" not in found, "our buttons stay in our chats"


async def test_nothing_typed_gives_the_latest_alerts_of_one_s_topics(room, feed):
    ana, bob = room.api.person("Ana"), room.api.person("Bob", language="en")
    await room.says(ana, "/start immigration")
    await room.says(bob, "/start labour")
    await tell(room.store._database, room.clock.now, "k1")
    assert len((await seeks(room, ana, "")).results) == 1
    nothing = await seeks(room, bob, "")
    assert nothing.results == []
    assert nothing.button == {"text": "No alert yet: choose your topics", "start_parameter": "partage"}


async def test_more_results_come_page_by_page(room, feed):
    ana = room.api.person()
    await keep(room, PAGE + 3)
    first = await seeks(room, ana, "port")
    rest = await seeks(room, ana, "port", first.further)
    assert (len(first.results), len(rest.results), rest.further) == (PAGE, 3, "")
    assert len({found["id"] for found in first.results + rest.results}) == PAGE + 3


async def test_what_the_search_offers_is_only_for_those_let_in(api, bot, database, clock):
    house = make_bench(api, bot, database, clock, by_approval=True)
    async with talking(house.chat):
        await add_feed(database, clock.now)
        await keep(house, 1)
        eve, chief, ana = api.person("Eve"), api.person("Chef", person_id=OPERATOR), api.person("Ana")
        await house.store.arrive(ana.id, ChatKind.PRIVATE, "fr", clock.now)
        shut = await seeks(house, eve, "port")
        assert shut.results == []
        assert shut.button["text"] == "Demander à recevoir les alertes"
        assert len((await seeks(house, chief, "port")).results) == 1
        assert len((await seeks(house, ana, "port")).results) == 1
        assert await house.store.subscriber(eve.id) is None


async def test_a_banned_person_is_not_answered(room, feed):
    chief, eve, ana = room.api.person("Chef", person_id=OPERATOR), room.api.person("Eve"), room.api.person("Ana")
    await keep(room, 1)
    await room.says(eve, "/start")
    await room.says(chief, f"/bannir {eve.id}")
    await room.presses(chief, "Oui, bannir")
    assert (await seeks(room, eve, "port")).results is None
    assert len((await seeks(room, ana, "port")).results) == 1


@pytest.mark.parametrize(
    "words", ["x" * 256, "po\0rt", "\u202eport", "';DROP TABLE item;--", "<b>", "%_%", "🦀", "Z̸a̸l̸g̸o̸"]
)
async def test_hostile_words_and_forged_offsets_are_answered(room, feed, words):
    ana = room.api.person()
    for offset in ("", "-1", "9" * 64, "x", "1:2"):
        assert (await seeks(room, ana, words, offset)).results is not None
    assert await room.store.subscriber(ana.id) is None, "looking keeps nothing"


async def test_a_person_who_types_fast_is_answered_and_an_answer_that_came_too_late_is_silent(room, feed):
    ana = room.api.person()
    await keep(room, 1)
    searches = [ana.searches("p" * (number % 3 + 1)) for number in range(40)]
    searches[0].results = []  # Telegram has given up on it
    await room.api.quiet()
    assert searches[1].results is not None
    room.clock.passes(minutes=1)
    assert len((await seeks(room, ana, "port")).results) == 1
    assert ana.inbox == []
