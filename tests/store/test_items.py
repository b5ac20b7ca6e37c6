"""Seen-marks and items, on both engines."""

from datetime import timedelta

from bot.model import Fate
from bot.store import items
from tests.store.facts import FEED, add_feed, item


async def test_seen_marks_are_per_feed_and_marking_twice_is_marking_once(database, now):
    await add_feed(database, now)
    async with database.write() as conn:
        await items.mark_seen(conn, FEED.id, ["a", "b", "a"], now)
        await items.mark_seen(conn, FEED.id, ["b"], now)
        assert await items.seen_keys(conn, FEED.id, ["a", "b", "c"]) == {"a", "b"}
        assert await items.seen_keys(conn, "another", ["a"]) == frozenset()


async def test_more_keys_than_one_statement_takes_are_all_looked_up(database, now):
    await add_feed(database, now)
    keys = [f"k{number}" for number in range(1_300)]
    async with database.write() as conn:
        await items.mark_seen(conn, FEED.id, keys[:1_200], now)
        assert len(await items.seen_keys(conn, FEED.id, keys)) == 1_200


async def test_an_item_comes_back_as_it_was_stored(database, now):
    await add_feed(database, now)
    new = item(now)
    async with database.write() as conn:
        item_id = await items.add_item(conn, new, new.url, "des permis")
        [(stored, text)] = await items.items_since(conn, now)
    assert stored == item(now, id=item_id)
    assert text.title == new.title


async def test_an_edited_entry_changes_its_item_and_makes_no_other(database, now):
    await add_feed(database, now)
    new = item(now)
    async with database.write() as conn:
        item_id = await items.add_item(conn, new, new.url, "")
        edited = {new.key: ("Un autre titre", new.summary), "unknown": ("Sans article", "")}
        assert await items.update_texts(conn, FEED.id, edited) == [item_id]
        assert await items.update_texts(conn, FEED.id, edited) == []
        [(stored, _)] = await items.items_since(conn, now)
    assert stored.title == "Un autre titre"


async def test_old_items_go_and_their_seen_marks_stay(database, now):
    await add_feed(database, now)
    old = item(now, found_at=now - timedelta(days=200), fate=Fate.NO_TOPIC)
    async with database.write() as conn:
        await items.mark_seen(conn, FEED.id, [old.key], now)
        await items.add_item(conn, old, old.url, "")
        assert await items.forget_items(conn, now - timedelta(days=120)) == 1
        assert await items.forget_seen(conn, now - timedelta(days=400)) == 0
        assert await items.seen_keys(conn, FEED.id, [old.key]) == {old.key}


async def test_a_mark_whose_entry_is_still_listed_stays_young(database, now):
    await add_feed(database, now)
    later = now + timedelta(days=300)
    async with database.write() as conn:
        await items.mark_seen(conn, FEED.id, ["listed", "gone"], now)
        await items.mark_seen(conn, FEED.id, ["listed"], later)
        assert await items.forget_seen(conn, later - timedelta(days=200)) == 1
        assert await items.seen_keys(conn, FEED.id, ["listed", "gone"]) == {"listed"}


async def test_an_address_is_known_to_the_other_feeds_of_its_outlet_alone(database, now):
    await add_feed(database, now)
    new = item(now)
    async with database.write() as conn:
        await items.add_item(conn, new, new.url, "")
        assert await items.urls_of_outlet(conn, new.outlet, "another-feed", [new.url]) == {new.url}
        assert await items.urls_of_outlet(conn, new.outlet, new.feed_id, [new.url]) == frozenset()
        assert await items.urls_of_outlet(conn, "Another outlet", "another-feed", [new.url]) == frozenset()
