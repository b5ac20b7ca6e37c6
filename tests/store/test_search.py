"""Stored items found by their words, on both engines."""

from sqlalchemy import delete

from bot.store import items, search
from bot.store.tables import alert_topic
from bot.text.search import search_words, searchable
from tests.store.facts import add_feed, item, tell


async def keep(database, now, *titles, **changes):
    async with database.write() as conn:
        for number, title in enumerate(titles):
            one = item(now, f"s{number}", title=title, **{"summary": "", **changes})
            await items.add_item(conn, one, one.url, searchable(f"{one.title} {one.summary}"))


async def titles(database, query, limit=10, before=None):
    async with database.read() as conn:
        found = await search.find_items(conn, search_words(query, 40), limit, before)
    return [one.title for one, _ in found]


async def test_accents_and_case_do_not_matter_and_the_newest_comes_first(database, now):
    await add_feed(database, now)
    await keep(database, now, "Grève à l’École", "GREVES AU PORT", "Budget de Laval")
    assert await titles(database, "greve") == ["GREVES AU PORT", "Grève à l’École"]
    assert await titles(database, "grève école") == ["Grève à l’École"]
    assert await titles(database, "absent") == []


async def test_the_summary_is_looked_in_and_an_edited_title_is_found_by_its_new_words(database, now):
    await add_feed(database, now)
    await keep(database, now, "Un titre", summary="Les pêcheurs de crabe")
    assert await titles(database, "crabe pecheur") == ["Un titre"]
    async with database.write() as conn:
        await items.update_texts(conn, "le-courrier", {"s0": ("Le homard", "Une saison")})
    assert await titles(database, "homard saison") == ["Le homard"]
    assert await titles(database, "crabe") == []


async def test_pages_go_on_below_an_item(database, now):
    await add_feed(database, now)
    await keep(database, now, *(f"Budget {number}" for number in range(5)))
    async with database.read() as conn:
        first = await search.find_items(conn, ("budget",), 2, None)
        second = await search.find_items(conn, ("budget",), 9, first[-1][0].id)
    assert [one.title for one, _ in first + second] == [f"Budget {number}" for number in (4, 3, 2, 1, 0)]


async def test_the_alert_of_a_topic_is_named_and_one_of_somebody_s_own_keyword_is_not(database, now):
    await add_feed(database, now)
    alert_id, _ = await tell(database, now, title="budget")
    async with database.write() as conn:
        assert [told for _, told in await search.find_items(conn, ("budget",), 5, None)] == [alert_id]
        await conn.execute(delete(alert_topic))
        assert [told for _, told in await search.find_items(conn, ("budget",), 5, None)] == [None]
