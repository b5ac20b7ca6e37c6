"""Stories grouped in SQL are the stories grouped in memory, on both engines; two pollers open one story."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from bot.store import items, stories
from bot.store.database import take_turn
from bot.store.tables import story, story_key
from bot.stories.fingerprint import fingerprint
from bot.stories.group import MEMBERS, Joined, choose
from bot.stories.window import Window
from tests.store.facts import add_feed, item
from tests.stories.test_young_memory import copies, near, ordinary_news

TITLES = (
    "Rivière-aux-Cormes : 85 mises à pied à la scierie Dubreuil",
    "La scierie Dubreuil met à pied 85 travailleurs à Rivière-aux-Cormes",
    "Séance du conseil",
    "Permis de travail : Ottawa prolonge de deux ans le projet pilote des abattoirs",
    "Séance du conseil",
    "Grève des éboueurs à Saint-Clément dès lundi",
    "Grève des chauffeurs d’autobus à Val-Brillant dès lundi",
    "Les éboueurs de Saint-Clément en grève dès lundi",
    "Projet pilote des abattoirs : Ottawa prolonge de deux ans les permis de travail",
    "Avis d’ébullition levé à Pont-Rouge",
    "Avis d’ébullition à Pont-Rouge",
    "Dubreuil : les 85 mises à pied à la scierie de Rivière-aux-Cormes inquiètent le maire",
)


def prints(now):
    return [
        fingerprint(title, "", "fr", f"Outlet {number}", now + timedelta(minutes=number))
        for number, title in enumerate(TITLES)
    ]


async def put(conn, print_, number, now):
    """What the poll loop does for one item."""
    await take_turn(conn, "stories")
    found, rarity = await stories.candidates(conn, print_)
    grouping = choose(print_, found, rarity)
    story_id = grouping.story_id if isinstance(grouping, Joined) else await stories.open_story(conn, print_.at)
    item_id = await items.add_item(conn, item(now, f"k{number}"), f"https://x.example/{number}", "")
    await stories.add_to_story(conn, story_id, item_id, print_, ())
    return story_id


async def test_sql_groups_as_memory_does(database, now):
    await add_feed(database, now)
    window = Window()
    in_memory = [window.put(print_)[0] for print_ in prints(now)]
    in_tables = []
    for number, print_ in enumerate(prints(now)):
        async with database.write() as conn:
            in_tables.append(await put(conn, print_, number, now))
    assert in_tables == in_memory
    assert in_memory[0] == in_memory[1] == in_memory[11]
    assert len({in_memory[place] for place in (2, 4, 5, 6, 9, 10)}) == 6


async def test_two_pollers_at_the_same_moment_open_one_story(database, now):
    await add_feed(database, now)
    pairs = [(prints(now)[0], 0), (prints(now)[1], 1)]

    async def poll(print_, number):
        async with database.write() as conn:
            return await put(conn, print_, number, now)

    first, second = await asyncio.gather(*(poll(print_, number) for print_, number in pairs))
    assert first == second


async def test_sixty_copies_in_a_young_database_are_one_story_and_use_each_word_once(database, now):
    await add_feed(database, now)
    window = Window()
    told = [*ordinary_news(30), *copies(near, 60)]
    in_tables = []
    async with database.write() as conn:
        for number, print_ in enumerate(told):
            in_tables.append(await put(conn, print_, number, now))
        uses = (await conn.execute(select(story_key.c.key, story_key.c.at).where(story_key.c.story_id == 31))).all()
        found, rarity = await stories.candidates(conn, told[-1])
    assert in_tables == [window.put(print_)[0] for print_ in told]
    assert len(set(in_tables[30:])) == 1
    assert {key for key, _ in uses} == {key for print_ in told[30:] for key in print_.keys}
    assert {key: at for key, at in uses if key in told[-1].keys} == dict.fromkeys(told[-1].keys, told[-1].at)
    assert rarity.total == 31
    [candidate] = [one for one in found if one.story_id == 31]
    assert candidate.items == (told[30], *told[-(MEMBERS - 1) :])


async def test_an_item_that_comes_late_does_not_make_its_story_look_older(database, now):
    await add_feed(database, now)
    late, first = prints(now)[:2]
    async with database.write() as conn:
        assert await put(conn, first, 1, now) == await put(conn, late, 0, now)
        assert await conn.scalar(select(story.c.grew_at)) == first.at
        assert await conn.scalar(select(func.max(story_key.c.at))) == first.at
