"""From a page's address to its feeds."""

import pytest

from bot.errors import FetchFailed
from bot.feeds.discovery import discover, find_feeds, guess_feeds
from bot.feeds.parse import Parser
from tests.feeds.samples import item, rss
from tests.feeds.server import page

PAGE = "https://journal.example/actualites/"


@pytest.fixture
async def parser():
    async with Parser() as opened:
        yield opened


@pytest.mark.parametrize(
    ("html", "feeds"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/fil.xml">', ["https://journal.example/fil.xml"]),
        ("<LINK HREF='a.atom' TYPE='application/atom+xml; charset=utf-8' REL='alternate nofollow' />", [f"{PAGE}a.atom"]),
        ("<link rel=alternate type=application/feed+json href=/feed.json>", ["https://journal.example/feed.json"]),
        ('<base href="https://cdn.example/"><link rel="alternate" type="text/xml" href="x">', ["https://cdn.example/x"]),
        ('<link rel="alternate" type="application/rss+xml" href="/?a=1&amp;b=2">', ["https://journal.example/?a=1&b=2"]),
        ('<link rel="stylesheet" type="text/css" href="/rss.css">', []),
        ('<link rel="alternate" hreflang="en" href="/en">', []),
        ('<a href="/flux-rss/politique.xml">RSS</a> <a href="/rss">Fils</a>', ["https://journal.example/flux-rss/politique.xml", "https://journal.example/rss"]),
        ('<a href="/article-sur-le-feedback">x</a><a href="/presse">y</a>', []),
        ('<a href="javascript:rss">x</a>', []),
    ],
)  # fmt: skip
def test_a_page_names_its_feeds(html, feeds):
    assert list(find_feeds(html, PAGE)) == feeds


def test_comment_feeds_come_last_and_each_feed_once():
    html = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        for href in ("/comments/feed/", "/feed/", "/feed", "https://www.journal.example/feed/")
    )
    assert find_feeds(html, PAGE) == ("https://journal.example/feed/", "https://journal.example/comments/feed/")


def test_the_usual_places_are_guessed_the_section_first():
    guesses = guess_feeds(PAGE)
    assert guesses[0] == "https://journal.example/actualites/rss"
    assert "https://journal.example/feed/" in guesses
    assert len(set(guesses)) == len(guesses)


async def test_an_address_that_is_a_feed_is_its_own_finding(site, fetcher, parser):
    site.page("/fil", rss(*[item(n) for n in range(5)]))
    [found] = await discover(site.url("/fil"), fetcher, parser)
    assert (found.url, found.title, found.total) == (site.url("/fil"), "Le Fil", 5)
    assert [entry.guid for entry in found.glimpse] == ["journal-0", "journal-1", "journal-2"]


async def test_the_feeds_a_page_declares_are_tried_and_shown(site, fetcher, parser):
    site.page(
        "/",
        b'<html><link rel="alternate" type="application/rss+xml" href="/morte"><link rel="alternate"'
        b' type="application/rss+xml" href="/vive"><a href="/rss/page">RSS</a></html>',
        Content_Type="text/html",
    )
    site.page("/vive", rss(item(1)))
    site.page("/rss/page", b"<html>Nos fils</html>")
    assert [found.url for found in await discover(site.url("/"), fetcher, parser)] == [site.url("/vive")]


async def test_without_a_word_from_the_page_the_usual_places_are_tried(site, fetcher, parser):
    site.page("/section", b"<html></html>")
    site.page("/section/rss", rss(item(1)))
    site.page("/feed/", rss(item(2)))
    assert [found.url for found in await discover(site.url("/section"), fetcher, parser)] == [
        site.url("/section/rss"),
        site.url("/feed/"),
    ]


async def test_a_page_that_cannot_be_read_says_why(site, fetcher, parser):
    site.on("/", page(b"", 403))
    with pytest.raises(FetchFailed, match="http_403"):
        await discover(site.url("/"), fetcher, parser)


async def test_a_page_without_feeds_finds_none(site, fetcher, parser):
    site.page("/", b"<html>rien</html>")
    assert await discover(site.url("/"), fetcher, parser) == ()


def test_a_hostile_page_is_searched_in_linear_time():
    for piece in ("<link ", "<a href=", "<a href='x' ", '<link rel="', "<base href=x>", "<link a=b c=d e=f>"):
        find_feeds(piece * (2_000_000 // len(piece)), PAGE)
