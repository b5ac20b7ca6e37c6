"""Feeds that finish in the same moment share a commit, and nothing else: each fails, or is taken, for itself alone."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.errors import GuetteurError
from bot.loops.commit import AT_ONCE
from bot.loops.together import Together
from bot.store import feeds
from bot.store.database import StoreUnavailable
from bot.store.feeds import FeedTaken
from tests.loops.newsroom import rss, watching

TITLES = {f"f{number}": f"La ville {number} adopte son budget" for number in range(6)}


def commits_of(database):
    """Counts the transactions that write from now on."""
    done = []
    event.listen(database.engine.sync_engine, "commit", lambda conn: done.append(1))
    return done


async def poll_together(watch, now, extra=()):
    async with watch.poller.database.write() as conn:
        due = await feeds.claim_due_feeds(conn, now, timedelta(minutes=5), 50, "mine")
    watch.poller.tasks.update(asyncio.create_task(watch.poller._serve(feed)) for feed in (*due, *extra))
    await asyncio.wait(watch.poller.tasks)
    watch.poller.tasks.clear()


async def test_feeds_that_finish_in_the_same_moment_share_a_commit(database, site, tmp_path, now):
    for name, title in TITLES.items():
        site.page(f"/{name}", rss(now, (name, title)))
    async with watching(database, site, tmp_path, now, {name: f"/{name}" for name in TITLES}) as watch:
        commits = commits_of(database)
        await poll_together(watch, now)
        assert len(commits) <= 3  # the claim, and the feeds; two when the machine is slow
        assert sorted(await watch.items()) == sorted((title, "primed") for title in TITLES.values())
    polled = [fact for fact in watch.facts if getattr(fact, "outcome", "") == "primed"]
    assert sorted(fact.feed_id for fact in polled) == sorted(TITLES)


async def test_a_feed_taken_by_another_does_not_keep_its_company_from_being_written(database, site, tmp_path, now):
    for name, title in TITLES.items():
        site.page(f"/{name}", rss(now, (name, title)))
    async with watching(database, site, tmp_path, now, {name: f"/{name}" for name in TITLES}) as watch:
        async with database.write() as conn:
            [lost] = await feeds.claim_due_feeds(conn, now, timedelta(seconds=-1), 1, "earlier")
        await poll_together(watch, now, extra=[lost])
        assert sorted(await watch.items()) == sorted((title, "primed") for title in TITLES.values())
    assert sum(getattr(fact, "outcome", "") == "taken" for fact in watch.facts) == 1


async def test_a_feed_that_cannot_be_written_fails_alone(database, site, tmp_path, now):
    for name, title in TITLES.items():
        site.page(f"/{name}", rss(now, (name, title)))

    def refuse(conn, cursor, statement, parameters, context, executemany):
        if "La ville 3 " in str(parameters) and statement.startswith("INSERT INTO item"):
            raise ValueError("this feed has something no database takes")

    async with watching(database, site, tmp_path, now, {name: f"/{name}" for name in TITLES}) as watch:
        event.listen(database.engine.sync_engine, "before_cursor_execute", refuse)
        await poll_together(watch, now)
        event.remove(database.engine.sync_engine, "before_cursor_execute", refuse)
        rest = {title for name, title in TITLES.items() if name != "f3"}
        assert {title for title, _ in await watch.items()} == rest
        failed = [fact for fact in watch.facts if getattr(fact, "loop", "") == "poll"]
        assert len(failed) == 1
        assert "f3" in failed[0].cause


async def test_an_article_that_two_feeds_of_an_outlet_bring_in_the_same_moment_is_one_item(
    database, site, tmp_path, now
):
    both = ("g1", "640 permis de travail prolongés à Matane")
    site.page("/une", rss(now, both))
    site.page("/region", rss(now, both, ("g2", "Le maire de Matane salue la mesure")))
    site.page("/ailleurs", rss(now, both))
    paths = {"une": "Le Nord|/une", "region": "Le Nord|/region", "ailleurs": "Le Sud|/ailleurs"}
    async with watching(database, site, tmp_path, now, paths) as watch:
        await poll_together(watch, now)
        assert Counter(title for title, _ in await watch.items()) == {
            both[1]: 2,
            "Le maire de Matane salue la mesure": 1,
        }
        async with database.read() as conn:
            assert sum(one.items_total for one in await feeds.feeds_health(conn, now)) == 3


async def test_a_commit_done_again_writes_nothing(database, site, tmp_path, now):
    site.page("/a", rss(now, ("g1", "640 permis de travail prolongés à Matane")))
    async with watching(database, site, tmp_path, now, {"a": "/a"}) as watch:
        kept = []
        keep = watch.poller.commits.keep

        async def note(findings, *, company):
            kept.append(findings)
            return await keep(findings, company=company)

        watch.poller.commits.keep = note
        await poll_together(watch, now)
        with pytest.raises(FeedTaken):
            await keep(kept[0], company=False)
        assert len(await watch.items()) == 1


async def test_each_gets_its_own_answer_and_at_most_so_many_are_asked_at_once():
    groups = []

    async def double(numbers):
        groups.append(len(numbers))
        await asyncio.sleep(0)
        return [2 * number for number in numbers]

    together = Together(double, 0.01, AT_ONCE)
    assert await asyncio.gather(*map(together.ask, range(60))) == [2 * number for number in range(60)]
    assert groups == [25, 25, 10]
    assert await together.ask(7) == 14


async def test_who_is_cancelled_takes_nobody_along_and_who_fails_fails_for_its_own_reason():
    async def answer(numbers):
        await asyncio.sleep(0.01)
        if 3 in numbers:
            raise StoreUnavailable("three")
        return numbers

    together = Together(answer, 0.01, 10)
    asked = [asyncio.create_task(together.ask(number)) for number in range(5)]
    await asyncio.sleep(0)
    asked[0].cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert isinstance(answers[3], GuetteurError)
    assert [answers[1], answers[2], answers[4]] == [1, 2, 4]
