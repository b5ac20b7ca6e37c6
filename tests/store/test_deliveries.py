"""The outbox: addressed once, claimed whole, settled for good, recovered after a crash; on both engines."""

from datetime import time, timedelta

from sqlalchemy import select

from bot.model import ChatState, DeliveryState, Rhythm, TopicRhythm
from bot.store import chats, deliveries
from bot.store.deliveries import Settled
from bot.store.tables import delivery, source_choice
from tests.store.facts import add_chat, add_feed, tell

LEASE = timedelta(seconds=30)


async def claim(database, now):
    async with database.write() as conn:
        return (await deliveries.claim_due(conn, now, LEASE, 10)).work


def settled(told, state, **changes):
    values = {
        "delivery_id": told.id,
        "state": state,
        "not_before": None,
        "attempts": 1,
        "lost": told.lost,
        "plain": False,
        "thread_id": 0,
        "reason": "",
    }
    return Settled(**{**values, **changes})


async def test_only_chats_that_follow_the_topic_and_are_not_gone_are_addressed(database, now):
    await add_feed(database, now)
    for chat_id, topics in (
        (1, ("immigration",)),
        (2, ("labour",)),
        (3, ("immigration",)),
        (4, ("immigration", "labour")),
    ):
        await add_chat(database, chat_id, now, topics)
    async with database.write() as conn:
        await chats.set_state(conn, 3, ChatState.STOPPED, "stopped", now)
    _, addressed = await tell(database, now)
    assert addressed == 2
    assert sorted(chat.id for chat in await claim(database, now)) == [1, 4]


async def test_a_paused_chat_is_addressed_and_claimed_only_once_it_is_back(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    async with database.write() as conn:
        await chats.set_state(conn, 1, ChatState.PAUSED, "", now)
    assert (await tell(database, now))[1] == 1
    assert await claim(database, now) == {}
    async with database.write() as conn:
        await chats.set_state(conn, 1, ChatState.ACTIVE, "", now)
    assert len(await claim(database, now)) == 1


async def test_a_muted_outlet_is_not_addressed(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await add_chat(database, 2, now)
    async with database.write() as conn:
        await conn.execute(source_choice.insert().values(chat_id=1, source="outlet:Le Courrier", choice="mute"))
        await conn.execute(source_choice.insert().values(chat_id=2, source="class:union", choice="mute"))
    assert (await tell(database, now))[1] == 1
    assert [chat.id for chat in await claim(database, now)] == [2]


async def test_everything_due_for_a_chat_is_claimed_together_in_order_and_by_one_deliverer(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    first, _ = await tell(database, now, "k1")
    second, _ = await tell(database, now, "k2")
    work = await claim(database, now)
    assert [[told.alert.id for told in due] for due in work.values()] == [[first, second]]
    assert await claim(database, now) == {}
    async with database.write() as conn:
        await deliveries.release_chats(conn, [1])
    assert len(await claim(database, now)) == 1


async def test_a_claimed_delivery_carries_the_whole_alert(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await tell(database, now)
    [[told]] = (await claim(database, now)).values()
    assert told.alert.title == "Des permis de travail plus longs"
    assert told.alert.topics == ("immigration",)
    assert told.alert.reasons[0].term == "permis de travail"
    assert [mention.outlet for mention in told.alert.mentions] == ["Le Courrier"]


async def test_a_chat_whose_rhythm_names_topics_is_claimed_with_the_topics_it_follows_of_each_alert(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now, ("immigration", "labour"))
    await add_chat(database, 2, now)
    rhythm = Rhythm(digest_hours=(time(7),), topics=(TopicRhythm("immigration", (time(12), time(16, 30)), (0, 4)),))
    async with database.write() as conn:
        await chats.set_chat(conn, 1, rhythm=chats.write_rhythm(rhythm))
    await tell(database, now)
    claimed = {chat.id: (chat.rhythm, due[0].followed) for chat, due in (await claim(database, now)).items()}
    assert claimed == {1: (rhythm, ("immigration",)), 2: (Rhythm(), ())}


async def test_what_is_sent_is_never_claimed_again(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await tell(database, now)
    [[told]] = (await claim(database, now)).values()
    async with database.write() as conn:
        await deliveries.settle(conn, [settled(told, DeliveryState.SENT, message_id=7, sent_at=now)])
        await deliveries.release_all(conn)
        assert await deliveries.sent_since(conn, [1], now) == {1: 1}
    assert await claim(database, now + timedelta(days=1)) == {}


async def test_a_delivery_left_sending_by_a_dead_process_comes_back_uncertain_with_its_lost_answer_counted(
    database, now
):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await tell(database, now)
    [[told]] = (await claim(database, now)).values()
    async with database.write() as conn:
        await deliveries.mark_sending(conn, [told.id])
    assert await claim(database, now + timedelta(seconds=5)) == {}
    [[again]] = (await claim(database, now + LEASE)).values()
    assert (again.id, again.state, again.lost) == (told.id, DeliveryState.UNCERTAIN, 1)


async def test_a_held_chat_waits_and_the_others_do_not(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await add_chat(database, 2, now)
    await tell(database, now)
    async with database.write() as conn:
        await deliveries.hold_chat(conn, 1, now + timedelta(minutes=1), "flood")
    assert [chat.id for chat in await claim(database, now)] == [2]


async def test_stopping_drops_what_waits_and_keeps_the_subscriptions(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await tell(database, now)
    async with database.write() as conn:
        await chats.set_state(conn, 1, ChatState.STOPPED, "stopped", now)
        assert (await chats.subscriber(conn, 1)).topics == {"immigration"}
        row = (await conn.execute(select(delivery.c.state, delivery.c.reason))).one()
    assert tuple(row) == ("dropped", "stopped")


async def test_a_chat_that_blocked_us_finds_what_it_is_owed_when_it_comes_back(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await tell(database, now)
    async with database.write() as conn:
        await chats.set_state(conn, 1, ChatState.BLOCKED, "bot was blocked by the user", now)
    assert await claim(database, now) == {}
    assert (await tell(database, now, "k2"))[1] == 0
    async with database.write() as conn:
        await chats.set_state(conn, 1, ChatState.ACTIVE, "", now)
    assert [len(due) for due in (await claim(database, now)).values()] == [1]


async def test_a_group_that_becomes_a_supergroup_keeps_its_rows_and_doubles_nothing(database, now):
    await add_feed(database, now)
    await add_chat(database, -5, now, ("immigration", "labour"))
    await tell(database, now)
    async with database.write() as conn:
        await chats.move_chat(conn, -5, -1005, now)
        await chats.move_chat(conn, -5, -1005, now)
        assert (await chats.subscriber(conn, -1005)).topics == {"immigration", "labour"}
        assert await chats.subscriber(conn, -5) is None
    assert [chat.id for chat in await claim(database, now)] == [-1005]


async def test_a_forum_topic_that_is_gone_sends_all_that_is_owed_to_general(database, now):
    await add_feed(database, now)
    await add_chat(database, -5, now)
    async with database.write() as conn:
        await chats.set_chat(conn, -5, thread_id=7)
    await tell(database, now)
    await tell(database, now, "k2")
    async with database.write() as conn:
        await chats.lose_thread(conn, -5)
    await tell(database, now, "k3")
    [due] = (await claim(database, now)).values()
    assert [told.thread_id for told in due] == [0, 0, 0]
