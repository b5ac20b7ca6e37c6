"""A broadcast's rows on both engines: who is owed it, a chat that moves, what a dead process left, the end; and thumbs."""

from datetime import timedelta

from bot.changes import BroadcastState
from bot.store import broadcasts, chats, quality, votes
from tests.store.facts import add_chat, add_feed, tell


async def test_everybody_is_owed_it_once_until_it_arrived_was_refused_or_may_have_arrived(database, now):
    for number in (1, 2, 3, 4, 5, -7):
        await add_chat(database, number, now)
    async with database.write() as conn:
        one = await broadcasts.draft(conn, 9, "fr", "Bonjour", now)
        assert one.waiting == 6
        assert await broadcasts.send(conn, one.id, 3, now)
        assert not await broadcasts.send(conn, one.id, 3, now), "confirmed twice is sent once"
    async with database.write() as conn:
        claimed = [chat.id for chat, _ in await broadcasts.claim(conn, one.id, now, 3)]
        assert claimed == [-7, 1, 2]
        await broadcasts.settle(conn, one.id, 2, broadcasts.SENT, None)
        await chats.move_chat(conn, -7, -107, now)
        await broadcasts.owe_again(conn, one.id, -107, now)
        await broadcasts.forget_claims(conn, one.id)
        assert not await broadcasts.finish_if_over(conn, one.id)
        for chat, _ in await broadcasts.claim(conn, one.id, now, 30):
            await broadcasts.settle(conn, one.id, chat.id, broadcasts.FAILED, None)
        assert await broadcasts.finish_if_over(conn, one.id)
        seen = await broadcasts.broadcast_by_id(conn, one.id)
        assert (seen.state, seen.sent, seen.uncertain, seen.failed) == (BroadcastState.DONE, 1, 1, 4)
        assert not await broadcasts.cancel(conn, one.id)
        assert await broadcasts.forget_broadcasts(conn, now + timedelta(days=1)) == 1


async def test_thumbs_and_verdicts_come_back_for_whoever_tends_the_terms(database, now):
    await add_feed(database, now)
    await add_chat(database, 5, now)
    alert_id, _ = await tell(database, now)
    async with database.write() as conn:
        await votes.press(conn, alert_id, 5, 1, now)
        await votes.press(conn, alert_id, 6, -1, now)
        (judged,) = await quality.judged_since(conn, now - timedelta(days=1))
        assert (judged.good, judged.bad, judged.outlet) == (1, 1, "Le Courrier")
        assert len(await quality.verdicts_since(conn, "immigration", now - timedelta(days=1))) == 1
