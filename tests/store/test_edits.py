"""Messages that stand and replies that are owed, on both engines."""

import json
from datetime import timedelta

from sqlalchemy import func, select

from bot.alerts.frame import Detail, Frame, Part
from bot.model import ChatState, DeliveryState
from bot.store import chats, deliveries, edits
from bot.store.deliveries import CHUNK, Settled
from bot.store.edits import Said
from bot.store.tables import alert, chat, delivery, message, reply
from tests.store.facts import add_chat, add_feed, tell

LEASE, GAP, DAY = timedelta(minutes=2), timedelta(minutes=3), timedelta(days=1)


async def stand(database, now, *chat_ids, key="k1", state=DeliveryState.SENT):
    """One alert told to these chats, each as message 70 + its id; returns the alert's id."""
    await add_feed(database, now)
    for chat_id in chat_ids:
        await add_chat(database, chat_id, now)
    alert_id, _ = await tell(database, now, key)
    async with database.write() as conn:
        claim = await deliveries.claim_due(conn, now, LEASE, 10)
        for chat, owed in claim.work.items():
            [due] = owed
            done = Settled(due.id, state, None, 0, 0, plain=False, thread_id=0, reason="", message_id=70 + chat.id)
            await deliveries.settle(conn, [done])
            frame = Frame("fr", "America/Toronto", now, Detail.WHOLE, (Part("", (due.id,)),))
            await edits.remember(conn, [Said(chat.id, 70 + chat.id, frame, "before")])
    return alert_id


async def grow(database, alert_id, now):
    async with database.write() as conn:
        await edits.mark_grown(conn, alert_id, now + GAP)
        return await edits.spread(conn, now + GAP)


async def turn(conn, alert_id, now):
    """The story turns; returns how many replies its first chunk of chats is owed."""
    await edits.note_turn(conn, alert_id, await conn.scalar(select(alert.c.item_id)), "vote", now)
    return await edits.owe_replies(conn, DAY)


async def due(database, now, limit=10):
    async with database.read() as conn:
        return await edits.due_edits(conn, now, now - GAP, limit)


async def test_a_growth_makes_every_message_that_tells_it_due_with_its_frame_and_alert(database, now):
    alert_id = await stand(database, now, 1, 2)
    await grow(database, alert_id, now)
    found = await due(database, now + GAP)
    assert sorted((each.chat.id, each.message_id, each.print) for each in found) == [
        (1, 71, "before"),
        (2, 72, "before"),
    ]
    assert {told.id for each in found for told in each.alerts.values()} == {alert_id}
    assert found[0].frame.said_at == now
    async with database.write() as conn:
        await edits.note_edited(conn, 1, 71, "after", now + GAP)
        await edits.give_up(conn, 2, 72)
    assert await due(database, now + DAY) == []


async def test_a_second_growth_waits_its_time_and_one_meanwhile_changes_nothing(database, now):
    alert_id = await stand(database, now, 1)
    async with database.write() as conn:
        await edits.mark_grown(conn, alert_id, now + GAP)
        await edits.mark_grown(conn, alert_id, now + 2 * GAP)
        assert await edits.spread(conn, now + GAP - timedelta(seconds=1)) == 0
        assert await edits.spread(conn, now + GAP) == 1
        await edits.note_edited(conn, 1, 71, "after", now + GAP)
    await grow(database, alert_id, now)
    assert await due(database, now + 2 * GAP - timedelta(seconds=1)) == []
    assert len(await due(database, now + 2 * GAP)) == 1


async def test_an_alert_that_is_being_sent_waits_for_its_messages_to_stand(database, now):
    alert_id = await stand(database, now, 1, state=DeliveryState.SENDING)
    assert await grow(database, alert_id, now) == 0
    async with database.read() as conn:
        assert await conn.scalar(select(alert.c.grown_at)) == now + GAP


async def test_the_latest_growth_comes_first_and_only_to_active_chats(database, now):
    first = await stand(database, now, 1, 2, key="k1")
    await grow(database, first, now)
    async with database.write() as conn:
        await deliveries.release_all(conn)
        await chats.set_state(conn, 2, ChatState.PAUSED, "", now)
        await edits.postpone_edit(conn, 1, 71, now)
    await add_chat(database, 3, now)
    async with database.write() as conn:
        frame = Frame("fr", "America/Toronto", now, Detail.WHOLE, ())
        await edits.remember(conn, [Said(3, 73, frame, "")])
        await edits.postpone_edit(conn, 3, 73, now + GAP)
    assert [each.chat.id for each in await due(database, now + GAP)] == [3, 1]


async def test_what_a_chat_takes_with_it(database, now):
    """Erased: nothing is left. Moved: its old messages have no number in the new chat."""
    alert_id = await stand(database, now, 1, -2)
    async with database.write() as conn:
        await turn(conn, alert_id, now)
        assert len((await conn.execute(select(reply))).all()) == 2
        await chats.erase(conn, 1)
        await chats.move_chat(conn, -2, -100, now)
    async with database.read() as conn:
        assert (await conn.execute(select(message))).all() == []
        assert (await conn.execute(select(reply))).all() == []


async def test_a_reply_is_owed_once_a_day_for_a_story_and_chat(database, now):
    alert_id = await stand(database, now, 1, 2)
    async with database.write() as conn:
        await chats.set_state(conn, 2, ChatState.STOPPED, "stopped", now)
        assert await turn(conn, alert_id, now) == 1
        assert await turn(conn, alert_id, now) == 0
        assert await edits.owe_replies(conn, DAY) is None
    async with database.read() as conn:
        [owed] = await edits.due_replies(conn, now, 10)
    assert (owed.message_id, owed.turn, owed.delivery.chat.id, owed.delivery.alert.id) == (71, "vote", 1, alert_id)
    assert owed.item.title == "Des permis de travail plus longs"
    async with database.write() as conn:
        await edits.settle_reply(conn, owed.id, now)
        assert await edits.due_replies(conn, now, 10) == []
        await edits.wait_reply(conn, owed.id, now + GAP)
        assert len(await edits.due_replies(conn, now + GAP, 10)) == 1
        await edits.forget_replies(conn, now + DAY)
        assert await edits.due_replies(conn, now + DAY, 10) == []


async def settled(database, now, count):
    """One alert that stands in `count` chats; returns its id."""
    await add_feed(database, now)
    async with database.write() as conn:
        rows = [{"id": n, "kind": "private", "language": "fr", "state": "active", "state_at": now, "joined_at": now}
                | {"timezone": "America/Toronto", "rhythm": {}} for n in range(1, count + 1)]  # fmt: skip
        await conn.execute(chat.insert(), rows)
    alert_id, _ = await tell(database, now)
    frame = Frame("fr", "America/Toronto", now, Detail.WHOLE, ())
    async with database.write() as conn:
        told = [{"alert_id": alert_id, "chat_id": n, "state": "sent", "message_id": 7, "created_at": now}
                for n in range(1, count + 1)]  # fmt: skip
        await conn.execute(delivery.insert(), told)
        await edits.remember(conn, [Said(n, 7, frame, "before") for n in range(1, count + 1)])
    return alert_id


async def test_many_chats_are_reached_a_chunk_a_commit_and_each_once(database, now):
    """The writer is held for CHUNK chats at a time, and a crash between two commits goes on where it was."""
    many = 2 * CHUNK + 1
    alert_id = await settled(database, now, many)
    async with database.write() as conn:
        await edits.mark_grown(conn, alert_id, now)
    reached = []
    while True:
        async with database.write() as conn:
            if not await edits.spread(conn, now):
                break
            reached.append(await conn.scalar(select(func.count()).where(message.c.edit_due_at.is_not(None))))
    assert reached == [CHUNK, 2 * CHUNK, many]
    owed = []
    async with database.write() as conn:
        owed.append(await turn(conn, alert_id, now))
    while owed[-1] is not None:
        async with database.write() as conn:
            owed.append(await edits.owe_replies(conn, DAY))
    assert owed == [CHUNK, CHUNK, 1, None]


async def test_an_outlet_that_joins_while_messages_are_being_marked_is_named_in_all_of_them(database, now):
    alert_id = await settled(database, now, CHUNK + 1)
    async with database.write() as conn:
        await edits.mark_grown(conn, alert_id, now)
        assert await edits.spread(conn, now) == 1
        await edits.note_edited(conn, 1, 7, "with the first", now)
        await edits.mark_grown(conn, alert_id, now + GAP)
        assert await edits.spread(conn, now) == 0
        while await edits.spread(conn, now + GAP):
            pass
        assert await conn.scalar(select(func.count()).where(message.c.edit_due_at.is_not(None))) == CHUNK + 1


async def test_what_is_kept_of_messages_and_replies_is_shown_to_whom_it_is_about(database, now):
    alert_id = await stand(database, now, 1)
    async with database.write() as conn:
        await turn(conn, alert_id, now)
        held = await chats.personal_data(conn, 1)
    assert [row["message_id"] for row in held["message"]] == [71]
    assert [row["turn"] for row in held["reply"]] == ["vote"]
    json.dumps(held)


async def test_a_message_is_forgotten_after_its_day_and_alerts_that_are_due_are_seen(database, now):
    await stand(database, now, 1)
    async with database.write() as conn:
        assert await edits.is_idle(conn, now + DAY)
        await edits.forget_messages(conn, now)
        assert len((await conn.execute(select(message))).all()) == 1
        await edits.forget_messages(conn, now + timedelta(seconds=1))
        assert (await conn.execute(select(message))).all() == []
    await tell(database, now, "k2")
    async with database.read() as conn:
        assert not await edits.is_idle(conn, now)
