"""Subscription lists, in and out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.feeds.opml import read_opml, to_feeds, write_opml
from bot.feeds.parse import Outline, ParseLimits, Parser
from bot.model import FeedSpec, SourceClass

LIST = b"""<?xml version="1.0"?>
<opml version="2.0"><body>
<outline text="Presse"><outline type="rss" text="L&#8217;\xc3\x89cho d&apos;ici" xmlUrl="https://echo.example/fil?a=1&amp;b=2"/>
<outline type="rss" title="CSN" xmlUrl="https://csn.example/feed/" category="/union,/fr"/></outline>
<outline type="rss" text="L'\xc3\x89cho d'ici" xmlUrl="http://echo.example/sports"/>
<outline type="rss" text="" xmlUrl="http://sans-titre.example/rss"/>
</body></opml>"""


@pytest.fixture
async def parser():
    async with Parser(ParseLimits(seconds=1)) as opened:
        yield opened


async def refused(content, parser):
    with pytest.raises(ConfigError) as failed:
        await read_opml(content, "liste.opml", "fr", parser)
    return failed.value.problems


async def test_a_list_becomes_feeds(parser):
    assert await read_opml(LIST, "liste.opml", "en", parser, taken=["csn"]) == (
        FeedSpec("l-echo-d-ici", "https://echo.example/fil?a=1&b=2", "L’Écho d'ici", "en"),
        FeedSpec("csn-2", "https://csn.example/feed/", "CSN", "fr", SourceClass.UNION),
        FeedSpec("l-echo-d-ici-2", "http://echo.example/sports", "L'Écho d'ici", "en"),
        FeedSpec("sans-titre-example", "http://sans-titre.example/rss", "sans-titre.example", "en"),
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "aucun fil"),
        (b"bonjour", "aucun fil"),
        (b"<opml version='2.0'><body/></opml>", "aucun fil"),
        (b"<html><body>Connexion</body></html>", "aucun fil"),
        (b" " * 1_100_000 + LIST, "1 Mio"),
        (
            b"<opml>" + b"".join(b'<outline xmlUrl="http://a.example/%d"/>' % n for n in range(501)),
            "501 fils ; 500 au plus",
        ),
    ],
)
async def test_what_is_no_list_of_feeds_is_refused_in_words(parser, content, words):
    [problem] = await refused(content, parser)
    assert words in str(problem)
    assert problem.mend


async def test_every_address_that_cannot_be_fetched_is_told_at_once(parser):
    outlines = (
        b'<opml><outline text="A" xmlUrl="ftp://a.example/"/><outline text="B" xmlUrl="http://u:p@b.example/"/></opml>'
    )
    problems = await refused(outlines, parser)
    assert len(problems) == 2
    assert "« A »" in str(problems[0])


async def test_entities_are_not_expanded(parser):
    bomb = b'<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>' + LIST.replace(
        b'text=""', b'text="&b;"'
    )
    assert not any("root:" in feed.outlet for feed in await read_opml(bomb, "liste.opml", "fr", parser))


async def test_a_list_made_to_take_minutes_is_given_up(parser):
    slow = (
        b'<opml><outline xmlUrl="http://a.example/" category="'
        + b",".join(b"/a%d" % n for n in range(100_000))
        + b'"/></opml>'
    )
    [problem] = await refused(slow, parser)
    assert "aucun fil lisible" in str(problem)


FEEDS = st.lists(
    st.builds(
        FeedSpec,
        id=st.just(""),
        url=st.sampled_from(["https://a.example/fil", "http://b.example/?x=1&y='2'", "https://c.example/é"]),
        outlet=st.text(
            st.characters(categories=["L", "N", "P", "S"], exclude_characters="<>&"), min_size=1, max_size=40
        ),
        language=st.sampled_from(["fr", "en"]),
        source_class=st.sampled_from(SourceClass),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda feed: feed.url,
)


@given(FEEDS)
def test_what_goes_out_comes_back_save_for_the_ids(feeds):
    from bot.feeds.parse.outlines import read_outlines

    back = to_feeds(read_outlines(write_opml(feeds)), "liste.opml", "fr")
    assert [replace(feed, id="") for feed in back] == feeds
    assert len({feed.id for feed in back}) == len(feeds)


@given(st.lists(st.builds(Outline, st.just("https://a.example/"), st.text(max_size=100), st.just(())), max_size=30))
def test_any_titles_give_ids_that_are_free_and_well_formed(outlines):
    feeds = to_feeds(outlines, "liste.opml", "fr", taken=["fil", "a-example"])
    ids = [feed.id for feed in feeds]
    assert len(set(ids)) == len(ids)
    assert all(0 < len(one) <= 64 and one == one.lower() and one not in {"fil", "a-example"} for one in ids)
