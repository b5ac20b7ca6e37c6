"""What a body says, whatever its format, charset and manners."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FetchFailed
from bot.feeds.memory import Hints
from bot.feeds.parse.charset import to_text, to_xml
from bot.feeds.parse.document import pack_document, pack_entry, unpack_document, unpack_entry
from bot.feeds.parse.read import read_document
from bot.model import Entry
from tests.feeds.samples import atom, atom_entry, item, rss

BASE = "https://journal.example/fil.xml"


def read(content, content_type="", base=BASE, known=""):
    return read_document(content, content_type, base, known)


def cause(content, content_type=""):
    with pytest.raises(FetchFailed) as failed:
        read(content, content_type)
    return failed.value.cause


def test_rss_becomes_a_document():
    document = read(rss(item(1), item(2)))
    assert (document.version, document.title, document.link, document.total) == (
        "rss20",
        "Le Fil",
        "https://journal.example/",
        2,
    )
    assert document.entries[0] == Entry(
        title="Le conseil adopte son budget (1)",
        link="https://journal.example/a/1",
        guid="journal-1",
        summary="Le vote a eu lieu lundi.",
        published_at=datetime(2026, 3, 10, 5, 5, tzinfo=UTC),
    )


def test_atom_becomes_a_document():
    document = read(atom(atom_entry(1)))
    assert (document.version, document.self_url) == ("atom10", "https://journal.example/atom")
    assert document.entries == (
        Entry(
            title="L’entente n° 1",
            link="https://journal.example/a/1",
            guid="urn:journal:1",
            summary="Résumé 1",
            body="Corps 1",
            published_at=datetime(2026, 3, 10, 5, 0, tzinfo=UTC),
            language="fr",
        ),
    )


def test_rss_1_becomes_a_document():
    document = read(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Fil</title></channel>'
        b'<item rdf:about="https://journal.example/1"><title>Un</title><link>https://journal.example/1</link>'
        b"<dc:date>2026-03-10T15:00:00Z</dc:date><dc:creator>A. Tremblay</dc:creator></item></rdf:RDF>"
    )
    [entry] = document.entries
    assert document.version == "rss10"
    assert (entry.title, entry.author, entry.published_at) == (
        "Un",
        "A. Tremblay",
        datetime(2026, 3, 10, 15, tzinfo=UTC),
    )


def test_a_body_beyond_the_summary_is_kept_apart():
    wrapped = item(1).replace("</item>", "<content:encoded>&lt;p&gt;Tout le texte.&lt;/p&gt;</content:encoded></item>")
    feed = rss(wrapped).replace(b"<rss ", b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" ')
    [entry] = read(feed).entries
    assert (entry.summary, entry.body) == ("Le vote a eu lieu lundi.", "Tout le texte.")


def test_a_lone_body_is_no_summary():
    alone = "<item><title>T</title><content:encoded>Tout le texte.</content:encoded></item>"
    feed = rss(alone).replace(b"<rss ", b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" ')
    [entry] = read(feed).entries
    assert (entry.summary, entry.body) == ("", "Tout le texte.")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("L&amp;#039;immigration", "L'immigration"),
        ("L&#039;immigration &amp;amp; le travail", "L'immigration & le travail"),
        ("<![CDATA[Maire &eacute;lu <b>hier</b>]]>", "Maire élu hier"),
        ("Hausse de 3 % &lt; 5 %", "Hausse de 3 % < 5 %"),
        ("\n   Deux\n   lignes ", "Deux lignes"),
    ],
)
def test_a_title_is_plain_text(written, shown):
    assert read(rss(f"<item><title>{written}</title></item>")).entries[0].title == shown


@pytest.mark.parametrize(
    ("links", "link"),
    [
        ("<link>/a/1</link>", "https://journal.example/a/1"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link></link><guid>https://journal.example/p/1</guid>", None),
        ("<guid>https://journal.example/p/1</guid>", "https://journal.example/p/1"),
        ("<guid isPermaLink='false'>p1</guid>", None),
    ],
)
def test_a_link_is_absolute_or_none(links, link):
    assert read(rss(f"<item><title>T</title>{links}</item>")).entries[0].link == link


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("Tue, 10 Mar 2026 15:00:00 GMT", (15, 0)),
        ("Tue, 10 Mar 2026 11:00:00 EDT", (15, 0)),
        ("2026-03-10T11:00:00-04:00", (15, 0)),
        ("mar., 10 mars 2026 11:00:00 -0400", (15, 0)),
        ("10 mars 2026 à 11 h 05", (11, 5)),
        ("mardi 10 mars 2026", (0, 0)),
    ],
)
def test_a_date_is_read_as_publishers_write_it(written, at):
    feed = rss(f"<item><title>T</title><pubDate>{written}</pubDate></item>")
    assert read(feed).entries[0].published_at == datetime(2026, 3, 10, *at, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["", "hier", "Thu, 01 Jan 1970 00:00:00 GMT", "99 mars 2026", "Tue, 10 Mar 99999 15:00:00 GMT"]
)
def test_an_impossible_date_is_no_date(written):
    feed = rss(f"<item><title>T</title><pubDate>{written}</pubDate></item>")
    assert read(feed).entries[0].published_at is None


def test_what_the_publisher_asks_is_read():
    channel = (
        "<title>F</title><ttl>90</ttl><skipHours><hour>0</hour><hour>24</hour><hour>5</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>Dimanche</day></skipDays><sy:updatePeriod>hourly</sy:updatePeriod>"
        "<sy:updateFrequency>2</sy:updateFrequency>"
    )
    feed = rss(item(1), channel=channel).replace(
        b"<rss ", b'<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    )
    assert read(feed).hints == Hints(ttl=timedelta(minutes=90), skip_hours=(0, 5), skip_days=(6,))


def test_a_hub_and_its_topic_are_read():
    feed = rss(
        channel='<title>F</title><atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="/fil.xml"/>'
    ).replace(b"<rss ", b'<rss xmlns:atom="http://www.w3.org/2005/Atom" ')
    document = read(feed)
    assert (document.hub, document.self_url) == ("https://hub.example/", BASE)


def test_an_empty_feed_is_a_feed():
    assert read(rss()).total == 0


def test_a_truncated_feed_gives_what_it_has():
    whole = rss(item(1), item(2), item(3))
    cut_short = whole[: whole.rindex(b"<description>")]
    assert [entry.guid for entry in read(cut_short).entries] == ["journal-1", "journal-2", "journal-3"]


@pytest.mark.parametrize(
    "junk",
    [b"\n\n  ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"Warning: mysql_connect() in /x.php on line 3\n", b"\x00\x00"],
)
def test_junk_before_the_prolog_is_passed_over(junk):
    assert read(junk + rss(item(1))).total == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "html_page"),
        (b"<!-- x -->\n<HTML><title>Connexion</title></HTML>", "html_page"),
        (b"hello", "not_a_feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_feed"),
        (b"<opml version='2.0'><body/></opml>", "not_a_feed"),
        (b"<!--" * 100_000, "not_a_feed"),
        (b'{"a": 1}', "not_a_feed"),
        (b"{", "not_a_feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000, "not_a_feed"),
    ],
)
def test_what_is_no_feed_says_what_it_looks_like(content, why):
    assert cause(content) == why


TEXT = "Québec – « l’été » à Montréal, œuvre"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", None, ""),
        ("utf-8", "iso-8859-1", ""),  # the declaration lies
        ("utf-8", "utf-8", "text/xml"),  # RFC 3023 would have said us-ascii
        ("utf-8", "utf-8", "application/xml; charset=iso-8859-1"),  # the server lies
        ("utf-8-sig", "utf-8", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "utf-8", ""),
        ("cp1252", None, "text/xml; charset=windows-1252"),
        ("cp1252", "nawak", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-16-be", "utf-8", ""),
        ("utf-32", "utf-32", ""),
        ("mac-roman", "macintosh", ""),
    ],
)
def test_a_text_is_read_whatever_its_charset_and_what_is_said_of_it(encoding, declared, content_type):
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    feed = f'{prolog}<rss version="2.0"><channel><item><title>{TEXT}</title></item></channel></rss>'
    assert read(feed.encode(encoding), content_type).entries[0].title == TEXT


def test_one_stray_byte_does_not_spoil_the_rest():
    assert to_text("été ".encode() + b"\xe9" + " été".encode()) == "été é été"


def test_japanese_in_seven_bits_is_not_taken_for_ascii():
    feed = '<?xml version="1.0" encoding="iso-2022-jp"?><rss version="2.0"><channel><item><title>新聞</title></item></channel></rss>'
    assert read(feed.encode("iso-2022-jp")).entries[0].title == "新聞"


@pytest.mark.parametrize(
    "name", ["base64", "rot13", "idna", "punycode", "unicode_escape", "utf-7", "zip", "x" * 500, "..", "utf-8\x00"]
)
def test_a_charset_that_is_none_is_ignored(name):
    assert to_text(b"abc\xe9", f"text/xml; charset={name}") == "abcé"


@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_bytes_become_well_encoded_xml(content, content_type):
    text = to_xml(content, content_type).decode("utf-8")
    assert "\x00" not in text


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Fil",
    "home_page_url": "https://journal.example/",
    "language": "fr-CA",
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {
            "id": 7,
            "url": "/a/7",
            "title": "L&#8217;entente",
            "content_html": "<p>Corps</p>",
            "summary": "Résumé",
            "date_published": "2026-03-10T11:00:00-04:00",
            "authors": [{"name": "A"}, {"name": "B"}],
            "tags": ["travail", 3],
        },
        {
            "id": "8",
            "external_url": "https://ailleurs.example/",
            "content_text": "2 < 3 & <b>",
            "date_modified": "2026-03-10",
        },
        "rien",
    ],
}


def test_a_json_feed_becomes_a_document():
    document = read(json.dumps(JSON_FEED).encode(), "application/feed+json")
    assert (document.version, document.total, document.language, document.hub) == (
        "json1",
        2,
        "fr",
        "https://hub.example/",
    )
    assert document.entries == (
        Entry(
            title="L’entente",
            link="https://journal.example/a/7",
            guid="7",
            summary="Résumé",
            body="Corps",
            published_at=datetime(2026, 3, 10, 15, tzinfo=UTC),
            author="A, B",
            categories=("travail",),
        ),
        Entry(
            title="",
            link="https://ailleurs.example/",
            guid="8",
            body="2 < 3 & <b>",
            published_at=datetime(2026, 3, 10, tzinfo=UTC),
        ),
    )


def test_a_known_json_item_is_left_out():
    whole = read(json.dumps(JSON_FEED).encode())
    assert read(json.dumps(JSON_FEED).encode(), known=whole.blocks).entries == ()
    edited = {**JSON_FEED, "items": [{**JSON_FEED["items"][0], "title": "Corrigé"}, JSON_FEED["items"][1]]}
    again = read(json.dumps(edited).encode(), known=whole.blocks)
    assert ([entry.title for entry in again.entries], again.total) == (["Corrigé"], 2)


def test_json_items_that_share_an_id_are_always_read_whole():
    doubled = {**JSON_FEED, "items": [{"id": "1", "title": "A"}, {"id": "1", "title": "B"}]}
    whole = read(json.dumps(doubled).encode())
    assert (whole.total, whole.blocks) == (2, "")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*JSON_FEED["items"][0], "name"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.lists(JUNK, max_size=4), JUNK)
def test_any_json_feed_is_read_or_refused(items, other):
    content = json.dumps({**JSON_FEED, "title": other, "hubs": other, "items": items}).encode()
    document = read(content)
    assert document.total == len(document.entries) == sum(isinstance(one, dict) for one in items)


PIECES = st.sampled_from(
    ["<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<entry>", "<link>", "</link>", "<guid>1</guid>",
     "<![CDATA[", "]]>", "<!--", "-->", "&eacute;", "&#0;", "&", "<", "\x00", "\x0b", "texte", "<?xml", "?>", "<!DOCTYPE x [", "]>",
     "<!ENTITY a 'b'>", "xmlns:a='b'", "<a:b>", "</rss>", "{", "\ud800"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")))
def test_any_soup_is_read_or_refused_with_a_cause(soup):
    try:
        document = read(soup)
    except FetchFailed as failed:
        assert failed.cause in {"empty", "html_page", "not_a_feed", "parser_failed"}  # noqa: PT017
    else:
        assert document.total == len(document.entries)


def test_a_document_crosses_the_pipe_unchanged():
    document = read(rss(item(1), channel="<title>F</title><ttl>5</ttl>"))
    assert json.loads(json.dumps(pack_document(document))) == {**json.loads(json.dumps(pack_document(document)))}
    [entry] = document.entries
    assert unpack_entry(json.loads(json.dumps(pack_entry(entry)))) == entry
    bare = unpack_document(json.loads(json.dumps(pack_document(document))))
    assert (bare.hints, bare.title, bare.blocks) == (document.hints, document.title, document.blocks)
