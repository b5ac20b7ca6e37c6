"""Addresses: what is one page, what is another, and what a log may show."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.urls import absolute_url, canonical_url, loggable_url

PAGE = "https://journal.example/a/1"


@pytest.mark.parametrize(
    "twin",
    [
        "http://journal.example/a/1",
        "HTTPS://Journal.EXAMPLE./a/1",
        "https://journal.example:443/a/1",
        "http://journal.example:80/a/1/",
        "https://www.journal.example/a/1",
        "https://m.journal.example/a/1",
        "https://www.mobile.journal.example//a/1",
        "https://amp.journal.example/a/1",
        "https://journal.example/a/1/amp/",
        "https://journal.example/amp/a/1",
        "https://journal.example/a/1.amp",
        "https://journal.example/a/1?amp",
        "https://journal.example/a/1?outputType=amp",
        "https://journal-example.cdn.ampproject.org/c/s/journal.example/a/1",
        "https://www.google.com/amp/s/journal.example/a/1/amp",
        "https://journal.example/a/1?utm_source=rss&utm_medium=feed&fbclid=IwAR0x",
        "https://journal.example/a/1?at_medium=RSS&at_campaign=KARANGA",
        "https://journal.example/a/1?xtor=RSS-3-%5Bfil%5D",
        "https://journal.example/a/1?cmp=rss",
        "https://journal.example/a/1?ref=rss",
        "https://journal.example/a/1;jsessionid=0123456789ABCDEF",
        "https://journal.example/(S(abcdefghij0123456789))/a/1",
        "https://journal.example/a/1?PHPSESSID=0123456789abcdef0123456789abcdef",
        "https://journal.example/%61/1",
        "https://journal.example/a/1#commentaires",
        "https://lecteur:secret@journal.example/a/1",
        "  https://journal.example/a/1\n",
    ],
)
def test_twins_of_a_page_are_one(twin):
    assert canonical_url(twin) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://journal.example/a/1", "https://journal.example/a/2"),
        ("https://journal.example/a?id=1", "https://journal.example/a?id=2"),
        (
            "https://journal.example/a?sid=101",
            "https://journal.example/a?sid=102",
        ),  # an article's number, not a session
        ("https://journal.example/a?ref=2024-101", "https://journal.example/a?ref=2024-102"),
        ("https://journal.example/a?from=appalaches", "https://journal.example/a?from=outaouais"),
        ("https://journal.example/A", "https://journal.example/a"),  # a path has case
        ("https://journal.example:8080/a", "https://journal.example/a"),
        ("https://journal.example/#!/a", "https://journal.example/#!/b"),
        ("https://journal.example/amphitheatre", "https://journal.example/"),
        ("https://montreal.journal.example/a", "https://journal.example/a"),
    ],
)
def test_different_pages_stay_apart(one, other):
    assert canonical_url(one) != canonical_url(other)


def test_the_order_of_parameters_does_not_matter():
    assert canonical_url("https://a.example/?b=2&a=1") == canonical_url("https://a.example/?a=1&b=2")


def test_a_host_with_accents_is_its_ascii_twin():
    assert canonical_url("https://québec.example/x") == canonical_url("https://xn--qubec-csa.example/x")


def test_a_two_label_host_named_m_is_not_emptied():
    assert canonical_url("https://m.example/x") == "https://m.example/x"


@pytest.mark.parametrize(
    "odd", ["", "mailto:a@b.example", "urn:uuid:1", "http://[::1", "https://a.example:99999/x", "//"]
)
def test_what_is_no_web_address_comes_back_as_it_is(odd):
    assert canonical_url(odd) == odd


PARTS = st.sampled_from(
    ["http://", "https://", "www.", "m.", "amp.", "a.example", "/", "//", "/amp", "/AMP.html", ".amp", ".html", "%2F", "%25",
     "%zz", "%E9", ";jsessionid=1", "?", "&", "utm_source=x", "id=1", "ref=rss", "#", "#!", "é", " ", ":80", ":8443", "@", "..",
     "www.google.ca/amp/s/", "x.cdn.ampproject.org/c/"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=12).map("".join) | st.text(max_size=60))
@example("https://a.example/amp/amp/x/amp//amp")
@example("https://a.example/%252Famp")
@example("https://www.google.com/amp/s/www.google.com/amp/s/a.example/x/amp")
def test_folding_twice_changes_nothing(url):
    assert canonical_url(canonical_url(url)) == canonical_url(url)


@pytest.mark.alone
def test_a_hostile_address_is_folded_in_linear_time():
    started = time.perf_counter()
    for piece in ("/amp", "//", "?a=1&", ";sid=", "%25", "www.", "(S(", "https://www.google.com/amp/s/"):
        canonical_url("https://a.example/" + piece * (4_000 // len(piece)))
        canonical_url("https://www.google.com/amp/s/" + piece * 100_000)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("/a/1", "https://journal.example/a/1"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("?id=2", "https://journal.example/fil?id=2"),
        (" https://a.example/x\n y ", "https://a.example/x%20y"),
        ("https://a.example/\xa0b", "https://a.example/%C2%A0b"),
        ("www.journal.example/a/1", "https://www.journal.example/a/1"),
        ("https://a.example/é", "https://a.example/é"),
    ],
)
def test_a_link_becomes_absolute(link, absolute):
    assert absolute_url(link, "https://journal.example/fil") == absolute


@pytest.mark.parametrize(
    "link",
    [None, "", "javascript:alert(1)", "mailto:a@b.example", "tag:a.example,2026:1", "http://", "http://[::1/x",
     "https://a.example:99999999/", "https://a:b@c.example/", "https://a.example/" + "x" * 5_000],
)  # fmt: skip
def test_what_a_reader_could_not_open_is_no_link(link):
    assert absolute_url(link, "https://journal.example/fil") is None


def test_a_log_shows_neither_user_nor_query():
    assert loggable_url("https://moi:motdepasse@a.example/fil.xml?jeton=abc#x") == "https://a.example/fil.xml"
    assert loggable_url("https://a.example/x@y?q=1") == "https://a.example/x@y"


@given(st.text(max_size=300))
def test_a_log_line_is_short_and_has_no_query(url):
    shown = loggable_url(url)
    assert len(shown) <= 200
    assert "?" not in shown
