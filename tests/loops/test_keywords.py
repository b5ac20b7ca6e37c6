"""People's own keywords: from the table to the index, from an item to those who asked for it, once."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.alerts.render import render
from bot.alerts.sources import SourceChoice
from bot.loops.refile import Filer
from bot.model import ChatState, Text
from bot.store import chats, deliveries, keywords, sources
from bot.store.tables import alert, delivery, personal_term
from bot.topics.file import Topics
from bot.topics.match import build_index
from tests.loops.newsroom import rss, watching
from tests.store.facts import add_chat, add_feed, tell

CRAB = ("c1", "Le crabe des neiges se fait rare", "Les pêcheurs de Gaspé rentrent les cales vides.")
PERMITS = ("p1", "640 permis de travail prolongés à Matane", "Les usines de crabe de Matane l’attendaient.")


async def wants(database, chat_id, *terms, now):
    async with database.write() as conn:
        for term in terms:
            assert await keywords.add_keyword(conn, chat_id, term, 100, now)


async def owed(database):
    """Who is owed which alert, and for which of their keywords."""
    async with database.read() as conn:
        rows = await conn.execute(select(delivery).order_by(delivery.c.chat_id, delivery.c.alert_id))
        return [(row.chat_id, row.alert_id, row.keywords) for row in rows]


@pytest.fixture
async def watch(sqlite_database, site, tmp_path, now):
    for chat_id, topics in ((7, ()), (8, ("immigration",)), (9, ("labour",))):
        await add_chat(sqlite_database, chat_id, now, topics)
    site.page("/a", rss(now))
    site.page("/b", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        await watch.round()
        yield watch


async def refile(watch):
    await Filer(watch.database, lambda: watch.poller.config().index).refile()


async def test_an_item_of_no_topic_is_told_to_whose_keyword_stands_in_it_and_to_nobody_else(watch, site, now):
    await wants(watch.database, 7, "crabe", "homard", now=now)
    await refile(watch)
    site.page("/a", rss(now, CRAB))
    await watch.round()
    assert await owed(watch.database) == [(7, 1, ["crabe"])]
    assert await watch.items() == [(CRAB[1], "no_topic")], "what the topics say of it stays true for the others"
    assert [type(fact).__name__ for fact in watch.facts].count("AlertRaised") == 1
    await watch.round()
    assert len(await owed(watch.database)) == 1


async def test_the_message_names_the_keyword_where_topics_stand(watch, site, now):
    await wants(watch.database, 7, "crabe", "cale vide", now=now)
    await wants(watch.database, 8, "usine", now=now)
    await refile(watch)
    site.page("/a", rss(now, CRAB, PERMITS))
    await watch.round()
    async with watch.database.write() as conn:
        claim = await deliveries.claim_due(conn, watch.clock.now, timedelta(minutes=1), 10)
    labels, at = watch.poller.config().labels, watch.clock.now
    about = {
        chat.id: sorted(render(chat, [one], labels, at)[0].plain.split("\n")[0] for one in work)
        for chat, work in claim.work.items()
    }
    assert about == {
        7: ["🌍 Immigration · 🔑 Mot-clé\u00a0: crabe", "🔑 Mots-clés\u00a0: crabe, cale vide"],
        8: ["🌍 Immigration · 🔑 Mot-clé\u00a0: usine"],
    }
    [together] = [render(chat, work, labels, at)[0].plain for chat, work in claim.work.items() if chat.id == 7]
    assert "🔑 Vos mots-clés\n" in together
    assert "🔑 Mots-clés\u00a0: crabe, cale vide · Outlet a · presse" in together


async def test_a_chat_that_follows_the_topic_and_has_the_keyword_gets_one_alert(watch, site, now):
    await wants(watch.database, 8, "crabe", now=now)
    await refile(watch)
    site.page("/a", rss(now, PERMITS))
    await watch.round()
    site.page("/b", rss(now, ("p2", "Matane : 640 permis de travail prolongés, le crabe respire")))
    await watch.round()
    assert await owed(watch.database) == [(8, 1, ["crabe"])]


async def test_a_keyword_that_a_later_report_brings_is_owed_and_a_topic_too(watch, site, now):
    await wants(watch.database, 7, "homard", now=now)
    await refile(watch)
    site.page("/a", rss(now, PERMITS))
    await watch.round()
    assert await owed(watch.database) == [(8, 1, [])]
    site.page("/b", rss(now, ("p2", "640 permis de travail prolongés à Matane, pour le homard : un syndicat doute")))
    await watch.round()
    assert await owed(watch.database) == [(7, 1, ["homard"]), (8, 1, []), (9, 1, [])]


async def test_a_story_that_only_a_keyword_told_is_owed_to_its_topic_once_it_has_one(watch, site, now):
    await wants(watch.database, 7, "quai", now=now)
    await refile(watch)
    title = "Les crabiers de Matane bloquent le quai de Gaspé lundi matin"
    site.page("/a", rss(now, ("c1", title, "")))
    await watch.round()
    assert await owed(watch.database) == [(7, 1, ["quai"])]
    site.page("/b", rss(now, ("c2", f"{title} : une grève commence", "")))
    await watch.round()
    assert await owed(watch.database) == [(7, 1, ["quai"]), (9, 1, [])]


async def test_what_is_primed_old_or_muted_is_not_told(watch, site, now):
    await wants(watch.database, 7, "crabe", now=now)
    async with watch.database.write() as conn:
        await sources.choose(conn, 7, "outlet:Outlet b", SourceChoice.MUTE)
    await refile(watch)
    site.page("/a", rss(now, CRAB, hours_ago=24 * 9))
    site.page("/b", rss(now, CRAB))
    await watch.round()
    assert await owed(watch.database) == []


@pytest.mark.parametrize("state", [ChatState.STOPPED, ChatState.BLOCKED])
async def test_a_chat_that_left_or_was_erased_or_moved_is_told_as_the_table_says(watch, site, now, state):
    for chat_id in (7, 8, 9):
        await wants(watch.database, chat_id, "crabe", now=now)
    await refile(watch)
    async with watch.database.write() as conn:
        await chats.set_state(conn, 7, state, "stopped", now)
        await chats.erase(conn, 8)
        await chats.move_chat(conn, 9, -100, now)
    site.page("/a", rss(now, CRAB))
    await watch.round()
    assert await owed(watch.database) == [(-100, 1, ["crabe"])]


# The index follows the table.


def index():
    return build_index(Topics(()))


def hits(of, title):
    return sorted(of.personal_hits(Text(title, lang="fr")))


async def test_what_is_added_or_removed_is_filed_at_once_and_a_new_index_starts_whole(sqlite_database, now):
    await add_chat(sqlite_database, 1, now)
    used = [index()]
    filer = Filer(sqlite_database, lambda: used[0])
    await wants(sqlite_database, 1, "crabe", "homard", now=now)
    await filer.refile()
    assert hits(used[0], "Le crabe et le homard") == [1, 2]
    async with sqlite_database.write() as conn:
        await keywords.drop_keyword(conn, 1, 1)
    await filer.refile()
    assert hits(used[0], "Le crabe et le homard") == [2]
    fresh = index()
    await filer.fill(fresh)
    assert hits(fresh, "Le crabe et le homard") == [2]


async def test_a_number_that_comes_back_with_another_keyword_is_not_taken_for_the_old_one(sqlite_database, now):
    await add_chat(sqlite_database, 1, now)
    used = index()
    filer = Filer(sqlite_database, lambda: used)
    await wants(sqlite_database, 1, "crabe", now=now)
    await filer.refile()
    async with sqlite_database.write() as conn:
        await conn.execute(delete(personal_term))
    await wants(sqlite_database, 1, "homard", now=now + timedelta(seconds=1))
    await filer.refile()
    assert (hits(used, "crabe"), hits(used, "homard")) == ([], [1])


async def test_a_keyword_that_cannot_be_read_any_more_is_left_out_and_harms_no_other(sqlite_database, now):
    await add_chat(sqlite_database, 1, now)
    used = index()
    await wants(sqlite_database, 1, "@liste_disparue grève", "crabe", now=now)
    await Filer(sqlite_database, lambda: used).refile()
    assert hits(used, "Grève au crabe") == [2]


# The table, on both engines.


async def test_a_chat_has_its_own_keywords_up_to_its_quota_and_drops_only_its_own(database, now):
    for chat_id in (1, 2):
        await add_chat(database, chat_id, now)
    async with database.write() as conn:
        before = await keywords.version(conn)
        for term in ("crabe", "crabe", "homard"):
            assert await keywords.add_keyword(conn, 1, term, 2, now)
        assert not await keywords.add_keyword(conn, 1, "flétan", 2, now)
        mine = await keywords.keywords_of(conn, 1)
        assert list(mine.values()) == ["crabe", "homard"]
        assert await keywords.every_keyword(conn) == mine
        assert await keywords.version(conn) != before
        await keywords.drop_keyword(conn, 2, next(iter(mine)))
        assert await keywords.keywords_of(conn, 1) == mine
        await keywords.drop_keyword(conn, 1, next(iter(mine)))
        assert list((await keywords.keywords_of(conn, 1)).values()) == ["homard"]


async def test_many_keywords_of_many_chats_are_addressed_once_each_on_both_engines(database, now):
    await add_feed(database, now)
    for chat_id in range(1, 8):
        await add_chat(database, chat_id, now, ())
        await wants(database, chat_id, *(f"mot {number}" for number in range(100)), now=now)
    async with database.write() as conn:
        every = tuple(await keywords.every_keyword(conn))
    alert_id, _ = await tell(database, now)
    async with database.write() as conn:
        item_id = (await conn.execute(select(alert.c.item_id))).scalar_one()
        for expected in (7, 0):
            assert await keywords.address_keywords(conn, alert_id, item_id, every, now, now) == expected
        assert await keywords.address_keywords(conn, alert_id, item_id, (), now, now) == 0
    assert [len(terms) for _, _, terms in await owed(database)] == [100] * 7
