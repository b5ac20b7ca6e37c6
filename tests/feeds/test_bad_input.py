"""Everything that publishers and attackers send, over real HTTP, fetched and parsed: a cause or the items, and nobody waits."""

import asyncio
import gzip
import time

import pytest

from bot.errors import FetchFailed
from bot.feeds.fetch import Fetcher
from bot.feeds.parse import ParseLimits, Parser
from tests.feeds.conftest import limits
from tests.feeds.samples import atom, atom_entry, item, rss
from tests.feeds.server import drip, endless, hang, head, in_turn, page, raw, redirect

FEED = rss(item(1), item(2))
LATIN = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>Élu</title></item></channel></rss>'
)

CAUSES = {
    "a drip": (drip(FEED, 0.02), "too_slow"),
    "silence before the headers": (hang(), "timeout"),
    "silence after the headers": (hang(head(200, Content_Length=100)), "timeout"),
    "an endless body": (endless(head(200), bytes(100_000)), "too_big"),
    "a bomb": (page(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"), "too_big"),
    "500 MB announced": (raw(head(200, Content_Length=500_000_000), b"<rss>"), "too_big"),
    "a redirect onto itself": (redirect("/bad"), "redirect_loop"),
    "a redirect to a private address": (redirect("http://10.0.0.1/"), "forbidden_address"),
    "a redirect to a file": (redirect("file:///etc/passwd"), "bad_redirect"),
    "nothing": (page(b""), "empty"),
    "a sign-in page": (page(b"<!DOCTYPE html><html>Connexion</html>", Content_Type="application/rss+xml"), "html_page"),
    "a picture": (page(b"\x89PNG\r\n\x1a\n" + bytes(1_000), Content_Type="text/xml"), "not_a_feed"),
    "200,000 nested tags": (page(b'<rss version="2.0"><channel>' + b"<a>" * 200_000), "parser_killed"),
    "a challenge": (page(b"<title>Just a moment...</title>", 503, Server="cloudflare"), "cloudflare"),
    "gone for good": (page(b"", 410), "http_410"),
}  # fmt: skip

TOTALS = {
    "a wrong content type": (page(FEED, Content_Type="text/html"), 2),
    "half a body": (page(FEED[: FEED.rindex(b"<description>")]), 2),
    "a first hiccup": (in_turn(raw(), raw(), page(FEED)), 2),
    "100,000 comments": (page(rss("<!-- x -->" * 50_000 + item(1))), 1),
    "control bytes": (page(FEED.replace(b"e", b"e\x00\x08")), 2),
    "UTF-16": (page(FEED.decode().replace("utf-8", "utf-16").encode("utf-16")), 2),
    "Windows bytes that say UTF-8": (page(LATIN.encode("cp1252")), 1),
    "an Atom feed without an end": (page(atom(atom_entry(1), atom_entry(2))[:-7]), 2),
    "no item": (page(rss()), 0),
    "2,000 items": (page(rss(*[item(n) for n in range(2_000)])), 2_000),
}  # fmt: skip


@pytest.fixture
async def doors(site):
    short = limits(site.here, total=1.2, idle=0.6, per_host=30)
    async with Fetcher(short) as fetcher, Parser(ParseLimits(seconds=2)) as parser:
        await parser.parse(FEED, "", site.url())  # the first process has started
        yield fetcher, parser


async def read(doors, url):
    fetcher, parser = doors
    answer = await fetcher.get(url)
    return await parser.parse(answer.content, answer.content_type, answer.url)


@pytest.mark.parametrize("name", CAUSES)
async def test_bad_input_has_a_cause_and_holds_up_nobody(site, doors, name):
    handler, cause = CAUSES[name]
    site.on("/bad", handler)
    site.page("/good", FEED)
    bad = asyncio.create_task(read(doors, site.url("/bad")))
    await asyncio.sleep(0)
    started = time.perf_counter()
    assert (await read(doors, site.url("/good"))).total == 2
    assert time.perf_counter() - started < 2
    with pytest.raises(FetchFailed) as failed:
        await bad
    assert failed.value.cause == cause


@pytest.mark.parametrize("name", TOTALS)
async def test_odd_input_gives_its_items(site, doors, name):
    handler, total = TOTALS[name]
    site.on("/odd", handler)
    assert (await read(doors, site.url("/odd"))).total == total
