"""A page's address becomes the feeds that it names, each with a glimpse of its last items.

    the page itself, if it is a feed → <link rel="alternate"> → links that look like feeds → well-known paths

The first three are read from the page, the last are guesses; all are fetched and parsed before they are shown, through
the same guard and limits as any feed. `find_feeds` and `guess_feeds` are pure.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from bot.errors import FetchFailed
from bot.feeds.answer import Body
from bot.feeds.fetch import FEEDS, PAGES, Fetcher
from bot.feeds.parse import Document, Parser
from bot.feeds.parse.charset import to_text
from bot.model import Entry
from bot.text.urls import absolute_url, canonical_url

GLIMPSE = 3  # items shown of each feed
_MOST_FOUND = 10
_MOST_TRIED = 20
_LONGEST_PAGE = 1_000_000  # characters looked at
_TYPES = re.compile(r"application/(?:(?:rss|atom|rdf)\+xml|feed\+json|json)|text/xml|application/xml", re.IGNORECASE)
_TAG = re.compile(r"<(link|a|base)\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]{2,10})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_LOOKS_LIKE_FEED = re.compile(
    r"(?:^|[/._=-])(?:rss|atom|feeds?|rdf|flux(?:-rss)?|fil-de-presse|syndication|backend)(?:[/._=?&-]|\d|$)",
    re.IGNORECASE,
)
_OF_COMMENTS = re.compile(r"comment", re.IGNORECASE)
_PATHS = (
    "/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed", "/index.xml", "/feed.json",
    "/spip.php?page=backend", "/arc/outboundfeeds/rss/?outputType=xml",
)  # fmt: skip
_SUFFIXES = ("/rss", "/feed/", "/rss.xml")  # a section's own feed, as the sites of daily papers have them


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that answers: where it is, what it calls itself, how many items it lists and the first few."""

    url: str
    title: str
    language: str | None
    total: int
    glimpse: tuple[Entry, ...]


async def discover(url: str, fetcher: Fetcher, parser: Parser) -> tuple[Found, ...]:
    """The feeds found from a page's address, best first, ten at most. Raises FetchFailed when there is no page."""
    page = await fetcher.get(url, accept=f"{FEEDS}, {PAGES}")
    if not isinstance(page, Body):
        raise FetchFailed("bad_answer")
    try:
        return (_found(page.url, await parser.parse(page.content, page.content_type, page.url)),)
    except FetchFailed:
        named = find_feeds(to_text(page.content, page.content_type), page.url)
    return await _try(named, fetcher, parser) or await _try(guess_feeds(page.url), fetcher, parser)


def find_feeds(html: str, url: str) -> tuple[str, ...]:
    """The addresses that a page declares as feeds, then those of links that look like some; comment feeds last."""
    base = url
    declared: list[str] = []
    linked: list[str] = []
    for tag in _TAG.finditer(html[:_LONGEST_PAGE]):
        name = tag[1].lower()
        attributes = {one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(tag[2])}
        address = absolute_url(attributes.get("href"), base)
        if address is None:
            continue
        if name == "base":
            base = address
        elif name == "link":
            alternate = "alternate" in attributes.get("rel", "").lower().split()
            if alternate and _TYPES.fullmatch(attributes.get("type", "").partition(";")[0].strip()):
                declared.append(address)
        elif _LOOKS_LIKE_FEED.search(urlsplit(address).path + "?" + urlsplit(address).query):
            linked.append(address)
    found = _once([*declared, *linked])
    return tuple(sorted(found, key=lambda address: bool(_OF_COMMENTS.search(address))))


def guess_feeds(url: str) -> tuple[str, ...]:
    """Where sites usually keep the feed of this page, then their main one."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    section = [urljoin(url, path + suffix) for suffix in _SUFFIXES] if path else []
    return tuple(_once([*section, *(urljoin(url, known) for known in _PATHS)]))


def _once(addresses: Iterable[str]) -> list[str]:
    """Each address once, twins folded, the first spelling kept."""
    kept: dict[str, str] = {}
    for address in addresses:
        kept.setdefault(canonical_url(address), address)
    return list(kept.values())


async def _try(addresses: tuple[str, ...], fetcher: Fetcher, parser: Parser) -> tuple[Found, ...]:
    """Those of the addresses that answer with a feed, each feed once."""
    found: dict[str, Found] = {}
    for address in addresses[:_MOST_TRIED]:
        try:
            answer = await fetcher.get(address)
            if isinstance(answer, Body):
                document = await parser.parse(answer.content, answer.content_type, answer.url)
                found.setdefault(answer.url, _found(answer.permanent_url or address, document))
        except FetchFailed:
            continue
        if len(found) == _MOST_FOUND:
            break
    return tuple(found.values())


def _found(url: str, document: Document) -> Found:
    return Found(url, document.title, document.language, document.total, document.entries[:GLIMPSE])
