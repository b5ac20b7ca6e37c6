"""Acts and their changes on both engines: what stands, undo, rights, and what two admins do at once."""

import asyncio

from bot.changes import REMOVED, Change, ChangeKind, Rights, Role, Undone
from bot.store import changes


def term(subject, after):
    return Change(ChangeKind.TERM, subject, after)


async def record(database, now, *wanted, person=1):
    async with database.write() as conn:
        return await changes.record(conn, person, "term_added", wanted, now)


async def standing(database):
    async with database.read() as conn:
        return {one.subject: one.after for one in await changes.overlay(conn)}, await changes.version(conn)


async def test_the_last_change_of_a_subject_stands_and_moves_the_version(database, now):
    assert await standing(database) == ({}, 0)
    await record(database, now, term("labour:lockout", {"group": "weak"}), term("labour:grève", REMOVED))
    _, first = await standing(database)
    act = await record(database, now, term("labour:lockout", {"group": "strong"}))
    assert act.changes[0].before == {"group": "weak"}
    stands, second = await standing(database)
    assert stands == {"labour:lockout": {"group": "strong"}, "labour:grève": REMOVED}
    assert second > first


async def test_what_stands_already_is_no_act(database, now):
    await record(database, now, term("labour:lockout", {"group": "weak"}))
    assert await record(database, now, term("labour:lockout", {"group": "weak"})) is None
    assert await record(database, now, term("labour:autre", None)) is None


async def test_undo_is_an_act_of_its_own_and_can_be_undone(database, now):
    first = await record(database, now, term("labour:lockout", {"group": "weak"}), term("labour:grève", REMOVED))
    async with database.write() as conn:
        assert await changes.undo(conn, first.id, 2, now) is Undone.DONE
    assert (await standing(database))[0] == {}
    async with database.write() as conn:
        assert await changes.undo(conn, first.id, 2, now) is Undone.ALREADY
        second = (await changes.acts(conn, 1))[0]
        assert (second.undoes, second.person_id) == (first.id, 2)
        assert await changes.undo(conn, second.id, 2, now) is Undone.DONE
    assert (await standing(database))[0] == {"labour:lockout": {"group": "weak"}, "labour:grève": REMOVED}


async def test_an_act_is_not_undone_in_part_when_a_subject_was_changed_since(database, now):
    first = await record(database, now, term("a:x", {"group": "weak"}), term("a:y", {"group": "weak"}))
    await record(database, now, term("a:y", {"group": "strong"}))
    async with database.write() as conn:
        assert await changes.undo(conn, first.id, 1, now) is Undone.OVERTAKEN
        assert await changes.undo(conn, 999, 1, now) is Undone.GONE
    assert (await standing(database))[0] == {"a:x": {"group": "weak"}, "a:y": {"group": "strong"}}


async def test_two_admins_at_once_each_see_what_the_other_left(database, now):
    values = [{"group": group} for group in ("strong", "weak", "against", "never")]
    acts = await asyncio.gather(
        *(record(database, now, term("a:x", value), person=n) for n, value in enumerate(values))
    )
    befores = [act.changes[0].before for act in acts]
    assert befores.count(None) == 1
    assert len({str(before) for before in befores}) == 4


async def test_rights_follow_roles_and_bans(database, now):
    async def rights(person, chat):
        async with database.read() as conn:
            return await changes.rights(conn, person, chat)

    assert await rights(5, 5) == Rights()
    await record(database, now, Change(ChangeKind.ADMIN, "5", {"role": "editor"}))
    await record(database, now, Change(ChangeKind.BAN, "-77", {"banned": True}))
    assert await rights(5, 5) == Rights(Role.EDITOR)
    assert await rights(5, -77) == Rights(Role.EDITOR, banned=True)
    assert await rights(77, 77) == Rights()
    await record(database, now, Change(ChangeKind.ADMIN, "5", None))
    assert await rights(5, 5) == Rights()
    assert await rights(0, 0) == Rights()
