"""What stands in feeds becomes alerts once: the real loop, fetcher, parser and store over real HTTP."""

from datetime import timedelta

import pytest

from bot.alerts.sources import SourceChoice
from bot.events import FeedPolled
from bot.store import deliveries, sources
from bot.store import feeds as feed_rows
from tests.feeds.server import page
from tests.loops.newsroom import rss, watching
from tests.store.facts import add_chat

OLD = ("g0", "Un syndicat fête ses cent ans")
NEWS = ("g1", "640 permis de travail prolongés à Matane")
STRIKE = ("g2", "Grève au port de Sept-Îles dès vendredi", "Les débardeurs quittent le port de Sept-Îles vendredi.")


@pytest.fixture
async def watch(sqlite_database, site, tmp_path, now):
    await add_chat(sqlite_database, 7, now, ("immigration", "labour"))
    site.page("/a", rss(now, OLD))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as watch:
        await watch.round()
        yield watch


async def test_the_first_poll_only_records(watch):
    assert await watch.items() == [(OLD[1], "primed")]
    assert await watch.deliveries() == []


async def test_a_new_entry_that_matches_is_told_once_whatever_the_number_of_polls(watch, site, now):
    site.page("/a", rss(now, NEWS, OLD))
    for _ in range(3):
        await watch.round()
    assert await watch.items() == [(OLD[1], "primed"), (NEWS[1], "alerted")]
    assert len(await watch.deliveries()) == 1


async def test_a_poll_says_what_reading_each_new_item_against_the_terms_took(watch, site, now):
    site.page("/a", rss(now, NEWS, STRIKE, OLD))
    await watch.round()
    await watch.round()
    _, read, unchanged = [fact for fact in watch.facts if isinstance(fact, FeedPolled)]
    assert len(read.match_seconds) == 2
    assert all(0 < seconds < 1 for seconds in read.match_seconds)
    assert unchanged.match_seconds == ()


async def test_an_unchanged_feed_is_neither_parsed_nor_written_one_by_one(watch, site):
    await watch.round()
    await watch.round()
    health = await watch.health()
    assert (health.polls, health.not_modified) == (3, 2)


@pytest.mark.parametrize(
    ("body", "cause"),
    [(b"", "empty"), (b"<html><body>503</body></html>", "html_page"), (b"\x00\x01\x02", "not_a_feed")],
)
async def test_a_broken_answer_forgets_nothing_and_has_a_cause(watch, site, now, body, cause):
    site.page("/a", body)
    await watch.round()
    assert (await watch.health()).cause == cause
    site.page("/a", rss(now, NEWS, OLD))
    await watch.round(24)
    assert [title for title, _ in await watch.items()] == [OLD[1], NEWS[1]]
    assert (await watch.health()).cause == ""


async def test_an_entry_dated_last_week_is_recorded_and_not_told(watch, site, now):
    site.page("/a", rss(now, NEWS, hours_ago=24 * 7))
    await watch.round()
    assert (await watch.items())[-1] == (NEWS[1], "stale")
    assert await watch.deliveries() == []


async def test_an_edited_title_is_the_same_item(watch, site, now):
    site.page("/a", rss(now, NEWS, OLD))
    await watch.round()
    site.page("/a", rss(now, (NEWS[0], "640 permis de travail prolongés à Matane et à Gaspé"), OLD))
    await watch.round()
    assert [title for title, _ in await watch.items()] == [
        OLD[1],
        "640 permis de travail prolongés à Matane et à Gaspé",
    ]
    assert len(await watch.deliveries()) == 1


async def test_entries_that_vanish_come_back_and_change_order_are_not_new(watch, site, now):
    site.page("/a", rss(now, NEWS, OLD))
    await watch.round()
    site.page("/a", rss(now, OLD))
    await watch.round()
    site.page("/a", rss(now, OLD, NEWS))
    await watch.round()
    assert len(await watch.items()) == 2


async def test_the_same_story_in_two_outlets_is_one_alert(sqlite_database, site, tmp_path, now):
    await add_chat(sqlite_database, 7, now, ("immigration",))
    site.page("/a", rss(now))
    site.page("/b", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS))
        await watch.round()
        site.page("/b", rss(now, ("autre", "Matane : 640 permis de travail prolongés")))
        await watch.round()
        assert await watch.items() == [(NEWS[1], "alerted"), ("Matane : 640 permis de travail prolongés", "grew")]
        assert await watch.stories() == [1, 1]
        assert len(await watch.deliveries()) == 1


async def test_a_story_takes_others_in_for_as_long_as_the_operator_says(sqlite_database, site, tmp_path, now):
    site.page("/a", rss(now))
    site.page("/b", rss(now))
    feeds = {"a": "/a", "b": "/b"}
    async with watching(sqlite_database, site, tmp_path, now, feeds, story_hours=0.5) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS, hours_ago=0))
        await watch.round()
        site.page("/b", rss(now, ("autre", "Matane : 640 permis de travail prolongés"), hours_ago=-1))
        await watch.round()
        assert await watch.stories() == [1, 2]


async def test_a_topic_that_a_later_report_brings_is_owed_to_those_who_follow_it(
    sqlite_database,
    site,
    tmp_path,
    now,
):
    await add_chat(sqlite_database, 7, now, ("immigration",))
    await add_chat(sqlite_database, 8, now, ("labour",))
    site.page("/a", rss(now))
    site.page("/b", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS))
        await watch.round()
        assert await watch.deliveries() == [(1, 7)]
        site.page("/b", rss(now, ("b1", "640 permis de travail prolongés à Matane : un syndicat s’inquiète")))
        await watch.round()
        assert await watch.deliveries() == [(1, 7), (1, 8)]


async def test_a_story_broken_by_a_muted_outlet_comes_once_another_one_carries_it(sqlite_database, site, tmp_path, now):
    await add_chat(sqlite_database, 7, now, ("immigration",))
    async with sqlite_database.write() as conn:
        await sources.choose(conn, 7, "outlet:Outlet a", SourceChoice.MUTE)
    site.page("/a", rss(now))
    site.page("/b", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS))
        await watch.round()
        assert await watch.deliveries() == []
        site.page("/b", rss(now, ("autre", "Matane : 640 permis de travail prolongés")))
        await watch.round()
        assert await watch.deliveries() == [(1, 7)]
        async with sqlite_database.write() as conn:
            claimed = await deliveries.claim_due(conn, watch.clock.now, timedelta(minutes=1), 10)
    [[owed]] = claimed.work.values()
    assert owed.alert.title == "Matane : 640 permis de travail prolongés"
    assert [mention.outlet for mention in owed.alert.mentions] == ["Outlet b", "Outlet a"]


async def test_one_article_in_two_feeds_of_an_outlet_is_one_item(sqlite_database, site, tmp_path, now):
    site.page("/a", rss(now, OLD))
    site.page("/b", rss(now, OLD))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "Le Courrier|/a", "b": "Le Courrier|/b"}) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS, OLD))
        await watch.round()
        site.page("/b", rss(now, NEWS, OLD))
        await watch.round()
        assert [title for title, _ in await watch.items()].count(NEWS[1]) == 1


async def test_a_failure_inside_the_commit_means_poll_again_same_result(watch, sqlite_database, site, now):
    site.page("/a", rss(now, NEWS, OLD))
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    await watch.round()
    assert await watch.items() == [(OLD[1], "primed")]
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("DROP TRIGGER broken")
    await watch.round()
    assert len(await watch.deliveries()) == 1


async def test_a_dead_feed_delays_no_other(sqlite_database, site, tmp_path, now):
    site.page("/a", b"gone", 500)
    site.page("/b", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        await watch.round()
        site.page("/b", rss(now, NEWS))
        await watch.round()
        assert await watch.alerts() == [NEWS[1]]
        health = await watch.health("a")
        assert (health.cause, health.failures, health.last_success_at) == ("http_5xx", 2, None)


async def test_a_publisher_that_says_never_again_is_not_asked_again(watch, site):
    site.page("/a", b"", 410)
    await watch.round()
    assert await watch.round(24 * 30) == 0
    assert not (await watch.health()).enabled


async def test_a_feed_that_moved_for_good_is_asked_at_its_new_address_once_that_proved_to_be_a_feed(
    watch,
    site,
    now,
):
    site.page("/a", b"", 301, Location="/nouveau")
    site.page("/nouveau", b"<html>en travaux</html>")
    await watch.round()
    assert (await watch.health()).url == site.url("/a")
    site.page("/nouveau", rss(now, NEWS, OLD))
    await watch.round(24)
    assert (await watch.health()).url == site.url("/nouveau")
    assert [title for title, _ in await watch.items()] == [OLD[1], NEWS[1]]


async def test_a_feed_that_moved_onto_one_we_know_merges_with_it(sqlite_database, site, tmp_path, now):
    site.page("/a", rss(now, OLD))
    site.page("/b", rss(now, OLD))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        await watch.round()
        site.page("/b", b"", 301, Location="/a")
        await watch.round()
        assert await watch.round() == 1
        async with sqlite_database.read() as conn:
            assert [one.id for one in await feed_rows.feeds_health(conn, now) if one.enabled] == ["a"]


async def test_a_page_with_recommended_cards_is_matched_by_its_feed_text_alone(watch, site, now):
    html = f"<html><body><article><h1>x</h1><p>{'Un texte sur autre chose. ' * 20}</p></article></body></html>"
    site.on("/article", page(html.encode(), 200, Content_Type="text/html"))
    site.page("/a", rss(now, ("g9", "Une fête de quartier à Alma", "Venez. À lire aussi : Grève au port")))
    await watch.round()
    assert (await watch.items())[-1] == ("Une fête de quartier à Alma", "no_topic")
