"""A document cut to its unseen items gives what the whole document gives for them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FetchFailed
from bot.feeds.parse.cut import cut, fingerprint
from bot.feeds.parse.read import read_document
from tests.feeds.samples import atom, atom_entry, item, rss

BASE = "https://journal.example/fil.xml"
CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "feeds"


def marks_of(blocks):
    return [blocks[at : at + 16] for at in range(0, len(blocks), 16)]


def read(content, known=""):
    return read_document(content, "", BASE, known)


def test_known_items_are_left_out_byte_for_byte():
    xml = rss(item(1), item(2), item(3))
    marks = marks_of(cut(xml, "").blocks)
    part = cut(xml, marks[0] + marks[2])
    assert part.left_out == 2
    assert part.slices == (xml.replace(item(1).encode(), b"").replace(item(3).encode(), b""),)
    assert part.blocks == "".join(marks)


def test_a_feed_of_known_items_leaves_its_frame():
    xml = rss(item(1), item(2))
    part = cut(xml, cut(xml, "").blocks)
    assert (part.slices, part.left_out) == ((rss(),), 2)


def test_an_edited_item_is_not_known():
    before = cut(rss(item(1), item(2)), "").blocks
    after = read(rss(item(1, title="Corrigé"), item(2)), before)
    assert [entry.title for entry in after.entries] == ["Corrigé (1)"]
    assert after.total == 2


@pytest.mark.parametrize(
    "xml",
    [
        b"<rss><item></rss>",  # not well formed
        b"<!DOCTYPE rss [<!ENTITY e 'x'>]>" + rss(item(1))[39:],
        rss("<item><title>T</title><item><title>U</title></item></item>"),
        rss("<item/>"),
        rss("<it><item/></it>"),
        rss(item(1).replace("<title>", "<x:title>").replace("</title>", "</x:title>")),  # a prefix nobody declared
        rss("<item><title>&eacute;</title></item>"),
        b"",
    ],
)
def test_what_expat_and_the_strict_parser_do_not_vouch_for_is_parsed_whole(xml):
    assert cut(xml, "") == cut(xml, "0" * 16)
    assert cut(xml, "").slices == (xml,)
    assert cut(xml, "").blocks == ""


@pytest.mark.parametrize(
    "again",
    [
        item(3).replace("journal-3", "journal-1"),
        item(3).replace("/a/3<", "/a/1<"),
        item(3).replace(">journal-3<", "><![CDATA[journal-1]]><"),
    ],
)
def test_items_that_share_a_name_are_never_left_out(again):
    xml = rss(item(1), item(2), again)
    known = "".join(fingerprint(one.encode()) for one in (item(1), item(2), again))
    part = cut(xml, known)
    assert (part.slices, part.left_out, part.blocks) == ((xml,), 0, "")


def test_markers_inside_text_and_comments_are_not_items():
    tricky = rss(
        "<!-- <item><title>non</title></item> -->",
        item(1, summary="lu : <item> et </item>"),
        "<item><title><![CDATA[</item><item>]]></title><guid>x</guid></item>",
        item(2),
    )
    whole = read(tricky)
    assert len(marks_of(whole.blocks)) == whole.total == 3
    for place, mark in enumerate(marks_of(whole.blocks)):
        part = read(tricky, whole.blocks.replace(mark, ""))
        assert part.entries == (whole.entries[place],)


def test_a_long_document_is_read_in_slices_with_the_same_result():
    items = [item(n, summary=f"Texte {n}") for n in range(1_203)]
    xml = rss(*items)
    assert len(cut(xml, "").slices) == 3
    document = read(xml)
    assert document.total == 1_203
    assert [entry.summary for entry in document.entries] == [f"Texte {n}" for n in range(1_203)]


DOCUMENTS = st.lists(st.integers(0, 30), max_size=8, unique=True).flatmap(
    lambda numbers: st.tuples(
        st.just(numbers),
        st.sampled_from(["rss", "atom"]),
        st.lists(st.sampled_from(numbers or [0]), max_size=8),
        st.sampled_from(["\n", "", "<!-- <item> -->", "<cloud/>\n"]),
    )
)


@settings(deadline=None)
@given(DOCUMENTS)
def test_any_document_cut_anywhere_gives_the_same_entries(document):
    numbers, kind, known, between = document
    one, frame = (item, rss) if kind == "rss" else (atom_entry, atom)
    xml = frame(*[between + one(n) for n in numbers])
    whole = read(xml)
    part = read(xml, "".join(fingerprint(one(n).encode()) for n in known))
    assert part.entries == tuple(entry for n, entry in zip(numbers, whole.entries, strict=True) if n not in known)
    assert (part.total, part.blocks, part.hints, part.title) == (whole.total, whole.blocks, whole.hints, whole.title)


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captures are not beside the project")
def test_every_capture_cut_to_one_item_gives_that_item():
    cut_documents = 0
    for file in sorted(CAPTURES.rglob("*.xml")):
        try:
            whole = read(file.read_bytes())
        except FetchFailed:
            continue
        marks = marks_of(whole.blocks)
        if not marks:
            continue
        cut_documents += 1
        assert len(marks) == whole.total, file
        for place in {0, len(marks) // 2, len(marks) - 1}:
            part = read(file.read_bytes(), whole.blocks.replace(marks[place], ""))
            assert part.entries == tuple(
                e for e, mark in zip(whole.entries, marks, strict=True) if mark == marks[place]
            ), file
            assert (part.total, part.hints, part.title, part.link) == (
                whole.total,
                whole.hints,
                whole.title,
                whole.link,
            ), file
    assert cut_documents > 500
