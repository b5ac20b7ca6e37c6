"""Stories grouped in SQL are the stories grouped in memory, on both engines; two pollers open one story."""

import asyncio
from datetime import timedelta

from bot.store import items, stories
from bot.store.database import take_turn
from bot.stories.fingerprint import fingerprint
from bot.stories.group import Joined, choose
from bot.stories.window import Window
from tests.store.facts import add_feed, item

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
