"""Which entries are new, whatever publishers do with their guids, links, titles and dates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.identity import entry_keys, unseen
from bot.feeds.memory import FeedMemory
from bot.model import Entry

NOW = datetime(2026, 3, 10, 15, 7, tzinfo=UTC)
SITE = "https://journal.example"


def entry(n, **changes):
    made = Entry(f"Titre {n}", f"{SITE}/a/{n}", f"guid-{n}", published_at=NOW - timedelta(minutes=n))
    return replace(made, **changes)


class Reader:
    """A feed polled again and again: remembers keys as the store does and returns what each poll tells."""

    def __init__(self):
        self.memory = FeedMemory()
        self.seen = set()

    def poll(self, *entries, outlet_urls=frozenset()):
        keys, self.memory = entry_keys(entries, self.memory)
        fresh = unseen(keys, self.seen, outlet_urls)
        self.seen.update(name for one in keys for name in one.all)
        return [entries[position] for position in fresh]


def test_a_second_poll_tells_nothing():
    reader = Reader()
    assert len(reader.poll(entry(1), entry(2))) == 2
    assert reader.poll(entry(1), entry(2)) == []


def test_reordered_vanished_and_returned_items_are_not_new():
    reader = Reader()
    reader.poll(entry(1), entry(2), entry(3))
    assert reader.poll(entry(3), entry(1)) == []
    assert reader.poll(entry(2), entry(4)) == [entry(4)]


def test_an_old_item_added_at_the_end_is_new_whatever_its_date():
    reader = Reader()
    reader.poll(entry(1))
    late = entry(2, published_at=NOW - timedelta(days=300))
    assert reader.poll(entry(1), late) == [late]


@pytest.mark.parametrize(
    "edited",
    [
        entry(1, title="Titre corrigé", summary="Texte corrigé"),
        entry(1, link=f"{SITE}/nouveau-titre/1"),
        entry(1, published_at=NOW),
        entry(1, guid="un-autre-guid"),
        entry(1, guid=None),
        entry(1, link=f"http://m.journal.example/a/1/amp?utm_source=rss&PHPSESSID={'0' * 32}"),
        entry(1, link=None),
    ],
)
def test_an_edited_item_is_the_same_item(edited):
    reader = Reader()
    reader.poll(entry(1), entry(2))
    assert reader.poll(edited, entry(2)) == []


def test_a_site_that_moved_tells_nothing_again():
    reader = Reader()
    old = [entry(n) for n in range(1, 7)]
    reader.poll(*old)
    moved = [
        replace(one, guid=f"https://neuf.example/{one.title}", link=f"https://neuf.example/{one.title}") for one in old
    ]
    assert reader.poll(*moved) == []


def test_guids_that_change_at_each_fetch_are_seen_through_by_the_links():
    reader = Reader()
    reader.poll(*[entry(n, guid=f"fetch-1-{n}") for n in range(5)])
    assert reader.poll(*[entry(n, guid=f"fetch-2-{n}") for n in range(6)]) == [entry(5, guid="fetch-2-5")]


def test_guids_that_change_at_each_fetch_without_links_are_seen_through_by_the_titles():
    reader = Reader()
    reader.poll(*[entry(n, guid=f"fetch-1-{n}", link=None, published_at=None) for n in range(5)])
    fresh = reader.poll(*[entry(n, guid=f"fetch-2-{n}", link=None, published_at=None) for n in range(6)])
    assert [one.title for one in fresh] == ["Titre 5"]


def test_one_guid_for_all_names_nothing_now_or_later():
    reader = Reader()
    assert len(reader.poll(*[entry(n, guid="fil") for n in range(4)])) == 4
    assert reader.memory.guids_lie
    assert reader.poll(entry(9, guid="fil")) == [entry(9, guid="fil")]
    assert reader.poll(entry(9, guid="fil")) == []


def test_one_guid_for_all_under_one_title_is_told_apart_by_the_links():
    reader = Reader()
    assert len(reader.poll(*[entry(n, guid="fil", title="Communiqué") for n in range(4)])) == 4


def test_one_link_for_all_names_nothing():
    reader = Reader()
    assert len(reader.poll(*[entry(n, link=f"{SITE}/communiques") for n in range(4)])) == 4
    assert reader.poll(entry(5, link=f"{SITE}/communiques")) == [entry(5, link=f"{SITE}/communiques")]


def test_a_link_to_the_front_page_names_no_item():
    reader = Reader()
    reader.poll(entry(1, link=f"{SITE}/"))
    assert reader.poll(entry(2, link=f"{SITE}/")) == [entry(2, link=f"{SITE}/")]


def test_without_guid_and_link_title_and_date_are_the_name():
    reader = Reader()
    bare = [entry(n, guid=None, link=None) for n in range(3)]
    assert reader.poll(*bare) == bare
    assert reader.poll(*bare) == []
    tomorrow = replace(bare[0], published_at=NOW + timedelta(days=1))
    assert reader.poll(tomorrow) == [tomorrow]


def test_items_that_share_a_title_and_a_bare_day_are_different_items():
    midnight = NOW.replace(hour=5, minute=0)
    reader = Reader()
    first = entry(1, title="Avis public", published_at=midnight)
    second = entry(2, title="Avis public", published_at=midnight)
    assert reader.poll(first, second) == [first, second]


def test_an_item_listed_twice_counts_once():
    assert Reader().poll(entry(1), entry(1, guid="bis"), entry(1)) == [entry(1)]


def test_the_same_article_in_two_feeds_of_an_outlet_is_one_item():
    other = Reader()
    keys, _ = entry_keys([entry(1)], FeedMemory())
    assert other.poll(entry(1, guid="une", link=f"{SITE}/a/1?utm_source=une"), entry(2), outlet_urls={keys[0].url}) == [
        entry(2)
    ]


def test_an_edited_text_reaches_the_stored_item_by_the_same_first_key():
    [before], _ = entry_keys([entry(1)], FeedMemory())
    [after], _ = entry_keys([entry(1, title="Corrigé", link=f"{SITE}/corrige")], FeedMemory())
    assert before.key == after.key


def test_an_empty_entry_still_has_a_key():
    [keys], _ = entry_keys([Entry("")], FeedMemory())
    assert keys.key


ENTRIES = st.lists(
    st.builds(
        Entry,
        title=st.sampled_from(["", "A", "a", "B", "C"]) | st.text(max_size=5),
        link=st.sampled_from([None, "", SITE, f"{SITE}/1", f"{SITE}/1?utm_source=x", f"{SITE}/2", "javascript:0"]),
        guid=st.sampled_from([None, "", "1", "2", "3"]) | st.text(max_size=3),
        published_at=st.sampled_from([None, NOW, NOW.replace(minute=0)]),
    ),
    max_size=8,
)


def test_what_is_one_item_does_not_hang_on_the_order_of_the_document():
    """The first and the second are one by guid, the first and the third by title."""
    first, second, third = (
        replace(entry(1), title=title, guid=guid, published_at=None)
        for title, guid in (("Titre", "1"), ("", "1"), ("Titre", None))
    )
    reader = Reader()
    reader.poll(first, second, third)
    assert reader.poll(second, first, third) == []


@given(ENTRIES, st.randoms())
def test_any_feed_polled_again_in_any_order_tells_each_item_once(entries, random):
    reader = Reader()
    reader.poll(*entries)
    again = random.sample(entries, k=len(entries))
    assert reader.poll(*again) == []


@given(ENTRIES)
def test_items_with_names_of_their_own_are_all_told(entries):
    named = [replace(one, guid=f"g{n}", link=f"{SITE}/p/{n}", published_at=None) for n, one in enumerate(entries)]
    assert Reader().poll(*named) == named
