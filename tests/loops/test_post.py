"""Alerts reach the operator's own program: signed, once it can take them, and none is lost on the way."""

import base64
import hmac
import json
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select

from bot.events import AlertPosted
from bot.feeds.fetch import Fetcher, limits_to
from bot.loops.post import HELD, Poster
from bot.ops.metrics import count
from bot.settings import Settings, signing_key
from bot.store import outgoing as rows
from bot.store.tables import outgoing
from tests.feeds.server import hang, in_turn, open_site, page, redirect
from tests.loops.newsroom import rss, watching
from tests.store.facts import add_feed, tell

SECRET = "whsec_" + base64.b64encode(b"une cle assez longue pour signer").decode()
NEWS = ("permis", "640 permis de travail prolongés à Matane et à Gaspé")


@pytest.fixture
async def program():
    async with open_site() as opened:
        opened.page("/alertes", b"", 204)
        yield opened


@asynccontextmanager
async def posting(database, program, clock, facts, path="/alertes", seconds=5.0):
    settings = Settings(_env_file=None, post_url=program.url(path), post_secret=SECRET)
    async with Fetcher(limits_to(settings, settings.post_url, seconds)) as fetcher:
        key = signing_key(settings.post_secret)
        yield Poster(database, fetcher, settings.post_url, key, facts.append, clock)


async def left(database) -> int:
    async with database.read() as conn:
        return (await conn.execute(select(func.count()).select_from(outgoing))).scalar_one()


async def owe(database, now, keys=("k1",)):
    await add_feed(database, now)
    for key in keys:
        alert_id, _ = await tell(database, now, key)
        async with database.write() as conn:
            await rows.owe(conn, alert_id, now)
            await rows.owe(conn, alert_id, now)


def is_ours(request) -> bool:
    """As a receiver would check it: standardwebhooks.com, "Verifying signatures"."""
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    mac = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")
    return hmac.compare_digest(request.headers["webhook-signature"], f"v1,{base64.b64encode(mac).decode()}")


async def test_an_alert_is_owed_in_its_own_commit_and_posted_once_signed(sqlite_database, site, program, tmp_path, now):
    site.page("/a", rss(now))
    given = {"post_url": program.url("/alertes"), "post_secret": SECRET}
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}, **given) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS))
        await watch.round()
        assert await left(sqlite_database) == 1
        async with posting(sqlite_database, program, watch.clock, watch.facts) as poster:
            await poster.post_due()
            await poster.post_due()
    (request,) = program.requests
    told = json.loads(request.body)
    assert is_ours(request)
    assert told["type"] == "alert"
    assert told["data"]["title"] == NEWS[1]
    assert "immigration" in told["data"]["topics"]
    assert told["data"]["id"] == request.headers["webhook-id"]
    assert await left(sqlite_database) == 0


async def test_nothing_is_owed_where_no_program_was_named(sqlite_database, site, tmp_path, now):
    site.page("/a", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as watch:
        await watch.round()
        site.page("/a", rss(now, NEWS))
        await watch.round()
    assert await left(sqlite_database) == 0


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (page(b"", 503), "http_5xx"),
        (page(b"", 401), "http_401"),
        (hang(b""), "too_slow"),
        (redirect("/b"), "bad_redirect"),
    ],
)
async def test_what_is_refused_or_lost_is_tried_again_later_under_the_same_id(
    sqlite_database, program, now, answer, cause
):
    await owe(sqlite_database, now)
    program.on("/alertes", in_turn(answer, page(b"", 204)))
    at, facts = [now], []
    async with posting(sqlite_database, program, lambda: at[0], facts, seconds=0.5) as poster:
        await poster.post_due()
        assert facts == [AlertPosted(1, "put_off", cause)]
        at[0] += timedelta(seconds=5)
        await poster.post_due()
        assert len(program.requests) == 1
        at[0] += timedelta(seconds=30)
        await poster.post_due()
    assert facts[-1] == AlertPosted(1, "sent", "")
    assert len({request.headers["webhook-id"] for request in program.requests}) == 1
    assert await left(sqlite_database) == 0
    for fact in facts:
        count(fact)


async def test_a_program_that_is_down_costs_one_request_a_round_and_loses_nothing(sqlite_database, program, now):
    await owe(sqlite_database, now, ("k1", "k2", "k3"))
    program.page("/alertes", b"", 503)
    async with posting(sqlite_database, program, lambda: now, []) as poster:
        await poster.post_due()
    assert program.hits["/alertes"] == 1
    assert await left(sqlite_database) == 3


async def test_what_a_crash_left_claimed_comes_back_and_is_held_by_one_process(database, program, now):
    await owe(database, now, ("k1", "k2"))
    async with database.write() as conn:
        assert [one.tries for one in await rows.claim_owed(conn, now, now + HELD, 10)] == [1, 1]
    async with database.write() as conn:
        assert await rows.claim_owed(conn, now, now + HELD, 10) == []
    async with posting(database, program, lambda: now + HELD, []) as poster:
        await poster.post_due()
    assert program.hits["/alertes"] == 2
    assert await left(database) == 0


async def test_after_three_days_it_is_given_up(sqlite_database, program, now):
    await owe(sqlite_database, now)
    program.page("/alertes", b"", 500)
    facts = []
    async with posting(sqlite_database, program, lambda: now + timedelta(days=3), facts) as poster:
        await poster.post_due()
    assert facts == [AlertPosted(1, "given_up", "http_5xx")]
    assert await left(sqlite_database) == 0


@pytest.mark.parametrize("secret", ["", "court", base64.b64encode(b"trop court").decode(), "é" * 40])
def test_an_address_without_a_secret_that_signs_is_refused(secret):
    with pytest.raises(ValidationError, match="openssl rand"):
        Settings(_env_file=None, post_url="https://programme.example/alertes", post_secret=SecretStr(secret))
