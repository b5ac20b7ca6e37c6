"""Article pages: read where robots.txt lets us, extracted where it can be killed; a hostile one costs only itself."""

import contextlib
import time

import pytest

from bot.errors import FetchFailed
from bot.feeds.parse import ParseLimits, Parser
from bot.feeds.robots import KEPT, UNREACHED, Robots
from tests.feeds.server import in_turn, page, redirect

URL = "https://courrier.example/nouvelle"
SENTENCES = (
    "La Ville de Rivière-aux-Cormes accueillera quarante familles réfugiées au printemps.",
    "Le conseil a voté un budget de 310 000 $ pour les loger dans l’ancien couvent.",
    "La mairesse Odile Tremblay promet des cours de français dès le mois de mars.",
)
GOOD = f"<html><body><article><h1>Un couvent</h1><p>{' '.join(SENTENCES)}</p></article></body></html>".encode()
NESTED = b"<html><body>" + b"<div>" * 100_000 + b"x"
HOSTILE = {
    "half a megabyte of nested div": NESTED,
    "attributes without end": b"<html><body><p " + b" ".join(b"a%d=b" % n for n in range(150_000)) + b">x</p>",
    "an entity bomb": b"<!DOCTYPE h [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(
        b"<!ENTITY a%d '&a%s;&a%s;'>" % (n, str(n - 1 or "").encode(), str(n - 1 or "").encode()) for n in range(1, 40)
    )
    + b"]><html><body><p>&a39;</p></body></html>",
    "one line of two megabytes": b"<html><body><p>" + b"a" * 2_000_000 + b"</p></body></html>",
    "zeros": b"\x00" * 500_000,
}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def robots(fetcher, clock):
    return Robots(fetcher, clock)


@pytest.fixture
def article(site):
    return site.url("/nouvelle")


async def test_a_host_without_robots_txt_lets_us_read(robots, article):
    assert await robots.allow(article)


async def test_robots_txt_is_obeyed_and_asked_for_once_a_day(robots, site, article, clock):
    site.page("/robots.txt", b"User-agent: Guetteur\nDisallow: /abonnes/\n")
    assert await robots.allow(article)
    assert not await robots.allow(site.url("/abonnes/1"))
    assert site.hits["/robots.txt"] == 1
    clock.now += KEPT + 1
    site.page("/robots.txt", b"User-agent: *\nDisallow: /\n")
    assert not await robots.allow(article)
    assert site.hits["/robots.txt"] == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page(b"", 404), True),
        (page(b"", 403), True),
        (page(b"", 410), True),
        (page(b"", 429), False),
        (page(b"", 500), False),
        (page(b"", 503), False),
        (redirect("/robots.txt"), True),
    ],
    ids=["404", "403", "410", "429", "500", "503", "a loop of redirects"],
)
async def test_a_refused_robots_txt_is_read_as_its_standard_says(robots, site, article, answer, expected):
    site.on("/robots.txt", answer)
    assert await robots.allow(article) is expected


async def test_a_server_in_trouble_is_asked_again_minutes_later_and_not_at_each_page(robots, site, article, clock):
    site.on("/robots.txt", in_turn(page(b"", 503), page(b"User-agent: *\nDisallow: /abonnes/\n")))
    assert not await robots.allow(article)
    assert not await robots.allow(article)
    assert site.hits["/robots.txt"] == 1
    clock.now += UNREACHED
    assert await robots.allow(article)


async def test_what_a_host_said_yesterday_stands_while_it_is_in_trouble(robots, site, article, clock):
    site.on("/robots.txt", in_turn(page(b"User-agent: *\nDisallow: /abonnes/\n"), page(b"", 500)))
    assert await robots.allow(article)
    clock.now += KEPT
    assert await robots.allow(article)
    assert not await robots.allow(site.url("/abonnes/1"))


async def test_a_host_that_no_one_answers_for_is_closed(robots):
    assert not await robots.allow("http://127.0.0.1:1/nouvelle")


async def test_a_page_becomes_its_article_in_the_process():
    async with Parser() as parser:
        found = await parser.article(
            GOOD.replace(b"<body>", b'<body><script>{"isAccessibleForFree": false}</script>'), URL
        )
    assert found.text == " ".join(SENTENCES)
    assert found.paywalled


async def test_a_hostile_page_costs_its_own_article_and_no_other():
    async with Parser(ParseLimits(seconds=5, processes=1)) as parser:
        started = time.monotonic()
        for hostile in HOSTILE.values():
            with contextlib.suppress(FetchFailed):
                assert (await parser.article(hostile, URL)).text.count(" ") == 0
            assert (await parser.article(GOOD, URL)).text == " ".join(SENTENCES)
        assert time.monotonic() - started < 30


async def test_a_page_that_takes_too_long_or_too_much_is_given_up():
    for limits in (ParseLimits(seconds=0.01, processes=1), ParseLimits(memory_bytes=48 * 1024 * 1024, processes=1)):
        async with Parser(limits) as parser:
            with pytest.raises(FetchFailed, match="parser_killed"):
                await parser.article(GOOD, URL)
            assert parser._idle == []
