"""A matched entry becomes the summary that is sent: from the linked page where the feed says too little.

A page that fails costs nothing: the feed's own text serves. robots.txt is respected; a paywall is never evaded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from anyio import BrokenWorkerProcess, to_process

from bot.errors import FetchFailed
from bot.feeds.answer import Body
from bot.feeds.fetch import PAGES, Fetcher
from bot.model import Entry, Matched
from bot.stories.article import Article, extract_article, needs_article
from bot.stories.robots import allowed
from bot.stories.summary import summarise

EXTRACT_SECONDS = 10.0
HOSTS_REMEMBERED = 1_000  # robots.txt of that many hosts; the oldest is asked again


@dataclass(frozen=True, slots=True)
class Reader:
    """`extract` runs `stories.article.extract_article` where it can be killed; it may raise FetchFailed."""

    fetcher: Fetcher
    extract: Callable[[bytes, str], Awaitable[Article]]
    robots: dict[str, str] = field(default_factory=dict)

    async def digest(self, entry: Entry, matched: Matched) -> str:
        """The two or three sentences to send; "" when there is nothing but a headline."""
        text = max(entry.summary, entry.body, key=len)
        if needs_article(entry) and entry.link:
            text = max(text, await self._article(entry.link), key=len)
        return summarise(entry.title, text, matched.lang, matched.reasons)

    async def _article(self, url: str) -> str:
        """The page's own text, "" when it cannot or may not be read."""
        try:
            if not allowed(await self._robots(url), self.fetcher.limits.user_agent, url):
                return ""
            page = await self.fetcher.get(url, accept=PAGES)
            return (await self.extract(page.content, page.url)).text if isinstance(page, Body) else ""
        except FetchFailed:
            return ""

    async def _robots(self, url: str) -> str:
        """The host's robots.txt, "" when it has none (RFC 9309 § 2.3.1.3: unavailable means allowed)."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self.robots:
            if len(self.robots) >= HOSTS_REMEMBERED:
                del self.robots[next(iter(self.robots))]
            self.robots[host] = await self._ask_robots(host)
        return self.robots[host]

    async def _ask_robots(self, host: str) -> str:
        try:
            answer = await self.fetcher.get(f"{host}/robots.txt", accept="text/plain, */*;q=0.1")
        except FetchFailed:
            return ""
        return answer.content.decode("utf-8", "replace") if isinstance(answer, Body) else ""


async def extract(html: bytes, url: str) -> Article:
    """`extract_article` in a process that is killed after EXTRACT_SECONDS. Raises FetchFailed."""
    try:
        async with asyncio.timeout(EXTRACT_SECONDS):
            return await to_process.run_sync(extract_article, html, url, cancellable=True)
    except (TimeoutError, BrokenWorkerProcess) as error:
        raise FetchFailed("parser_killed", type(error).__name__) from error
