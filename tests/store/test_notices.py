"""A notice is told once to each operator, and its end once to those who heard of it; on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import NoticeKind
from bot.store import feeds, notices
from tests.store.facts import FEED

ANA, BEN = 900, 901
DAY = timedelta(days=1)
FAILING = NoticeKind.FEED_FAILING
VALUES = {"outlet": "Le Courrier", "cause": "dns", "n": "5"}


@pytest.fixture
async def conn(database):
    async with database.write() as conn:
        yield conn


async def owed(conn, who=ANA):
    return [(one.kind, one.subject, one.closed_at is not None) for one in await notices.owed_notices(conn, who)]


async def tell(conn, who, now):
    await notices.mark_told(conn, who, await notices.owed_notices(conn, who), now)


async def test_each_operator_is_told_once_when_it_begins_and_once_when_it_is_over(conn, now):
    await notices.open_notice(conn, FAILING, "a", VALUES, now)
    await tell(conn, ANA, now)
    await notices.open_notice(conn, FAILING, "a", VALUES, now + DAY)
    assert await owed(conn, ANA) == []
    assert await owed(conn, BEN) == [(FAILING, "a", False)]
    await tell(conn, BEN, now)
    await notices.close_notices(conn, FAILING, now + DAY, ["a"])
    assert await owed(conn, ANA) == [(FAILING, "a", True)]
    await tell(conn, ANA, now)
    assert await owed(conn, ANA) == []
    assert await owed(conn, BEN) == [(FAILING, "a", True)]
    assert await notices.open_notices(conn) == ()


async def test_what_ended_before_it_was_told_is_never_told(conn, now):
    await notices.open_notice(conn, FAILING, "a", VALUES, now)
    await notices.close_notices(conn, FAILING, now)
    assert await owed(conn) == []


async def test_what_comes_back_is_another_notice(conn, now):
    await notices.open_notice(conn, FAILING, "a", VALUES, now)
    await tell(conn, ANA, now)
    await notices.close_notices(conn, FAILING, now)
    await notices.open_notice(conn, FAILING, "a", VALUES, now)
    assert await owed(conn) == [(FAILING, "a", True), (FAILING, "a", False)]


async def test_a_notice_that_says_something_else_now_is_told_again(conn, now):
    await notices.open_notice(conn, NoticeKind.CONFIG_REFUSED, "", {"problems": "ligne 3"}, now)
    await tell(conn, ANA, now)
    await notices.open_notice(conn, NoticeKind.CONFIG_REFUSED, "", {"problems": "ligne 7"}, now)
    [one] = await notices.owed_notices(conn, ANA)
    assert one.values == {"problems": "ligne 7"}
    assert len(await notices.open_notices(conn)) == 1


async def test_a_refused_token_is_told_once_it_is_accepted_since_nothing_leaves_before(conn, now):
    await notices.open_notice(conn, NoticeKind.TOKEN_REFUSED, "", {}, now)
    assert await owed(conn) == []
    await notices.close_notices(conn, NoticeKind.TOKEN_REFUSED, now + DAY)
    assert await owed(conn) == [(NoticeKind.TOKEN_REFUSED, "", True)]
    await tell(conn, ANA, now + DAY)
    assert await owed(conn) == []


@pytest.mark.parametrize(
    "specs",
    [(), (replace(FEED, enabled=False),), (replace(FEED, url="https://courrier.example/nouveau"),)],
    ids=["removed", "turned off", "mended"],
)
async def test_what_a_person_changed_in_the_file_is_withdrawn_and_starts_afresh(conn, now, specs):
    await feeds.sync_feeds(conn, [FEED], now)
    await notices.open_notice(conn, NoticeKind.FEED_GONE, FEED.id, VALUES, now)
    await notices.open_notice(conn, FAILING, "another", VALUES, now)
    await tell(conn, ANA, now)
    await feeds.sync_feeds(conn, specs, now)
    assert [one.subject for one in await notices.open_notices(conn)] == ["another"]
    assert await owed(conn) == []


async def test_what_has_no_end_of_its_own_may_be_told_again_after_a_day(conn, now):
    crash = NoticeKind.UNEXPECTED
    await notices.open_notice(conn, crash, "poll: KeyError", {}, now - 2 * DAY)
    await notices.open_notice(conn, FAILING, "a", VALUES, now - 2 * DAY)
    await notices.open_notice(conn, FAILING, "b", VALUES, now - 9 * DAY)
    await notices.close_notices(conn, FAILING, now - 8 * DAY, ["b"])
    assert await notices.forget_notices(conn, now - 7 * DAY, (crash,), now - DAY) == 2
    assert await owed(conn) == [(FAILING, "a", False)]
