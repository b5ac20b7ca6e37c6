"""A newsroom of one feed for tests: bytes that change, served over real HTTP with validators."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.typedefs import Middleware


class Press:
    """`publish` adds an item in front; `address` is what feeds.yaml names; `between`: what may happen to an answer."""

    def __init__(self, *between: Middleware) -> None:
        self._between = between
        self._items: list[str] = []
        self.asked = 0
        self.unchanged = 0

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=self._between)
        app.router.add_get("/rss", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/rss"

    def publish(self, title: str, text: str, *, hours_ago: float = 0.1) -> None:
        at = format_datetime(datetime.now(UTC) - timedelta(hours=hours_ago))
        number = len(self._items)
        self._items.insert(
            0,
            f"<item><title>{escape(title)}</title><description>{escape(text)}</description><guid>n{number}</guid>"
            f"<link>http://127.0.0.1:{self.port}/articles/{number}</link><pubDate>{at}</pubDate></item>",
        )

    def _body(self) -> bytes:
        items = "".join(self._items)
        head = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Le Courrier</title>"
        return f"{head}{items}</channel></rss>".encode()

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = self._body()
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == tag:
            self.unchanged += 1
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": tag})
