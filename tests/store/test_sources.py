"""Who is addressed among chats that muted or prefer sources: the rule of alerts/sources, by the database."""

from itertools import product

from bot.alerts.sources import SourceChoice, as_told
from bot.model import Mention, SourceClass
from bot.store import chats, deliveries, items, sources
from bot.store.tables import delivery, story_item
from tests.alerts.samples import alert
from tests.store.facts import add_chat, add_feed, item, tell

MUTE, PREFER = SourceChoice.MUTE, SourceChoice.PREFER
WISHES = (None, MUTE, PREFER)


async def owed(database):
    async with database.read() as conn:
        return set((await conn.execute(delivery.select().with_only_columns(delivery.c.chat_id))).scalars())


async def choose(database, chat_id, source, choice):
    async with database.write() as conn:
        await sources.choose(conn, chat_id, source, choice)


async def test_the_statement_and_the_decision_agree_on_every_pair_of_choices(database, now):
    await add_feed(database, now)
    expected = set()
    other = Mention("Autre", SourceClass.UNION, "", "", now, now)
    speaking = Mention("Le Courrier", SourceClass.PRESS, "", "", now, now)
    for chat_id, (of_outlet, of_class) in enumerate(product(WISHES, WISHES), start=1):
        await add_chat(database, chat_id, now)
        await choose(database, chat_id, "outlet:Le Courrier", of_outlet)
        await choose(database, chat_id, "class:press", of_class)
        async with database.read() as conn:
            choices = (await sources.choices_of(conn, [chat_id])).get(chat_id, {})
        if as_told(alert(mentions=(speaking, other)), choices).mentions[0] == speaking:
            expected.add(chat_id)
    await tell(database, now)
    assert await owed(database) == expected
    assert len(expected) == 5


async def test_a_choice_is_replaced_taken_back_and_leaves_nothing_of_an_erased_chat(database, now):
    await add_chat(database, 1, now)
    for choice in (MUTE, PREFER, PREFER):
        await choose(database, 1, "class:press", choice)
    async with database.write() as conn:
        assert await sources.choices_of(conn, [1, 2]) == {1: {"class:press": PREFER}}
        await sources.choose(conn, 1, "class:press", None)
        assert await sources.choices_of(conn, [1]) == {}
        await sources.choose(conn, 1, "class:press", MUTE)
        await chats.erase(conn, 1)
        assert await sources.choices_of(conn, [1]) == {}


async def test_a_story_told_by_a_muted_outlet_is_owed_once_another_one_carries_it(database, now):
    await add_feed(database, now)
    for chat_id, source in ((1, "outlet:Le Courrier"), (2, "class:press"), (3, ""), (4, "outlet:Le Courrier")):
        await add_chat(database, chat_id, now, () if chat_id == 4 else ("immigration",))
        if source:
            await choose(database, chat_id, source, MUTE)
    alert_id, addressed = await tell(database, now)
    assert addressed == 1
    joined = item(now, "k2", outlet="La Centrale", title="Le syndicat", source_class=SourceClass.PRESS)
    async with database.write() as conn:
        item_id = await items.add_item(conn, joined, joined.url, "")
        story_id = (await conn.execute(story_item.select())).first().story_id
        await conn.execute(
            story_item.insert().values(item_id=item_id, story_id=story_id, at=now, fingerprint={}, tied_by=[])
        )
        for expected in (1, 0):
            assert await deliveries.address_unmuted(conn, alert_id, item_id, now, now) == expected
    assert await owed(database) == {1, 3}, "2 muted the kind of both, 4 follows nothing"
