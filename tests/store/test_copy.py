"""A whole database becomes another's: every table, both ways, equal to the last byte; or nothing at all."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Float, Integer, String, func, insert, select, text

from bot.store.copy import CopyRefused, copy_rows
from bot.store.database import StoreUnavailable, open_database
from bot.store.leases import hold
from bot.store.migrate import upgrade
from bot.store.tables import Instant, chat, item, lease, metadata, story
from tests.conftest import new_address
from tests.store.facts import add_chat

ROWS = 7
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=itertools.product(ENGINES, ENGINES), ids="-".join)
async def both(request, tmp_path):
    """Two databases: one to copy, with tables; one to fill, without."""
    async with (
        new_address(request.param[0], tmp_path, request) as origin,
        new_address(request.param[1], tmp_path, request) as destination,
        open_database(origin) as source,
        open_database(destination) as target,
    ):
        await upgrade(source)
        yield source, target


@pytest.fixture
async def two_files(tmp_path):
    async with (
        open_database(f"sqlite+aiosqlite:///{tmp_path}/a.db") as source,
        open_database(f"sqlite+aiosqlite:///{tmp_path}/b.db") as target,
    ):
        await upgrade(source)
        yield source, target


def value(column, number, now):
    """A value of the column's kind, another for each row, with what engines treat differently."""
    if column.foreign_keys:
        return value(next(iter(column.foreign_keys)).column, number, now)
    kind = column.type
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(kind, Instant):
        return now + timedelta(microseconds=number)
    if isinstance(kind, JSON):
        return {"é": [number, 0.1 * number, None, "’"], "vide": {}}
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Float):
        return number / 7
    if isinstance(kind, String):
        return ("Zoé", "abc", "a-b", "ab", "É", "🌍 long", "a b")[number] + column.name
    assert isinstance(kind, Integer)
    return number + (2**40 if isinstance(kind, BigInteger) and column.table.autoincrement_column is not column else 1)


async def fill(database, now):
    """Rows in every table there is, so that none can be forgotten."""
    async with database.write() as conn:
        for table in metadata.sorted_tables:
            rows = [{column.name: value(column, number, now) for column in table.columns} for number in range(ROWS)]
            await conn.execute(insert(table), rows)


async def dump(database):
    async with database.read() as conn:
        return {
            table.name: sorted(map(repr, (await conn.execute(select(table))).all())) for table in metadata.sorted_tables
        }


def silent(_table, _done, _total):
    pass


async def test_every_row_of_every_table_arrives_equal_and_new_rows_get_numbers_that_are_free(both, now):
    source, target = both
    await fill(source, now)
    copied = await copy_rows(source, target, now + timedelta(days=1), silent)
    assert copied == dict.fromkeys(metadata.tables, ROWS)
    assert await dump(target) == await dump(source)
    async with target.write() as conn:
        last = await conn.scalar(select(func.max(story.c.id)))
        new = await conn.scalar(insert(story).values(opened_at=now, grew_at=now).returning(story.c.id))
    assert new == last + 1


async def test_progress_is_told_to_the_end_of_each_table(two_files, now):
    source, target = two_files
    await fill(source, now)
    told = {}
    await copy_rows(source, target, now + timedelta(days=1), lambda *step: told.update({step[0]: step[1:]}))
    assert told == dict.fromkeys(metadata.tables, (2 * ROWS, 2 * ROWS))


async def test_a_target_that_holds_something_gives_way_only_when_told(two_files, now):
    source, target = two_files
    await fill(source, now)
    await upgrade(target)
    await add_chat(target, 5, now)
    before = await dump(target)
    with pytest.raises(CopyRefused, match="a déjà des lignes"):
        await copy_rows(source, target, now + timedelta(days=1), silent)
    assert await dump(target) == before
    await copy_rows(source, target, now + timedelta(days=1), silent, found="replace")
    assert await dump(target) == await dump(source)


async def test_a_running_bot_must_be_stopped_first(two_files, now):
    source, target = two_files
    async with source.write() as conn:
        await hold(conn, "deliver:token", "hôte/12", now, timedelta(seconds=15))
    with pytest.raises(CopyRefused, match=r"hôte/12.*arrêtez-le"):
        await copy_rows(source, target, now, silent)
    await copy_rows(source, target, now + timedelta(seconds=16), silent)
    async with target.read() as conn:
        assert await conn.scalar(select(lease.c.owner)) == "hôte/12"


async def test_a_database_without_our_tables_is_not_copied(tmp_path, now):
    async with (
        open_database(f"sqlite+aiosqlite:///{tmp_path}/vide.db") as source,
        open_database(f"sqlite+aiosqlite:///{tmp_path}/b.db") as target,
    ):
        with pytest.raises(CopyRefused, match="aucune base de Guetteur"):
            await copy_rows(source, target, now, silent)


async def test_a_database_of_another_version_is_not_copied(two_files, now):
    source, target = two_files
    async with source.write() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CopyRefused, match=r"schéma 9999.*guetteur db upgrade"):
        await copy_rows(source, target, now, silent)


async def test_a_row_the_target_refuses_leaves_the_target_empty(tmp_path, request, now):
    async with (
        new_address("sqlite", tmp_path, request) as origin,
        new_address("postgresql", tmp_path, request) as destination,
        open_database(origin) as source,
        open_database(destination) as target,
    ):
        await upgrade(source)
        await fill(source, now)
        async with source.write() as conn:
            await conn.execute(item.update().where(item.c.id == 1).values(title="nul\0"))
        with pytest.raises(CopyRefused, match="item : la base d’arrivée refuse une ligne"):
            await copy_rows(source, target, now + timedelta(days=1), silent)
        assert not any((await dump(target)).values())


async def test_a_row_that_changes_on_its_way_is_found_and_nothing_is_kept(two_files, now):
    source, target = two_files
    await fill(source, now)
    await upgrade(target)
    async with target.write() as conn:
        await conn.execute(
            text(
                "CREATE TRIGGER meddles AFTER INSERT ON chat BEGIN UPDATE chat SET title = 'autre' WHERE id = new.id; END"
            )
        )
    with pytest.raises(CopyRefused, match="chat : une ligne relue"):
        await copy_rows(source, target, now + timedelta(days=1), silent)
    async with target.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(chat)) == 0


async def test_a_server_that_is_not_there_is_one_sentence(two_files, now):
    source, _ = two_files
    async with open_database("postgresql+asyncpg://nobody:s3cret@127.0.0.1:9/none") as target:
        with pytest.raises(StoreUnavailable) as told:
            await copy_rows(source, target, now, silent)
    assert "s3cret" not in str(told.value)
