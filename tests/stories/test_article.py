"""An article is what its author wrote, whatever the page around it; hostile pages are refused at once."""

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import Entry
from bot.stories.article import Article, extract_article, needs_article
from bot.stories.robots import allowed
from bot.stories.summary import AT_MOST, summarise
from bot.text.sentences import sentences

# Thirty pages in six layouts: marked up, bare divs, cards, newsletter boxes, comments. What the author wrote is marked
# `data-own`, which no extractor knows; everything else is furniture.
PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
FACTS = json.loads((Path(__file__).parent / "pages" / "facts.json").read_text("utf-8"))
OWN = re.compile(r"<(p|div) data-own>(.*?)</\1>", re.DOTALL)
LIMIT = 400


def own_paragraphs(page):
    return [html.unescape(re.sub(r"<span.*?</span>", "", own)) for _, own in OWN.findall(page)]


def read(path):
    page = path.read_text("utf-8")
    return page, extract_article(path.read_bytes(), "https://courrier.example/2026/11/24/article")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_an_article_is_what_its_author_wrote_and_nothing_else(path):
    page, article = read(path)
    paragraphs = own_paragraphs(page)
    assert len(paragraphs) > 3
    lines = article.text.splitlines()
    assert [line for line in lines if not any(line.endswith(own) or own in line for own in paragraphs)] == []
    assert sum(any(own in line for line in lines) for own in paragraphs) >= len(paragraphs) - 1
    assert article.title
    assert not article.paywalled


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_summarised_in_whole_sentences_of_its_author(path):
    page, article = read(path)
    written = " ".join(own_paragraphs(page))
    summary = summarise(article.title, article.text, "fr" if '<html lang="fr">' in page else "en", limit=LIMIT)
    assert 0 < len(summary) <= LIMIT
    assert 1 < len(sentences(summary)) <= AT_MOST
    for sentence in sentences(summary):
        assert sentence.text in written
        assert re.search(r"[.!?](?:\s*[»”])?$", sentence.text)
    for fact in FACTS[path.name]:
        assert fact in summary


def test_the_agreement_on_welcoming_immigrants_gives_who_what_how_much_and_how_long():
    _, article = read(next(path for path in PAGES if "umq-mifi" in path.name))
    summary = summarise(article.title, article.text, "fr")
    for fact in ("UMQ", "MIFI", "entente", "643 000 $", "trois ans", "personnes immigrantes"):
        assert fact in summary


def timed(page):
    began = datetime.now(UTC)
    article = extract_article(page, "https://courrier.example/")
    return article, (datetime.now(UTC) - began).total_seconds()


@pytest.mark.parametrize(
    "page",
    [b"<div>" * 100_000, b"<b>" * 160_000, b"<ul><li>" * 60_000, b"<p>" * 160_000, b"<table><tr><td>" * 30_000],
    ids=["divs", "bold", "lists", "paragraphs", "tables"],
)
def test_a_page_of_nested_tags_is_refused_at_once(page):
    article, seconds = timed(page)
    assert article == Article()
    assert seconds < 2


def test_what_is_no_page_gives_no_article():
    for page in (b"", b"\x00\xff\xfe", b"%PDF-1.7", b"<html></html>", b"x" * 3_000_001):
        assert extract_article(page, "https://courrier.example/").text == ""


@pytest.mark.parametrize(
    "mark",
    [
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>',
        '<script type="application/ld+json">{"isAccessibleForFree":"False"}</script>',
        '<meta property="article:content_tier" content="locked">',
        "<p>Cet article est réservé aux abonnés.</p>",
        "<p>Il vous reste 72.4% de cet article à lire.</p>",
        "<p>Subscribe to continue reading.</p>",
    ],
)
def test_a_paywall_is_noticed(mark):
    page = (
        f"<html><head></head><body><article><h1>Titre</h1><p>Le maire a signé lundi.</p>{mark}</article></body></html>"
    )
    assert extract_article(page.encode(), "https://courrier.example/").paywalled


def test_a_page_is_read_when_the_feed_says_too_little():
    link = "https://courrier.example/a"
    told = (
        "Le conseil a adopté son budget lundi soir à Belair, après trois heures de débats animés entre les élus. " * 4
    )
    assert needs_article(Entry("Titre", link))
    assert needs_article(Entry("Titre", link, summary="Une seule phrase courte."))
    assert needs_article(Entry("Titre", link, summary=told + "Mais le maire a…"))
    assert not needs_article(Entry("Titre", link, summary=told))
    assert not needs_article(Entry("Titre", link, summary="Court.", body=told))
    assert not needs_article(Entry("Titre", None))


ROBOTS = """
User-agent: *
Disallow: /admin        # comments count for nothing
Allow: /admin/public
Disallow: /*?print
Disallow: /*.pdf$
Disallow: /%C3%A9t%C3%A9

User-Agent: guetteur/1.0
User-agent: Autre
Disallow: /secret
Crawl-delay: 10
User-agent: Libre
Disallow:
"""


@pytest.mark.parametrize(
    ("agent", "path", "expected"),
    [
        ("Visiteur", "/admin/1", False),
        ("Visiteur", "/admin/public/1", True),
        ("Visiteur", "/article?print=1", False),
        ("Visiteur", "/a/b.pdf", False),
        ("Visiteur", "/a/b.pdf.html", True),
        ("Visiteur", "/été/1", False),
        ("Visiteur", "", True),
        ("Visiteur", "/robots.txt", True),
        ("Guetteur", "/admin/1", True),
        ("Guetteur", "/secret/1", False),
        ("Guetteur/0.1 (+https://example.org)", "/secret/1", False),
        ("autre", "/secret", False),
        ("Libre", "/secret", True),
    ],
)
def test_robots_txt_is_read_as_its_standard_says(agent, path, expected):
    assert allowed(ROBOTS, agent, f"https://courrier.example{path}") is expected


def test_no_robots_txt_allows_everything():
    assert allowed("", "Guetteur", "https://courrier.example/admin")
    assert allowed("User-agent: *\nDisallow: /", "Guetteur", "https://courrier.example/x") is False
