"""Seen-marks and items, on both engines."""

from dataclasses import replace
from datetime import timedelta

from bot.model import Fate
from bot.store import feeds, items
from bot.store.items import Shown
from tests.store.facts import FEED, add_feed, item


async def seen_of(conn, feed_id, keys):
    [known] = await items.known(conn, [Shown(feed_id, "", keys, ())])
    return known.seen.keys()


async def urls_of(conn, outlet, feed_id, urls):
    [known] = await items.known(conn, [Shown(feed_id, outlet, (), urls)])
    return known.urls


async def mark(conn, keys, now):
    await items.mark_seen(conn, [(FEED.id, key) for key in keys], now)


async def test_seen_marks_are_per_feed_and_marking_twice_is_marking_once(database, now):
    await add_feed(database, now)
    async with database.write() as conn:
        await mark(conn, ["a", "b", "a"], now)
        await mark(conn, ["b"], now)
        assert await seen_of(conn, FEED.id, ["a", "b", "c"]) == {"a", "b"}
        assert await seen_of(conn, "another", ["a"]) == set()


async def test_more_keys_than_one_statement_takes_are_all_looked_up(database, now):
    await add_feed(database, now)
    keys = [f"k{number}" for number in range(1_300)]
    async with database.write() as conn:
        await mark(conn, keys[:1_200], now)
        assert len(await seen_of(conn, FEED.id, keys)) == 1_200


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
        await mark(conn, [old.key], now)
        await items.add_item(conn, old, old.url, "")
        assert await items.forget_items(conn, now - timedelta(days=120)) == 1
        assert await items.forget_seen(conn, now - timedelta(days=400)) == 0
        assert await seen_of(conn, FEED.id, [old.key]) == {old.key}


async def test_a_mark_whose_entry_is_still_listed_stays_young(database, now):
    await add_feed(database, now)
    later = now + timedelta(days=300)
    async with database.write() as conn:
        await mark(conn, ["listed", "gone"], now)
        [known] = await items.known(conn, [Shown(FEED.id, "", ["listed"], ())])
        assert (known.stale(now + timedelta(hours=23)), known.stale(later)) == ([], ["listed"])
        await items.keep_seen(conn, [(FEED.id, key) for key in known.stale(later)], later)
        assert await items.forget_seen(conn, later - timedelta(days=200)) == 1
        assert await seen_of(conn, FEED.id, ["listed", "gone"]) == {"listed"}


async def test_an_address_is_known_to_the_other_feeds_of_its_outlet_alone(database, now):
    await add_feed(database, now)
    new = item(now)
    async with database.write() as conn:
        await items.add_item(conn, new, new.url, "")
        assert await urls_of(conn, new.outlet, "another-feed", [new.url]) == {new.url}
        assert await urls_of(conn, new.outlet, new.feed_id, [new.url]) == frozenset()
        assert await urls_of(conn, "Another outlet", "another-feed", [new.url]) == frozenset()


async def test_what_several_feeds_show_is_told_apart_by_feed_and_by_outlet(database, now):
    other = replace(FEED, id="autre", outlet="Autre")
    new = item(now)
    async with database.write() as conn:
        await feeds.sync_feeds(conn, [FEED, other], now)
        await items.mark_seen(conn, [(FEED.id, "a"), (other.id, "b")], now)
        await items.add_item(conn, new, new.url, "")
        mine, twin, theirs = await items.known(
            conn,
            [
                Shown(FEED.id, new.outlet, ["a", "b", "c"], [new.url]),
                Shown("twin", new.outlet, ["a"], [new.url]),
                Shown(other.id, other.outlet, ["a", "b"], [new.url]),
            ],
        )
    assert (set(mine.seen), mine.urls) == ({"a"}, frozenset())
    assert (set(twin.seen), twin.urls) == (set(), {new.url})
    assert (set(theirs.seen), theirs.urls) == ({"b"}, frozenset())
