"""The sample newsroom: what it serves is shaped like real feeds, and it answers like a real server."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import aiohttp
import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.ops.newsroom import MOMENTS, SAMPLES, Newsroom, fill, open_newsroom

BASE = "http://127.0.0.1:8099"
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
BROKEN = "hebdo.xml"  # a web page where a feed should be
LOOSE = "echo.xml"  # badly formed, and read all the same
PLACEHOLDER = re.compile(r"\{(?:base|latest|rfc822|iso)\b")


def standing(moment: int) -> dict[str, str]:
    """The text of every feed at a moment: a later file replaces an earlier one."""
    texts: dict[str, str] = {}
    for name in MOMENTS[:moment]:
        texts |= {file.name: fill(file.read_text("utf-8"), BASE, NOW) for file in (SAMPLES / name).iterdir()}
    return texts


def entries(name: str, text: str) -> list[dict]:
    """What a reader finds in one feed, as {title, summary, link, date}."""
    if name.endswith(".json"):
        found = json.loads(text)["items"]
        return [
            {
                "id": str(entry["id"]),
                "title": entry["title"],
                "summary": entry.get("content_text") or entry.get("content_html", ""),
                "link": entry["url"],
            }
            for entry in found
        ]
    parsed = feedparser.parse(text.encode())
    return [
        {
            "id": entry.get("id", entry.get("link")),
            "title": entry.title,
            "summary": entry.get("summary", ""),
            "link": entry.link,
            "date": entry.get("published_parsed") or entry.get("updated_parsed"),
        }
        for entry in parsed.entries
    ]


def all_entries(moment: int) -> list[dict]:
    return [entry for name, text in standing(moment).items() for entry in entries(name, text)]


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_every_sample_parses_as_it_is_meant_to(moment):
    for name, text in standing(moment).items():
        if name.endswith(".json"):
            assert json.loads(text)["version"].startswith("https://jsonfeed.org/version/1")
            continue
        parsed = feedparser.parse(text.encode())
        if name == BROKEN:
            assert (parsed.version, parsed.entries) == ("", []), "a web page is no feed"
        elif name == LOOSE:
            assert parsed.bozo, "the Écho is badly formed on purpose"
            assert parsed.entries
        else:
            assert not parsed.bozo, (name, parsed.get("bozo_exception"))
            assert parsed.entries


def test_every_entry_of_a_good_feed_has_a_title_a_link_and_a_date():
    for name, text in standing(3).items():
        for entry in entries(name, text):
            assert entry["title"].strip(), name
            assert entry["link"].startswith(f"{BASE}/"), name
            assert entry.get("date", True), (name, entry["title"])


def test_no_placeholder_is_left_in_what_is_served():
    left = [name for text in (standing(1), standing(2), standing(3)) for name in text if PLACEHOLDER.search(text[name])]
    assert left == []
    newsroom = Newsroom(BASE, NOW)
    for moment in (1, 2, 3):
        newsroom.turn(moment)
        assert not [path for path, body in newsroom._edition.items() if PLACEHOLDER.search(body.decode())]


def test_the_samples_are_a_whole_day_in_both_languages():
    old, day = all_entries(1), all_entries(2)
    assert len(day) >= 70
    assert len(day) - len(old) >= 60, "most of the news is the morning's"
    assert len({entry["id"] for entry in day}) == len(day)
    assert {entry["id"] for entry in old} <= {entry["id"] for entry in day}, "yesterday's still stand in the morning"
    languages = {feed["language"] for feed in YAML(typ="safe").load(Newsroom(BASE, NOW).feeds_yaml())["feeds"]}
    assert languages == {"fr", "en"}


def test_the_morning_holds_the_three_topics_and_what_looks_like_them():
    words = {
        "immigration": r"immigra|demandeurs d.asile|étudiants? étrangers?|travailleurs étrangers|permanent residence",
        "municipalities": r"municipal|mairesse|taxes|borough council",
        "labour": r"grève|syndiqu|salaire minimum|chômage|mises à pied|lock-out|strike|foreign workers",
        "traps": r"oiseaux migrateurs|copropriété|étudiante|locataire|butterflies|pitcher|le maire|tracteurs|météo|recette",
    }
    fresh = {entry["id"] for entry in all_entries(1)}
    titles = [entry["title"].lower() for entry in all_entries(2) if entry["id"] not in fresh]
    counts = Counter(name for title in titles for name, pattern in words.items() if re.search(pattern, title))
    assert counts["immigration"] >= 5
    assert counts["municipalities"] >= 5
    assert counts["labour"] >= 8
    assert counts["traps"] >= 8


def test_one_event_is_told_by_several_outlets_in_other_words():
    told = [entry for entry in all_entries(2) if "640" in entry["title"] + entry["summary"]]
    assert len(told) == 4
    assert len({entry["title"] for entry in told}) == 4
    assert len({entry["summary"] for entry in told}) == 4


def test_the_samples_hold_the_hard_cases():
    day = {entry["title"]: entry for entry in all_entries(2)}
    hostile = next(title for title in day if "<script>" in title)
    assert "<b>" in hostile
    assert "@tous /start" in hostile
    assert "\u202e" in hostile
    assert day["Lock-out à la cimenterie de Joliette"]["summary"] == "", "a headline alone"
    old = next(entry for title, entry in day.items() if title.startswith("Pénurie de main-d"))
    assert datetime(*old["date"][:6], tzinfo=UTC) < NOW - timedelta(days=365)
    assert sum("utm_" in entry["link"] for entry in day.values()) > 20


def test_noon_changes_one_feed_by_one_story_and_leaves_every_other_byte():
    newsroom = Newsroom(BASE, NOW)
    newsroom.turn(2)
    morning = dict(newsroom._edition)
    newsroom.turn(3)
    noon = newsroom._edition
    assert [path for path in noon if noon[path] != morning.get(path)] == ["/flux/boreale.xml"]
    before, after = (
        {entry["id"] for entry in entries("boreale.xml", edition["/flux/boreale.xml"].decode())}
        for edition in (morning, noon)
    )
    assert len(after - before) == 1
    assert before <= after


def test_the_union_story_has_a_title_alone_and_its_page_ends_with_cards_about_labour():
    story = next(
        entry for entry in all_entries(2) if entry["link"].partition("?")[0].endswith("entente-immigration.html")
    )
    assert story["summary"] == ""
    page = Newsroom(BASE, NOW)._edition[story["link"].partition("?")[0].removeprefix(BASE)].decode()
    article, cards = page.split("RECOMMANDÉS POUR VOUS")
    assert "643\u00a0000\u00a0$ sur trois ans" in article
    assert re.search("grève|syndicat|convention collective", cards)
    assert not re.search("grève|syndicat|convention collective", article)


def test_the_bot_reads_the_feed_file_without_a_mistake(tmp_path):
    from bot.feeds.file import load_feeds

    file = tmp_path / "feeds.yaml"
    file.write_text(Newsroom(BASE, NOW).feeds_yaml(), "utf-8")
    read = load_feeds(file)
    assert {feed.url.removeprefix(f"{BASE}/flux/") for feed in read.feeds} == set(standing(3))
    assert {feed.source_class for feed in read.feeds} == {"press", "government", "union"}


@given(text=st.text(alphabet=st.sampled_from("{}:-0123456789 base iso rfc822 mhd\n")))
def test_filling_leaves_other_braces_alone(text):
    filled = fill(text, "", NOW)
    if "{base}" not in text and not re.search(r"\{(iso|rfc822):-\d+[mhd]\}", text):
        assert filled == text


def test_dates_are_written_as_each_format_wants_them():
    assert fill("{rfc822:-35m}|{iso:-2h}|{iso:-1d}", BASE, NOW) == (
        "Tue, 10 Mar 2026 14:25:00 GMT|2026-03-10T13:00:00Z|2026-03-09T15:00:00Z"
    )


def test_a_moment_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="moment 4"):
        Newsroom(BASE, NOW).turn(4)


async def test_the_server_answers_like_a_newsroom():
    async with open_newsroom(NOW) as newsroom, aiohttp.ClientSession(auto_decompress=False) as client:
        feeds = YAML(typ="safe").load(newsroom.feeds_yaml())["feeds"]
        assert len(feeds) == 8
        for feed in feeds:
            async with client.get(feed["url"]) as response:
                assert response.status == 200, feed["id"]
                assert response.headers["Content-Encoding"] == "gzip"
        url = f"{newsroom.base}/flux/boreale.xml"
        async with client.get(url) as first:
            tag = first.headers["ETag"]
        async with client.get(url, headers={"If-None-Match": tag}) as again:
            assert again.status == 304
            assert await again.read() == b""
        newsroom.turn(2)
        async with client.get(url, headers={"If-None-Match": tag, "Accept-Encoding": "identity"}) as changed:
            assert changed.status == 200
            assert "Content-Encoding" not in changed.headers
            assert newsroom.base.encode() in await changed.read()
        assert newsroom.hits["/flux/boreale.xml"] == 4


async def test_the_server_has_pages_robots_and_a_name_for_what_it_lacks():
    async with open_newsroom(NOW) as newsroom, aiohttp.ClientSession() as client:
        for path, status, kind in (
            ("/robots.txt", 200, "text/plain"),
            ("/boreale/rimouski-budget-taxes.html", 200, "text/html"),
            ("/flux/carrefour.json", 200, "application/feed+json"),
            ("/nulle-part.html", 404, "text/html"),
        ):
            async with client.get(newsroom.base + path) as response:
                assert (response.status, response.content_type) == (status, kind), path


async def test_the_server_stops_with_its_block_and_leaves_its_port_free():
    async with open_newsroom(NOW) as newsroom:
        port = int(newsroom.base.rpartition(":")[2])
    async with open_newsroom(NOW, port) as again:
        assert again.base == newsroom.base
