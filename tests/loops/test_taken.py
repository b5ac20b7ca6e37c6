"""What was taken over while one slept is not written, and nothing is sent in a name that another has; both engines."""

from datetime import timedelta

import pytest

from bot.loops.ledger import Intent, Ledger
from bot.model import DeliveryState
from bot.store import feeds, leases
from tests.loops.newsroom import rss, watching
from tests.store.facts import add_chat, add_feed, tell
from tests.store.test_deliveries import claim

NEWS = ("g1", "640 permis de travail prolongés à Matane")


async def take(database, now, holder):
    async with database.write() as conn:
        return await feeds.claim_due_feeds(conn, now, timedelta(seconds=15), 10, holder)


async def test_a_feed_that_another_process_took_over_is_written_by_that_one_alone(database, site, tmp_path, now):
    site.page("/a", rss(now, NEWS))
    async with watching(database, site, tmp_path, now, {"a": "/a"}) as watch:
        [mine] = await take(database, now, "mine")
        later = now + timedelta(seconds=16)
        [theirs] = await take(database, later, "theirs")
        await watch.poller._serve(mine)
        assert await watch.items() == []
        await watch.poller._serve(theirs)
        assert await watch.items() == [(NEWS[1], "primed")]
    assert [getattr(fact, "outcome", "") for fact in watch.facts if hasattr(fact, "outcome")] == ["taken", "primed"]


async def test_a_feed_at_work_stays_with_its_holder_and_no_other_gets_longer(database, now):
    await add_feed(database, now)
    lease = timedelta(seconds=15)
    [feed] = await take(database, now, "mine")
    async with database.write() as conn:
        soon = now + timedelta(seconds=10)
        await feeds.keep_feeds(conn, {feed.spec.id: "mine"}, soon + lease, soon + lease / 2)
    assert await take(database, now + timedelta(seconds=20), "theirs") == []
    async with database.write() as conn:
        await feeds.keep_feeds(conn, {feed.spec.id: "another"}, now + timedelta(days=1), now + timedelta(days=1))
    assert len(await take(database, now + timedelta(seconds=26), "theirs")) == 1


async def test_no_message_leaves_in_a_name_that_another_process_has(database, now):
    await add_feed(database, now)
    await add_chat(database, 7, now)
    await tell(database, now)
    [[owed]] = (await claim(database, now)).values()
    async with database.write() as conn:
        await leases.hold(conn, "deliver:token", "theirs", now, timedelta(seconds=15))
    ledger = Ledger(database, [].append, lambda conn: leases.expect_ours(conn, "deliver:token", "mine"))
    with pytest.raises(leases.LeaseLost):
        await ledger.write(Intent([owed.id]))
    [[still]] = (await claim(database, now + timedelta(minutes=5))).values()
    assert still.state is DeliveryState.PENDING
