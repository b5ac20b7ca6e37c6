"""The alerts as feeds: valid for a stranger's reader and for ours, the same ids each time, 304 for who has them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.render import TopicLabel
from bot.feeds.parse.read import read_document
from bot.model import Alert, Mention, SourceClass
from bot.ops.syndicate import Channel, feed_routes, id_of, write_atom, write_json
from bot.ops.web import serve_web

NOW = datetime(2026, 11, 24, 19, 30, 12, 345678, tzinfo=UTC)
TOPICS = {"immigration": TopicLabel({"fr": "Immigration", "en": "Immigration"}, "🧳")}
CHANNEL = Channel("immigration", TOPICS["immigration"], "https://bot.example.org/feeds/immigration.atom", "fr")


def alert(number=1, title="Des permis & des visas prolongés", **changed):
    mentions = tuple(
        Mention(outlet, SourceClass.PRESS, title, "https://a.example/1", None, NOW)
        for outlet in ("Le Courrier", "L’Écho")
    )
    made = Alert(
        number, number, title, f"https://a.example/{number}?a=1&b=2", "Deux phrases. L’une après l’autre.", "fr",
        ("immigration", "labour"), (), 1.25, mentions, NOW - timedelta(hours=number),
    )  # fmt: skip
    return replace(made, **changed)


ALERTS = (alert(1), alert(2, "Une grève"))


async def yes():
    return True


async def get(path, alerts=ALERTS, **headers):
    async def latest(topic):
        return alerts if topic == "immigration" else ()

    routes = feed_routes(latest, lambda: TOPICS, "https://bot.example.org", "fr")
    async with serve_web("127.0.0.1:0", yes, routes=routes) as base, ClientSession() as session:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.get(base + path, headers=headers) as answer:
            return answer, await answer.read()


async def test_a_strangers_reader_understands_the_atom_feed():
    answer, body = await get("/feeds/immigration.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(body)
    assert (read.bozo, read.version) == (False, "atom10")
    assert read.feed.title == "Guetteur\u00a0: Immigration"
    assert [link.href for link in read.feed.links if link.rel == "self"] == [
        "https://bot.example.org/feeds/immigration.atom"
    ]
    first = read.entries[0]
    assert first.link == ALERTS[0].url
    assert [author.name for author in first.authors] == ["Le Courrier", "L’Écho"]
    assert {tag.term for tag in first.tags} == {"immigration", "labour"}
    for entry in read.entries:
        assert {"id", "title", "updated"} <= set(entry)


async def test_the_json_feed_holds_what_version_1_1_requires():
    answer, body = await get("/feeds/immigration.json")
    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = json.loads(body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert isinstance(item["content_text"], str)
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert [author["name"] for author in item["authors"]] == ["Le Courrier", "L’Écho"]


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_our_own_reader_finds_in_them_what_was_told(form):
    answer, body = await get(f"/feeds/immigration.{form}")
    entries = read_document(body, answer.headers["Content-Type"], "https://bot.example.org/").entries
    assert [entry.title for entry in entries] == [one.title for one in ALERTS]
    assert [entry.guid for entry in entries] == [id_of(one) for one in ALERTS]
    assert [entry.link for entry in entries] == [one.url for one in ALERTS]


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_who_holds_the_same_bytes_gets_304(form):
    path = f"/feeds/immigration.{form}"
    answer, _ = await get(path)
    again, body = await get(path, If_None_Match=answer.headers["ETag"])
    assert (again.status, body) == (304, b"")
    by_date, _ = await get(path, If_Modified_Since=answer.headers["Last-Modified"])
    assert by_date.status == 304
    grown, _ = await get(path, (alert(0), *ALERTS), If_None_Match=answer.headers["ETag"])
    assert grown.status == 200
    later, _ = await get(path, (alert(0), *ALERTS), If_Modified_Since=answer.headers["Last-Modified"])
    assert later.status == 200


@pytest.mark.parametrize("path", ["/feeds/hockey.atom", "/feeds/immigration.rss", "/feeds/..%2f.atom"])
async def test_what_is_no_topic_or_no_form_is_not_found(path):
    assert (await get(path))[0].status == 404


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_a_topic_that_told_nothing_yet_is_a_valid_empty_feed(form):
    answer, body = await get(f"/feeds/immigration.{form}", ())
    assert read_document(body, answer.headers["Content-Type"], "https://bot.example.org/").entries == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_publisher_writes_the_feeds_stay_well_formed(title, summary):
    odd = (alert(1, title, summary=summary, url="https://a.example/" + title),)
    assert not feedparser.parse(write_atom(CHANNEL, odd)).bozo
    assert json.loads(write_json(CHANNEL, odd))["items"][0]["title"] == title
