"""What goes wrong reaches the operators' phones once, and its end too: the real loops, store and wire."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.changes import Change, ChangeKind
from bot.events import ConfigRefused, ConfigReloaded, DeliverySent, LoopFailed, TokenRefused
from bot.loops.notices import LATER, SOON, Informer, Notebook
from bot.loops.pace import Turns
from bot.ops.botapi import DROPPED_AFTER, BotApi, refuses
from bot.store import changes, chats
from bot.store.database import StoreUnavailable
from bot.telegram.client import make_bot
from bot.telegram.pace import limits_of
from bot.telegram.send import Sender
from tests.feeds.server import page
from tests.loops.newsroom import Clock, rss, watching
from tests.store.facts import add_chat

MINUTE = timedelta(minutes=1)
GROUP = -1_000_000_000_501


@pytest.fixture
async def api():
    async with BotApi() as server:
        yield server


class Office:
    """Operators, what they are told, and the clock."""

    def __init__(self, database, api, bot, now):
        self.api, self.database, self.clock, self.facts = api, database, Clock(now), []
        self.ana, self.ben = (api.person(name, person_id=number) for name, number in (("Ana", 900), ("Ben", 901)))
        turns = Turns(limits_of(1_000, 1_000), lambda: datetime.now(UTC))
        self.operators = [self.ana.id, self.ben.id]
        self.informer = Informer(
            database, Sender(bot), turns, lambda: self.operators, "fr", "America/Toronto", self.facts.append, self.clock
        )
        self.notebook = Notebook(database, self.clock)

    async def hears(self, event):
        self.notebook.hear(event)
        await self.notebook.write()

    async def told(self, later=timedelta(0)):
        """What Ana read since the last time."""
        self.clock.now += later
        before = len(self.ana.inbox)
        await self.informer.inform()
        return [posted.text for posted in self.ana.inbox[before:]]


@pytest.fixture
async def office(sqlite_database, api, now):
    bot = make_bot(SecretStr(api.token), api.url)
    yield Office(sqlite_database, api, bot, now)
    await bot.session.close()


async def test_a_feed_that_fails_is_told_at_the_fifth_failure_once_and_so_is_its_recovery(
    office, sqlite_database, site, tmp_path, now
):
    site.page("/a", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as watch:
        await watch.round()
        site.page("/a", b"", 404)
        read = []
        for _ in range(8):
            await watch.round(24 * 2)
            read.append(await office.told())
        assert [len(messages) for messages in read] == [0, 0, 0, 0, 1, 0, 0, 0]
        assert "Outlet a (a)" in read[4][0]
        assert "(404)" in read[4][0]
        site.page("/a", rss(now, ("g1", "Un titre")))
        await watch.round(24 * 2)
        [over] = await office.told()
        assert "est lu de nouveau" in over
        assert len(office.ben.inbox) == 2
        await watch.round()
        assert await office.told() == []


async def test_a_recovery_that_brings_nothing_new_is_told_too(office, sqlite_database, site, tmp_path, now):
    body = rss(now, ("g1", "Un titre"))
    site.page("/a", body)
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as watch:
        await watch.round()
        site.page("/a", b"", 404)
        for _ in range(5):
            await watch.round(48)
        assert len(await office.told()) == 1
        site.page("/a", body)
        await watch.round(48)
        await watch.round()
        [over] = await office.told()
        assert "est lu de nouveau" in over


async def test_a_feed_gone_for_good_is_told_at_once(office, sqlite_database, site, tmp_path, now):
    site.on("/a", page(b"", 410))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as watch:
        await watch.round()
        [gone] = await office.told()
        assert "n’est plus lu" in gone
        assert "feeds.yaml" in gone


async def test_many_feeds_that_fail_together_are_one_message(office, sqlite_database, site, tmp_path, now):
    paths = {f"f{n}": f"/f{n}" for n in range(30)}
    async with watching(sqlite_database, site, tmp_path, now, paths) as watch:
        for _ in range(5):
            await watch.round(48)
        [message] = await office.told()
        assert "18 autres avis" in message


async def test_a_refused_configuration_is_told_with_its_lines_and_anew_when_other_lines_are_wrong(office):
    await office.hears(ConfigRefused(("feeds.yaml, ligne 3 : adresse absente",)))
    [first] = await office.told()
    assert "feeds.yaml, ligne 3" in first
    await office.hears(ConfigRefused(("feeds.yaml, ligne 3 : adresse absente",)))
    assert await office.told() == []
    await office.hears(ConfigRefused(("feeds.yaml, ligne 9 : clé inconnue",)))
    [second] = await office.told()
    assert "ligne 9" in second
    await office.hears(ConfigReloaded(1, 1))
    [over] = await office.told()
    assert "de nouveau acceptée" in over


async def test_an_error_that_nobody_expected_is_told_once_however_often_it_comes(office):
    for _ in range(3):
        await office.hears(LoopFailed("poll", "courrier: KeyError", KeyError("secret")))
    [told] = await office.told()
    assert "poll: courrier: KeyError" in told
    assert "secret" not in told
    await office.hears(LoopFailed("poll", "courrier: KeyError", KeyError()))
    assert await office.told(MINUTE) == []


async def test_a_refused_token_is_told_when_messages_leave_again(office):
    await office.hears(TokenRefused("token_refused"))
    assert await office.told() == []
    await office.hears(DeliverySent(5, 1, MINUTE))
    [told] = await office.told(MINUTE)
    assert "accepte de nouveau le jeton" in told


async def test_ordinary_deliveries_write_nothing(office, sqlite_database):
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("CREATE TRIGGER t BEFORE INSERT ON notice BEGIN SELECT RAISE(ABORT, 'written'); END")
        await conn.exec_driver_sql("CREATE TRIGGER u BEFORE UPDATE ON notice BEGIN SELECT RAISE(ABORT, 'written'); END")
    await office.hears(DeliverySent(5, 1, MINUTE))


async def test_what_could_not_be_written_is_written_later(office, sqlite_database):
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("CREATE TRIGGER t BEFORE INSERT ON notice BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(StoreUnavailable):
        await office.hears(ConfigRefused(("ligne 3",)))
    async with sqlite_database.write() as conn:
        await conn.exec_driver_sql("DROP TRIGGER t")
    await office.notebook.write()
    assert len(await office.told()) == 1


async def test_operators_read_their_own_language_and_nobody_else_reads_anything(office, api, now):
    cleo = api.person("Cléo")
    room = api.group("La rédaction", office.ana)
    await add_chat(office.database, cleo.id, now)
    await add_chat(office.database, room.id, now)
    await add_chat(office.database, office.ana.id, now)
    async with office.database.write() as conn:
        await chats.set_chat(conn, office.ana.id, language="en")
    office.operators += [room.id, 0]
    await office.hears(ConfigRefused(("line 3",)))
    [told] = await office.told()
    assert "The changed configuration is refused" in told
    assert "La configuration modifiée est refusée" in office.ben.inbox[-1].text
    assert cleo.inbox == []
    assert room.inbox == []


async def test_whom_owners_made_admins_is_told_like_them_and_editors_are_not(office, api, sqlite_database):
    dan, eve = api.person("Dan"), api.person("Eve")
    async with sqlite_database.write() as conn:
        for person, role in ((dan, "admin"), (eve, "editor")):
            given = Change(ChangeKind.ADMIN, str(person.id), {"role": role})
            await changes.record(conn, office.ana.id, "admin_added", [given], office.clock.now)
    await office.hears(ConfigRefused(("ligne 3",)))
    assert len(await office.told()) == 1
    assert [len(person.inbox) for person in (dan, eve)] == [1, 0]
    await office.informer.inform()
    assert len(dan.inbox) == 1
    async with sqlite_database.write() as conn:
        taken = Change(ChangeKind.ADMIN, str(dan.id), None)
        await changes.record(conn, office.ana.id, "admin_removed", [taken], office.clock.now)
    await office.hears(ConfigReloaded(1, 1))
    assert len(await office.told()) == 1
    assert len(dan.inbox) == 1


async def test_an_operator_who_blocked_the_bot_delays_no_other_and_hears_within_the_hour_of_coming_back(office):
    office.ana.blocks()
    await office.hears(ConfigRefused(("ligne 3",)))
    assert await office.told() == []
    assert len(office.ben.inbox) == 1
    office.ana.unblocks()
    assert await office.told(SOON) == []
    assert len(await office.told(LATER)) == 1


async def test_an_answer_that_is_lost_makes_one_copy_at_most(office, api):
    office.operators = [office.ana.id]
    api.trouble = lambda call: DROPPED_AFTER if call.method == "sendmessage" else None
    await office.hears(ConfigRefused(("ligne 3",)))
    for _ in range(4):
        await office.informer.inform()
        office.clock.now += SOON
    assert len(office.ana.inbox) == 2


async def test_a_database_that_cannot_be_written_is_told_from_memory_and_so_is_its_end(office, sqlite_database):
    async with sqlite_database.write() as conn:
        pages = (await conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
    full = f"PRAGMA max_page_count={pages}"

    async def fill():
        async with sqlite_database.write() as conn:
            await conn.exec_driver_sql(full)
            await conn.exec_driver_sql("CREATE TABLE more AS SELECT randomblob(100000) AS x")

    read = []
    for _ in range(4):
        with pytest.raises(StoreUnavailable, match="full"):
            await fill()
        read += await office.told(MINUTE / 2)
    [told] = read
    assert "La base de données est en panne" in told
    assert "libérez de la place" in told
    assert await office.told(MINUTE) == []
    [over] = await office.told(2 * MINUTE)
    assert "fonctionne de nouveau" in over
    assert len(office.ben.inbox) == 2


async def test_a_telegram_that_refuses_the_token_keeps_what_is_owed(office, api):
    api.trouble = lambda call: refuses(401, "Unauthorized") if call.method == "sendmessage" else None
    await office.hears(ConfigRefused(("ligne 3",)))
    assert await office.told() == []
    assert any(isinstance(fact, TokenRefused) for fact in office.facts)
    api.trouble = lambda call: None
    assert len(await office.told(SOON)) == 1
