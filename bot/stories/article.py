"""An HTML page → the article in it, as plain text; and whether a page is worth reading at all.

Feeds often give one sentence. The linked page gives the rest, surrounded by menus, cards, forms and comments:
trafilatura keeps the article where the page is marked up, and what it lets through on bare `div`s is cut at its
marker lines (`text/boilerplate`). Written to run in a killable process: `extract_article` takes and gives plain
picklable data, and refuses before parsing what would take it minutes (half a megabyte of nested `div`s takes 100 s).
Never fetches, and never evades a paywall: what a page gives for free is read, and `paywalled` says there was more.
"""

import logging
import re
from dataclasses import dataclass
from typing import Final

from bot.model import Entry
from bot.stories.quotable import fullest, is_furniture, without_captions
from bot.text.boilerplate import cut_boilerplate
from bot.text.fold import fold
from bot.text.sentences import sentences

LARGEST_PAGE: Final = 3_000_000  # bytes
_DEEPEST: Final = 150  # elements inside each other; pages of news stay under 60
_MOST_TAGS: Final = 60_000
_LONGEST_TEXT: Final = 30_000  # characters

_STOPS: Final = (".", "!", "?", "…", "»", "”", '"', ":", ";", ")")
_SURELY_A_PARAGRAPH: Final = 140  # characters

ENOUGH_SENTENCES: Final = 3
ENOUGH_CHARACTERS: Final = 350


@dataclass(frozen=True, slots=True)
class Article:
    """`text` holds a paragraph a line; "" when the page has none. `paywalled`: the page says that this is not all."""

    title: str = ""
    text: str = ""
    paywalled: bool = False


def needs_article(entry: Entry) -> bool:
    """Whether the feed tells so little that its page should be read: under three sentences, or a truncated text."""
    if not entry.link:
        return False
    told = fullest(entry.title, entry.summary, entry.body)
    if len(told) < ENOUGH_CHARACTERS or _TRUNCATED.search(told):
        return True
    return len(sentences(told)) < ENOUGH_SENTENCES


def extract_article(html: bytes, url: str) -> Article:
    """The article of a page fetched from `url`; an empty one when the page is no article, or is too large to parse.

    Heavy (tens of milliseconds of CPU) and, on a hostile page, slow: run it where it can be killed.
    """
    if len(html) > LARGEST_PAGE or _too_deep(html):
        return Article()
    import trafilatura  # more than a second to import: only those who read pages pay it
    from trafilatura.settings import Document

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it takes a page without text for an error
    found = trafilatura.bare_extraction(
        html,
        url=url,
        include_comments=False,
        include_tables=False,
        favor_precision=True,
        with_metadata=True,
        prune_xpath=_FURNITURE,
    )
    paywalled = _says_paywalled(html)
    if not isinstance(found, Document):
        return Article(paywalled=paywalled)
    title = (found.title or "").strip()
    return Article(title, _article_text(found.text or "", title), paywalled)


def _article_text(text: str, title: str) -> str:
    """The paragraphs of an extract: without captions, headings, furniture and the title on top."""
    heading = fold(title)
    lines = (line.strip() for line in cut_boilerplate(without_captions(text[:_LONGEST_TEXT])).splitlines())
    return "\n".join(line for line in lines if _is_paragraph(line) and fold(line) != heading)


def _is_paragraph(line: str) -> bool:
    """Share bars, bylines and headings end without a full stop; a paragraph hardly ever does."""
    return (line.endswith(_STOPS) or len(line) > _SURELY_A_PARAGRAPH) and not is_furniture(line)


# ── Before parsing ───────────────────────────────────────────────────────────────────────────────────────────────────

_TAG: Final = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_NEVER_CLOSED: Final = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th".split()
)


def _too_deep(html: bytes) -> bool:
    """Counts elements inside each other without building a tree; tags that may stay open are not counted."""
    depth = 0
    for count, tag in enumerate(_TAG.finditer(html)):
        if tag[2].lower() not in _NEVER_CLOSED:
            depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST or count > _MOST_TAGS:
            return True
    return False


# ── What the page says ───────────────────────────────────────────────────────────────────────────────────────────────

# https://schema.org/isAccessibleForFree, https://developers.google.com/search/docs/appearance/structured-data/paywalled-content
_PAYWALL: Final = re.compile(
    rb'"isAccessibleForFree"\s*:\s*"?false|content_tier"[^>]{0,40}content="locked"'
    rb"|(?:article|contenu|texte) (?:est )?r\xc3\xa9serv\xc3\xa9 (?:aux|\xc3\xa0 nos) abonn"
    rb"|il (?:vous )?reste \d{1,2}[^<%]{0,12}% de (?:cet |l[^<]{1,6})article"
    rb"|for subscribers only|subscribe to (?:continue|keep) reading"
    rb"|this article is (?:only )?(?:available )?(?:for|to) (?:our )?subscribers",
    re.IGNORECASE,
)


def _says_paywalled(html: bytes) -> bool:
    return _PAYWALL.search(html) is not None


# Classes by which pages name what is not the article; trafilatura drops most others by itself.
_NAMES: Final = """
    ad ads advert advertisement pub publicite promo newsletter infolettre subscribe share partage related recommended
    comments commentaires discussion cookie
"""
_FURNITURE: Final = [
    f"//*[self::div or self::section or self::aside or self::ul][contains(concat(' ', @class, ' '), ' {name} ')]"
    for name in _NAMES.split()
]
_TRUNCATED: Final = re.compile(r"(?:…|\.{3}|\[…\]|\[\.{3}\])\W*$")
