"""A matched entry becomes what is said of it: the summary, from the linked page where the feed says too little.

A page that fails costs nothing: the feed's own text serves. robots.txt is respected; a paywall is told, never evaded.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from bot.errors import FetchFailed
from bot.feeds.answer import Body
from bot.feeds.fetch import PAGES, Fetcher
from bot.feeds.parse import Parser
from bot.feeds.robots import Robots
from bot.model import Entry, Matched
from bot.stories.article import Article, needs_article
from bot.stories.quotable import fullest
from bot.stories.summary import summarise

PATIENCE: Final = 90.0  # seconds for all pages of one poll, so that it ends well within its lease


@dataclass(frozen=True, slots=True)
class Told:
    """`summary`: two or three sentences, "" for a headline alone. `text`: what it was made from. `paywalled`: the page
    said that only subscribers read all of it; False for a page that was not read.
    """

    summary: str
    text: str
    paywalled: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """`parser` extracts articles in processes of its own, so that a hostile page delays no feed."""

    fetcher: Fetcher
    parser: Parser
    robots: Robots
    patience: float = PATIENCE

    async def read(self, entry: Entry, matched: Matched, until: float) -> Told:
        """What is told of an entry; no page is waited for past `until`, on the event loop's clock."""
        text = fullest(entry.title, entry.summary, entry.body)
        article = await self._article(entry.link, until) if needs_article(entry) and entry.link else Article()
        text = fullest(entry.title, text, article.text)
        return Told(summarise(entry.title, text, matched.lang, matched.reasons), text, article.paywalled)

    async def _article(self, url: str, until: float) -> Article:
        """The page's own text, empty when it cannot or may not be read."""
        try:
            async with asyncio.timeout_at(until):
                if not await self.robots.allow(url):
                    return Article()
                page = await self.fetcher.get(url, accept=PAGES)
                if not isinstance(page, Body) or (page.url != url and not await self.robots.allow(page.url)):
                    return Article()
                return await self.parser.article(page.content, page.url)
        except (FetchFailed, TimeoutError):
            return Article()
