"""Sample files become a day of news on this machine: feeds that change at three moments, and their article pages.

`samples/1-hier` holds what stood in the feeds before the bot came, `2-matin` the day's news, `3-midi` the one feed that
changes at noon; a feed without a file at a moment answers as it did the moment before. Dates are written relative to
the instant the server opened (`{rfc822:-35m}`, `{iso:-2h}`) and worked out once, so that within a moment the same feed
gives the same bytes and the same ETag. Everything in the samples is invented.

Must never listen beyond the loopback address, nor hand its bytes over otherwise than through a socket: the line that
reads them is the real one.
"""

import hashlib
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

MOMENTS = ("1-hier", "2-matin", "3-midi")
SAMPLES = files(__package__) / "samples"

_ROBOTS = b"User-agent: *\nAllow: /\n"
_TYPES = {
    "xml": "application/xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
_MARK = re.compile(r"\{(?:(?P<form>rfc822|iso):-(?P<count>\d+)(?P<unit>[mhd])|base)\}")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

Edition = Mapping[str, bytes]  # what each path answers at one moment


class Newsroom:
    """What is served now: `base` is its address, `hits` counts the requests of each path, whatever the answer was."""

    def __init__(self, base: str, now: datetime) -> None:
        self.base = base
        self.hits: Counter[str] = Counter()
        self._editions = _print_editions(base, now)
        self._edition = self._editions[0]

    def feeds_yaml(self) -> str:
        """The text of a feeds.yaml that watches this server."""
        return (SAMPLES / "feeds.yaml").read_text("utf-8").replace("{base}", self.base)

    def turn(self, moment: int) -> None:
        """The clock moves: 1 yesterday (where it starts), 2 morning, 3 noon. Raises ValueError for another moment."""
        if not 1 <= moment <= len(MOMENTS):
            msg = f"moment {moment}: 1 to {len(MOMENTS)} expected"
            raise ValueError(msg)
        self._edition = self._editions[moment - 1]

    async def answer(self, request: "web.Request") -> "web.Response":
        """200, or 304 to a client that holds these bytes already, or 404. Compressed for whoever reads gzip.

        The ETag is weak, because one tag stands for the plain and the compressed body (RFC 9110 §8.8.1); If-None-Match
        compares weakly (§13.1.2).
        """
        from aiohttp import ETag, web

        self.hits[request.path] += 1
        body = self._edition.get(request.path)
        if body is None:
            return web.Response(status=404, text="<h1>Page introuvable</h1>", content_type="text/html")
        tag = ETag(hashlib.sha256(body).hexdigest()[:16], is_weak=True)
        if any(held.value == tag.value for held in request.if_none_match or ()):
            fresh = web.Response(status=304)
        else:
            kind = _TYPES[request.path.rpartition(".")[2]]
            fresh = web.Response(body=body, headers={"Content-Type": kind, "Vary": "Accept-Encoding"})
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                fresh.enable_compression(web.ContentCoding.gzip)
        fresh.etag = tag
        return fresh


@asynccontextmanager
async def open_newsroom(now: datetime, port: int = 0) -> AsyncIterator[Newsroom]:
    """Serves the samples on 127.0.0.1 until the block ends. `now` is aware; `port` 0 takes a free one.

    Raises OSError when the port is taken.
    """
    from aiohttp import web

    listener = socket.create_server(("127.0.0.1", port))
    newsroom = Newsroom(f"http://127.0.0.1:{listener.getsockname()[1]}", now)
    app = web.Application()
    app.router.add_get("/{path:.*}", newsroom.answer)
    runner = web.AppRunner(app, access_log=None)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield newsroom
    finally:
        await runner.cleanup()
        listener.close()


def fill(text: str, base: str, now: datetime) -> str:
    """A sample with its addresses and dates worked out; braces that are no mark of ours stay as they are."""

    def worked_out(mark: re.Match[str]) -> str:
        if not mark["form"]:
            return base
        at = (now - int(mark["count"]) * _UNITS[mark["unit"]]).astimezone(UTC).replace(microsecond=0)
        return format_datetime(at, usegmt=True) if mark["form"] == "rfc822" else at.isoformat().replace("+00:00", "Z")

    return _MARK.sub(worked_out, text)


def _print_editions(base: str, now: datetime) -> tuple[Edition, ...]:
    edition: dict[str, bytes] = {"/robots.txt": _ROBOTS}
    for outlet in (SAMPLES / "pages").iterdir():
        for page in outlet.iterdir():
            edition[f"/{outlet.name}/{page.name}"] = fill(page.read_text("utf-8"), base, now).encode()
    editions: list[Edition] = []
    for moment in MOMENTS:
        for feed in (SAMPLES / moment).iterdir():
            edition[f"/flux/{feed.name}"] = fill(feed.read_text("utf-8"), base, now).encode()
        editions.append(dict(edition))
    return tuple(editions)
