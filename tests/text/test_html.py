"""What a feed puts in a title or a summary, as a person would read it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.html import LONGEST, html_to_text, one_line, tidy_text


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("Le maire d&eacute;missionne", "Le maire démissionne"),
        ("L&amp;#039;immigration", "L'immigration"),  # escaped twice, as many French feeds do
        ("Entente &amp;amp; accord", "Entente & accord"),
        ("<p>Un.</p><p>Deux.</p>", "Un.\nDeux."),
        ("Un<br/>deux", "Un\ndeux"),
        ("<ul><li>Un</li><li>Deux</li></ul>", "Un\nDeux"),
        ("<td>Gaspé</td><td>15 000</td>", "Gaspé 15 000"),
        ("un<b>e</b> seule", "une seule"),
        ("&lt;p&gt;Escaped &lt;b&gt;markup&lt;/b&gt;&lt;/p&gt;", "Escaped markup"),
        ("hausse de 2 < 3 % & plus", "hausse de 2 < 3 % & plus"),
        ("I <3 Montréal", "I <3 Montréal"),
        ("a<script>alert('</p>')</script>b", "a b"),
        ("a<STYLE>p{}</style >b", "a b"),
        ("a<!-- <b>caché</b> -->b", "ab"),
        ("a<!-- jamais fermé", "a"),
        ("a<script>jamais fermé", "a"),
        ("<![CDATA[Un titre]]>", "Un titre"),
        ('<a title="2 > 1" href="x">lien</a>', "lien"),
        ('<a title="oubli>lien</a> suite', "lien suite"),
        ("lu <img src='x' alt='", "lu"),
        ("fin <b", "fin <b"),
        ("a\u200bb\xadc\ufeff\x00\x1fd\u202e", "abcd"),
        ("14\xa0h\xa030, «\u202foui\u202f»", "14\xa0h\xa030, «\u202foui\u202f»"),
        ("trop \xa0  d'espaces &nbsp;&nbsp; ici", "trop d'espaces ici"),
        ("e\u0301le\u0300ve", "élève"),
        ("\ud83d seul", "seul"),
        ("&#xD800;&#99999999999;x", "\ufffd\ufffdx"),
        ("&#" + "9" * 5_000 + ";x", "\ufffdx"),
        ("\n\n  \r\n ", ""),
    ],
)
def test_a_fragment_reads_as_its_page_would(fragment, text):
    assert html_to_text(fragment) == text


def test_text_that_was_never_markup_keeps_what_looks_like_it():
    assert tidy_text(" 2 < 3 &amp; <b>\u200b\n\n fin ") == "2 < 3 &amp; <b>\nfin"
    assert tidy_text("un deux trois", limit=9) == "un deux"


def test_a_title_stays_on_one_line():
    assert one_line("Québec<br>Montréal", 100) == "Québec Montréal"


def test_a_long_text_is_cut_at_a_blank():
    assert html_to_text("un deux trois", limit=9) == "un deux"
    assert html_to_text("x" * 50, limit=9) == "x" * 9


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<a '", '<a "', "<!--", "<![CDATA[", "<script>", "</", "&", "&#", "&amp;", "&lt;", "<b>", "<p ='>", "e\u0301\u0327",
     " \n", "\n\t", "<a title='\">", "<br", "<div a=", "\xa0 "],
)  # fmt: skip
@pytest.mark.alone
def test_a_hostile_fragment_costs_no_more_than_a_long_one(piece):
    started = time.perf_counter()
    html_to_text(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 1.5


FRAGMENTS = st.lists(
    st.sampled_from(["<p>", "</p>", "<a href='x'>", "<!--", "-->", "<script>", "</script>", "&amp;", "&lt;", "&eacute;", "é", " ",
                     "\n", "mot", "<", ">", "'", '"', "<![CDATA[", "]]>", "\u0301", "\ud800"])
    | st.text(max_size=4), max_size=30).map("".join)  # fmt: skip


@given(FRAGMENTS)
def test_any_fragment_gives_clean_short_text(fragment):
    text = html_to_text(fragment)
    assert len(text) <= LONGEST
    assert text == text.strip()
    assert "\r" not in text
    assert "  " not in text
    text.encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_characters="<>&", exclude_categories=["C", "Z", "M"]), max_size=200))
def test_text_without_markup_comes_through_as_it_is(text):
    assert html_to_text(text) == text
