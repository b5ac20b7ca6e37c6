"""What is forgotten and what is kept, the nightly backup and its end, and that an erased chat stands nowhere any more."""

import struct
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.errors import ConfigError
from bot.loops.housekeep import housekeep
from bot.model import ChatState
from bot.settings import Settings
from bot.store import chats, deliveries
from bot.store.backup import backups_of, check_whole, days_backed_up
from bot.store.database import open_database
from bot.store.desk import Desk
from bot.store.tables import alert, chat, delivery, item, message, personal_term, seen, source_choice, story, vote
from tests.store.facts import add_chat, add_feed, tell

SETTINGS = Settings(timezone="America/Toronto", keep_backups_days=3, _env_file=None)
DAY = timedelta(days=1)


async def count(database, table):
    async with database.read() as conn:
        return await conn.scalar(select(func.count()).select_from(table))


async def test_each_kind_is_forgotten_in_its_time_and_what_is_still_owed_is_kept(database, now):
    await add_feed(database, now)
    await add_chat(database, 1, now)
    await add_chat(database, 2, now)
    async with database.write() as conn:
        await chats.set_state(conn, 2, ChatState.PAUSED, "", now)
        await conn.execute(insert(seen).values(feed_id="le-courrier", key="k1", seen_at=now, present_at=now))
    await tell(database, now)
    async with database.write() as conn:
        settled = update(delivery).where(delivery.c.chat_id == 1).values(state="sent", not_before=None, sent_at=now)
        await conn.execute(settled)
    kept_for = ((59, (2, 1, 1)), (61, (1, 1, 1)), (119, (1, 1, 1)), (121, (0, 0, 1)), (401, (0, 0, 0)))
    for days, left in kept_for:
        await housekeep(database, SETTINGS, now + days * DAY)
        assert (await count(database, delivery), await count(database, item), await count(database, seen)) == left
    assert (await count(database, alert), await count(database, story)) == (0, 0)


async def test_more_than_one_commit_forgets_goes_in_several(sqlite_database, now):
    many = deliveries.CHUNK + 5
    await add_feed(sqlite_database, now)
    await add_chat(sqlite_database, 1, now)
    async with sqlite_database.write() as conn:
        [row] = (await conn.execute(chat.select())).mappings()
        await conn.execute(insert(chat), [{**row, "id": number} for number in range(2, many + 1)])
    alert_id, _ = await tell(sqlite_database, now)
    async with sqlite_database.write() as conn:
        sent = {"alert_id": alert_id, "thread_id": 0, "state": "sent", "created_at": now, "sent_at": now}
        others = [{**sent, "chat_id": number} for number in range(2, many + 1)]
        await conn.execute(insert(delivery), others)
    gone = await housekeep(sqlite_database, SETTINGS, now + 61 * DAY)
    assert gone["deliveries"] == many - 1
    assert await count(sqlite_database, delivery) == 1


async def test_a_backup_is_made_once_a_night_and_kept_for_its_days(sqlite_database):
    before_three = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)  # 2 h 30 in Montréal
    await housekeep(sqlite_database, SETTINGS, before_three)
    assert days_backed_up(sqlite_database) == ()
    for hours in range(1, 24 * 5):
        await housekeep(sqlite_database, SETTINGS, before_three + timedelta(hours=hours))
    assert days_backed_up(sqlite_database) == (date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 14))
    assert not list(backups_of(sqlite_database).glob("*.part"))


async def test_no_backup_is_made_where_the_operator_wants_none(sqlite_database, now):
    await housekeep(sqlite_database, SETTINGS.model_copy(update={"keep_backups_days": 0}), now)
    assert not backups_of(sqlite_database).exists()


async def test_a_backup_opens_as_a_database_in_its_place(sqlite_database, now):
    await add_feed(sqlite_database, now)
    await add_chat(sqlite_database, 7, now)
    await housekeep(sqlite_database, SETTINGS, now)
    [copy] = backups_of(sqlite_database).iterdir()
    async with open_database(f"sqlite+aiosqlite:///{copy}") as restored:
        await check_whole(restored)
        async with restored.read() as conn:
            assert (await chats.subscriber(conn, 7)).topics == {"immigration"}


async def test_a_night_that_was_cut_short_leaves_no_half_backup(sqlite_database, now):
    folder = backups_of(sqlite_database)
    folder.mkdir()
    (folder / "guetteur-2026-03-10.part").write_bytes(b"half")
    await housekeep(sqlite_database, SETTINGS, now)
    assert [file.name for file in folder.iterdir()] == ["guetteur-2026-03-10.db"]


async def test_a_damaged_database_is_told_with_the_copy_to_put_in_its_place(tmp_path, now):
    url = f"sqlite+aiosqlite:///{tmp_path}/guetteur.db"
    file = tmp_path / "guetteur.db"
    file.write_bytes(b"This is no database." * 300)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "guetteur-2026-03-09.db").touch()
    async with open_database(url) as database:
        with pytest.raises(
            ConfigError, match=r"guetteur\.db : base de données endommagée .*backups/guetteur-2026-03-09"
        ):
            await check_whole(database)


async def test_a_page_that_rotted_is_found_before_anything_relies_on_it(sqlite_database, now, tmp_path):
    await add_feed(sqlite_database, now)
    for number in range(1, 400):
        await add_chat(sqlite_database, number, now)
    assert await sqlite_database.forget_pages()
    await check_whole(sqlite_database)
    file = tmp_path / "guetteur.db"
    whole = file.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    file.write_bytes(whole[:middle] + b"\xff" * 8192 + whole[middle + 8192 :])
    with pytest.raises(ConfigError, match="endommagée"):
        await check_whole(sqlite_database)


CHAT = 5_123_456_789  # of five bytes in a row of SQLite
WORDS = ("crabedesneiges", "Le Secret du Fleuve")


async def test_an_erased_chat_and_its_words_stand_nowhere_in_the_files(sqlite_database, now, tmp_path):
    await add_feed(sqlite_database, now)
    for chat_id in (*range(CHAT - 60, CHAT), CHAT, *range(CHAT + 1, CHAT + 60)):  # neighbours on the same pages
        await add_chat(sqlite_database, chat_id, now)
    async with sqlite_database.write() as conn:
        await conn.execute(insert(personal_term).values(chat_id=CHAT, term=WORDS[0], added_at=now))
        await conn.execute(insert(source_choice).values(chat_id=CHAT, source=f"outlet:{WORDS[1]}", choice="mute"))
    for number in range(4):
        await tell(sqlite_database, now, f"k{number}")
    async with sqlite_database.write() as conn:
        told = {"chat_id": CHAT, "message_id": 9, "said_at": now, "frame": {"head": WORDS[0]}, "print": "p"}
        await conn.execute(insert(message).values(told))
        await conn.execute(insert(vote).values(alert_id=1, person_id=CHAT, value=1, at=now))
    assert all(stands_in(tmp_path, what) for what in traces())
    await Desk(sqlite_database, str, "America/Toronto").erase(CHAT)
    assert [what for what in traces() if stands_in(tmp_path, what)] == []


def traces():
    """The chat as SQLite writes a number of six bytes, as text, and its words."""
    return [struct.pack(">q", CHAT)[2:], *(word.encode() for word in WORDS)]


def stands_in(folder, what):
    return any(what in file.read_bytes() for file in folder.iterdir() if file.is_file() and "-shm" not in file.name)


async def test_the_backups_that_still_hold_an_erased_chat_are_named_with_their_end(sqlite_database, now):
    await add_chat(sqlite_database, 1, now)
    await housekeep(sqlite_database, SETTINGS, now)
    await add_chat(sqlite_database, 2, now)
    for days in (1, 2):
        await housekeep(sqlite_database, SETTINGS, now + days * DAY)
    desk = Desk(sqlite_database, str, "America/Toronto", 3 * DAY)
    later, first = await desk.erase(2), await desk.erase(1)
    assert later.backups == (date(2026, 3, 11), date(2026, 3, 12))
    assert first.backups == (date(2026, 3, 10), *later.backups)
    assert first.gone_on == date(2026, 3, 15)
    await housekeep(sqlite_database, SETTINGS, datetime(2026, 3, 15, 15, tzinfo=UTC))
    assert (await desk.erase(1)).backups == ()
