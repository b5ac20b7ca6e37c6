"""A page's address → whether its host lets us read it, by a robots.txt that is asked for once a day.

RFC 9309 §2.4: a copy older than 24 hours is asked for again, and serves on while the host cannot be reached. A host
that has never answered is closed to us (§2.3.1.4) and asked again some minutes later, not at each page. What a file
says is decided in `stories/robots`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from bot.errors import FetchFailed
from bot.feeds.answer import Body, HttpRefused
from bot.feeds.fetch import Fetcher
from bot.stories.robots import LARGEST_FILE, NOTHING_ALLOWED, allowed, read_refusal

KEPT: Final = 24 * 3600.0  # seconds
UNREACHED: Final = 600.0
HOSTS_KEPT: Final = 1_000
_LOST: Final = frozenset({"redirect_loop", "bad_redirect"})  # §2.3.1.2: as good as none


@dataclass(frozen=True, slots=True)
class _Copy:
    text: str
    ask_at: float


class Robots:
    """One for the process. `clock` gives seconds that only grow."""

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float] = monotonic) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._copies: dict[str, _Copy] = {}

    async def allow(self, url: str) -> bool:
        """Whether the page may be read. Never raises for the network: an unreachable host says no."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        copy = self._copies.get(host)
        if copy is None or copy.ask_at <= self._clock():
            copy = await self._ask(host, copy)
            if host not in self._copies and len(self._copies) >= HOSTS_KEPT:
                del self._copies[next(iter(self._copies))]  # the one known longest
            self._copies[host] = copy
        return allowed(copy.text, self._fetcher.limits.user_agent, url)

    async def _ask(self, host: str, old: _Copy | None) -> _Copy:
        try:
            answer = await self._fetcher.get(f"{host}/robots.txt", accept="text/plain, */*;q=0.1")
        except FetchFailed as failure:
            status = failure.status if isinstance(failure, HttpRefused) else None
            text = "" if failure.cause in _LOST else read_refusal(status)
        else:
            text = answer.content[:LARGEST_FILE].decode("utf-8", "replace") if isinstance(answer, Body) else ""
        if text is NOTHING_ALLOWED:
            return _Copy(old.text if old else text, self._clock() + UNREACHED)
        return _Copy(text, self._clock() + KEPT)
