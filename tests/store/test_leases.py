"""Who may use a name alone: one holder at a time, a successor once it is over, whatever the clocks say; both engines."""

from datetime import timedelta

from bot.store import leases

LENGTH = timedelta(seconds=15)


async def hold(database, owner, now):
    async with database.write() as conn:
        return await leases.hold(conn, "deliver:token", owner, now, LENGTH)


async def test_the_first_holds_it_and_whoever_comes_later_is_told_who_has_it(database, now):
    assert await hold(database, "alpha/1", now) is None
    assert await hold(database, "beta/2", now) == "alpha/1"
    assert await hold(database, "alpha/1", now + LENGTH / 2) is None


async def test_a_clean_stop_hands_it_over_at_once_and_only_by_its_holder(database, now):
    await hold(database, "alpha/1", now)
    async with database.write() as conn:
        await leases.let_go(conn, "deliver:token", "beta/2")
    assert await hold(database, "beta/2", now) == "alpha/1"
    async with database.write() as conn:
        await leases.let_go(conn, "deliver:token", "alpha/1")
    assert await hold(database, "beta/2", now) is None


async def test_a_dead_holder_is_succeeded_once_its_time_is_over(sqlite_database, now):
    await hold(sqlite_database, "alpha/1", now)
    assert await hold(sqlite_database, "beta/2", now + LENGTH) == "alpha/1"
    assert await hold(sqlite_database, "beta/2", now + LENGTH + timedelta(seconds=1)) is None
    assert await hold(sqlite_database, "alpha/1", now + LENGTH + timedelta(seconds=1)) == "beta/2"


async def test_between_machines_a_clock_that_is_ahead_takes_nothing(database, engine_name, now):
    await hold(database, "alpha/1", now)
    ahead = await hold(database, "beta/2", now + timedelta(hours=1))
    assert ahead == (None if engine_name == "sqlite" else "alpha/1")  # one machine has one clock
