import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.rich import Rich, address, bold, italic, joined, link, only_plain, text
from bot.ops.botapi_rules import read_html, units
from tests.alerts.samples import HOSTILE


def test_text_is_always_escaped():
    assert text("<b>&amp;</b>").html == "&lt;b&gt;&amp;amp;&lt;/b&gt;"
    assert text("<b>&amp;</b>").plain == "<b>&amp;</b>"


def test_a_tag_around_nothing_is_nothing():
    assert bold(text("")) == italic(Rich()) == link(text(""), "https://a.example") == Rich()


def test_a_link_to_anything_but_a_web_page_is_its_text():
    for url in ("javascript:alert(1)", "tg://resolve?domain=x", "", "pas une adresse", "https://", "https://[::1"):
        assert link(text("titre"), url) == text("titre")


def test_an_address_that_shows_another_host_than_it_opens_is_none():
    assert address("https://ville.example@piege.example/") == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://a.example/é?x=1&y=2#z ", "https://a.example/é?x=1&y=2#z"),
        ('https://a.example/"><b>', "https://a.example/%22%3E%3Cb%3E"),
        ("https://a.example/a b\u202ec", "https://a.example/a%20b%E2%80%AEc"),
        ("https://a.example/%C3%A9", "https://a.example/%C3%A9"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
    ],
)
def test_an_address_keeps_its_letters_and_loses_what_could_end_it(typed, kept):
    assert address(typed) == kept


def test_an_address_longer_than_two_thousand_characters_is_none():
    assert address("https://a.example/" + "x" * 1900)
    assert address("https://a.example/" + "x" * 2000) == ""
    assert address("https://a.example/?" + "&" * 1000) == ""  # as markup it is longer


def test_what_is_only_for_the_plain_twin_counts_for_it_alone():
    piece = bold(text("titre")) + only_plain("\nhttps://a.example")
    assert (piece.html, piece.plain, piece.size) == ("<b>titre</b>", "titre\nhttps://a.example", 5)


def test_joining_skips_what_is_empty():
    assert joined(", ", [Rich(), text("a"), text(""), text("b")]).plain == "a, b"
    assert joined(", ", []) == Rich()


@pytest.mark.parametrize(
    ("piece", "fits"),
    [
        (text("a" * 4096), True),
        (text("a" * 4097), False),
        (text("🛂" * 2049), False),
        (only_plain("a" * 4097), False),
        (joined("", [bold(text("a"))] * 100), True),
        (joined("", [bold(text("a"))] * 101), False),
        (joined("", [link(text("a"), "https://a.example/" + "x" * 1900)] * 16), False),
    ],
)
def test_a_piece_fits_by_units_of_both_twins_by_entities_and_by_bytes(piece, fits):
    assert piece.fits is fits


PIECES = st.recursive(
    st.builds(text, HOSTILE),
    lambda inner: st.one_of(
        st.builds(bold, inner),
        st.builds(italic, inner),
        st.builds(link, inner, st.text() | st.just("https://a.example/?a=1&b='\"<>")),
        st.builds(joined, st.text(max_size=3), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)


@given(PIECES)
def test_whatever_is_built_telegram_reads_the_same_text_and_counts_the_same_size(piece):
    seen, entities = read_html(piece.html)
    assert seen == piece.plain
    assert units(seen) == piece.size
    assert len(entities) <= piece.entities
