"""A hub brings the news in a second and nobody else can: the real web server, store, parser and a hub, over loopback."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.events import FeedPolled, HubFailed, HubVerified
from bot.feeds.websub import PATH
from bot.loops.push import Pusher
from bot.ops.hub import hub_routes
from bot.ops.web import serve_web
from bot.store import pushes
from tests.loops.hub import open_hub
from tests.loops.newsroom import rss, watching
from tests.store.facts import add_chat

MOST = 100_000
OLD = ("g0", "Un syndicat fête ses cent ans")
NEWS = ("g1", "640 permis de travail prolongés à Matane")
STRIKE = ("g2", "Grève au port de Sept-Îles dès vendredi", "Les débardeurs quittent le port de Sept-Îles vendredi.")


class Line:
    """A feed that names a hub, the bot's web server, and what the bot holds."""

    def __init__(self, watch, pusher, hub, site, now):
        self.watch, self.pusher, self.hub, self.site, self.now = watch, pusher, hub, site, now

    def body(self, *entries):
        links = f"<link xmlns='http://www.w3.org/2005/Atom' rel='hub' href='{self.hub.url}'/>"
        links += f"<link xmlns='http://www.w3.org/2005/Atom' rel='self' href='{self.site.url('/a')}'/>"
        return rss(self.now, *entries).replace(b"<item>", links.encode() + b"<item>", 1)

    async def subscribe(self):
        self.site.page("/a", self.body(OLD))
        await self.watch.round()
        await self.pusher.ask_due()
        await self.hub.settle()

    async def titles(self):
        return [title for title, _ in await self.watch.items()]

    async def done(self):
        await self.watch.poller.drain()

    async def health(self):
        return await self.watch.health()

    async def row(self):
        async with self.watch.database.read() as conn:
            path = self.hub.asked[-1]["hub.callback"].rpartition("/")[2]
            return await pushes.find_push(conn, path)


@pytest.fixture
async def line(sqlite_database, site, tmp_path, now):
    await add_chat(sqlite_database, 7, now, ("immigration", "labour"))
    async with open_hub() as hub:
        routes, address = [], f"{hub.url.split('//')[1].strip('/')}"
        options = {"webhook_url": "http://pending.example", "fetch_allow": (address,)}
        async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}, **options) as watch:
            pusher = Pusher(sqlite_database, watch.poller.fetcher, watch.poller, "", watch.facts.append, watch.clock)
            routes += hub_routes(pusher, PATH, MOST)
            async with serve_web("127.0.0.1:0", sqlite_database.answers, routes=routes) as url:
                pusher.base = url
                yield Line(watch, pusher, hub, site, now)


@pytest.mark.alone
async def test_news_is_told_within_a_second_of_the_hubs_post(line):
    await line.subscribe()
    assert [type(fact) for fact in line.watch.facts][-1] is HubVerified
    started = time.perf_counter()
    assert await line.hub.posts(line.body(NEWS, OLD)) == 202
    await line.done()
    assert time.perf_counter() - started < 1
    assert await line.watch.items() == [(OLD[1], "primed"), (NEWS[1], "alerted")]
    assert await line.watch.deliveries() == [(1, 7)]
    assert (await line.health()).pushes == 1


async def test_what_was_pushed_is_not_told_again_by_the_poll_that_follows(line):
    await line.subscribe()
    await line.hub.posts(line.body(NEWS, OLD))
    await line.done()
    line.site.page("/a", line.body(STRIKE, NEWS, OLD))
    await line.watch.round(7)
    assert await line.titles() == [OLD[1], NEWS[1], STRIKE[1]]
    assert len(await line.watch.deliveries()) == 2


async def test_a_hub_may_bring_the_new_entries_alone(line):
    await line.subscribe()
    await line.hub.posts(line.body(NEWS))
    await line.done()
    await line.hub.posts(line.body(STRIKE))
    await line.done()
    line.site.page("/a", line.body(STRIKE, NEWS, OLD))
    await line.watch.round(7)
    assert await line.titles() == [OLD[1], NEWS[1], STRIKE[1]]


@pytest.mark.parametrize("algorithm", ["sha1", "sha512"])
async def test_hubs_that_sign_otherwise_are_heard(line, algorithm):
    await line.subscribe()
    await line.hub.posts(line.body(NEWS, OLD), algorithm)
    await line.done()
    assert await line.titles() == [OLD[1], NEWS[1]]


@pytest.mark.parametrize(
    "headers",
    [{"X_Hub_Signature": "sha256=" + "0" * 64}, {"X_Hub_Signature": ""}, {"X_Hub_Signature": "md5=00"}],
    ids=["forged", "unsigned", "by an algorithm of its own"],
)
async def test_a_body_without_our_signature_is_taken_politely_and_does_nothing(line, headers):
    await line.subscribe()
    before = await line.health()
    assert await line.hub.posts(line.body(NEWS, OLD), **headers) == 202
    await line.done()
    assert await line.titles() == [OLD[1]]
    assert await line.health() == before


async def test_a_replayed_body_does_nothing(line):
    await line.subscribe()
    body = line.body(NEWS, OLD)
    for other in (body, body, line.body(STRIKE, NEWS, OLD), body):
        assert await line.hub.posts(other) == 202
        await line.done()
    assert await line.titles() == [OLD[1], NEWS[1], STRIKE[1]]
    assert len(await line.watch.deliveries()) == 2


async def test_bodies_at_once_tell_each_item_once(line):
    await line.subscribe()
    bodies = [line.body(NEWS, OLD) + b"<!-- %d -->" % number for number in range(4)]
    assert set(await asyncio.gather(*(line.hub.posts(body) for body in bodies))) == {202}
    await line.done()
    assert await line.titles() == [OLD[1], NEWS[1]]
    assert len(await line.watch.deliveries()) == 1


async def test_a_body_that_is_too_large_is_not_read(line):
    await line.subscribe()
    large = line.body(NEWS) + b" " * MOST
    assert await line.hub.posts(large) == 413
    form = line.hub.granted[-1]

    async def unannounced():
        for _ in range(50):
            yield b" " * 10_000

    async with line.hub.session.post(form["hub.callback"], data=unannounced()) as answer:
        assert answer.status == 413
    await line.done()
    assert await line.titles() == [OLD[1]]


async def test_a_callback_that_was_never_given_out_is_gone_and_learns_nothing(line):
    await line.subscribe()
    callback = line.hub.asked[-1]["hub.callback"]
    assert len(callback.rpartition("/")[2]) >= 32
    guess = callback[:-1] + ("A" if callback[-1] != "A" else "B")
    async with line.hub.session.post(guess, data=line.body(NEWS)) as answer:
        assert (answer.status, await answer.text()) == (410, "")
    status, _ = await line.hub.asks(guess, topic=line.site.url("/a"), challenge="x")
    assert status == 404


async def test_only_the_subscription_that_was_asked_for_is_confirmed(line):
    line.hub.verifies = False
    await line.subscribe()
    callback, topic = line.hub.asked[-1]["hub.callback"], line.site.url("/a")
    assert (await line.hub.asks(callback, topic="https://other.example/", challenge="x"))[0] == 404
    assert (await line.hub.asks(callback, "unsubscribe", topic=topic, challenge="x"))[0] == 404
    assert (await line.hub.asks(callback, topic=topic))[0] == 404
    assert await line.hub.asks(callback, topic=topic, challenge="x") == (200, "x")
    assert (await line.hub.asks(callback, topic=topic, challenge="again"))[0] == 404  # no request is open any more
    assert (await line.row()).lease_until is not None


async def test_a_lease_is_renewed_before_it_ends_under_the_same_callback(line):
    await line.subscribe()
    assert await line.pusher.ask_due() == 0
    line.watch.clock.now += timedelta(seconds=line.hub.lease * 0.8)
    assert await line.pusher.ask_due() == 1
    await line.hub.settle()
    assert line.hub.granted[0] == line.hub.granted[1]
    assert (await line.row()).lease_until == line.watch.clock.now + timedelta(seconds=line.hub.lease)


async def test_a_hub_that_keeps_its_word_lets_the_feed_be_polled_slowly(line, sqlite_database):
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("UPDATE feed SET every_seconds = NULL")  # what a person wrote would win
    await line.subscribe()
    assert (await line.health()).pushed_until is None
    busy = [(f"h{number}", f"Une fête de quartier, numéro {number}") for number in range(60)]
    await line.hub.posts(line.body(*busy, OLD))
    await line.done()
    assert (await line.health()).pushed_until is not None
    line.site.page("/a", line.body(*busy, OLD))
    await line.watch.round(23)  # the hour at which they came
    await line.watch.round(0)
    health = await line.health()
    assert health.interval_why == "pushed"
    assert timedelta(hours=1) <= health.interval < timedelta(hours=2)


async def test_a_poll_that_finds_what_the_hub_did_not_bring_ends_the_trust(line, sqlite_database):
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("UPDATE feed SET every_seconds = NULL")
    await line.subscribe()
    await line.hub.posts(line.body(NEWS, OLD))
    await line.done()
    line.site.page("/a", line.body(STRIKE, NEWS, OLD))
    await line.watch.round(7)
    health = await line.health()
    assert await line.titles() == [OLD[1], NEWS[1], STRIKE[1]]
    assert health.pushed_until is None
    assert health.interval_why != "pushed"


async def test_a_dead_hub_costs_nothing_but_a_request_now_and_then(line):
    line.hub.url = "http://127.0.0.1:1/"
    await line.subscribe()
    assert [fact.cause for fact in line.watch.facts if isinstance(fact, HubFailed)] == ["forbidden_address"]
    line.site.page("/a", line.body(NEWS, OLD))
    await line.watch.round()
    assert await line.titles() == [OLD[1], NEWS[1]]
    assert await line.pusher.ask_due() == 1
    assert await line.pusher.ask_due() == 0


async def test_a_hub_that_refuses_later_is_not_waited_for(line):
    await line.subscribe()
    await line.hub.posts(line.body(NEWS, OLD))
    await line.done()
    callback = line.hub.asked[-1]["hub.callback"]
    assert await line.hub.asks(callback, "denied", topic=line.site.url("/a"), reason="no") == (200, "")
    assert (await line.health()).pushed_until is None
    assert line.watch.facts[-1].cause == "hub_denied"


async def test_a_pushed_body_that_is_no_feed_makes_the_feed_due_at_once(line):
    await line.subscribe()
    assert await line.hub.posts(b"<html>en travaux</html>") == 202
    await line.done()
    line.site.page("/a", line.body(NEWS, OLD))
    assert await line.watch.round(0) == 1
    assert await line.titles() == [OLD[1], NEWS[1]]
    assert (await line.health()).failures == 0


async def test_a_crash_in_the_middle_of_a_pushed_body_means_a_poll_at_once(line, sqlite_database):
    await line.subscribe()
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("CREATE TRIGGER t BEFORE INSERT ON item BEGIN SELECT RAISE(ABORT, 'full'); END")
    await line.hub.posts(line.body(NEWS, OLD))
    await line.done()
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("DROP TRIGGER t")
    line.site.page("/a", line.body(NEWS, OLD))
    assert await line.watch.round(0) == 1
    assert await line.titles() == [OLD[1], NEWS[1]]


async def test_a_feed_that_no_longer_counts_tells_its_hub_to_stop(line, sqlite_database):
    await line.subscribe()
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("UPDATE feed SET enabled = 0")
    assert await line.hub.posts(line.body(NEWS, OLD)) == 410
    assert await line.titles() == [OLD[1]]


async def test_a_start_polls_what_was_pushed_meanwhile_and_tells_hubs_a_new_address(line, sqlite_database):
    await line.subscribe()
    await line.hub.posts(line.body(NEWS, OLD))
    await line.done()
    async with sqlite_database.write() as conn:
        await pushes.start_pushes(conn, line.watch.poller.settings.webhook_url, line.watch.clock.now)
    assert (await line.health()).next_poll_at == line.watch.clock.now
    assert (await line.health()).pushed_until is not None
    assert await line.pusher.ask_due() == 0
    async with sqlite_database.write() as conn:
        await pushes.start_pushes(conn, "https://elsewhere.example", line.watch.clock.now)
    assert (await line.health()).pushed_until is None
    assert await line.pusher.ask_due() == 1


async def test_without_a_public_address_no_hub_is_asked(sqlite_database, site, tmp_path, now):
    async with open_hub() as hub, watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as watch:
        pusher = Pusher(sqlite_database, watch.poller.fetcher, watch.poller, "", watch.facts.append, watch.clock)
        site.page("/a", Line(watch, pusher, hub, site, now).body(OLD))
        await watch.round()
        assert await pusher.ask_due() == 0
        assert [type(fact) for fact in watch.facts if isinstance(fact, FeedPolled)] == [FeedPolled]
