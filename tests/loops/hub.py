"""A small WebSub hub on the loopback: it verifies who asks, and signs what it posts (W3C WebSub § 5 and § 7)."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web


@dataclass
class Hub:
    """`asked`: the forms that came; `granted`: those whose callback echoed the challenge."""

    session: ClientSession
    url: str = ""
    lease: int = 86_400
    verifies: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    granted: list[dict[str, str]] = field(default_factory=list)
    tasks: set[asyncio.Task] = field(default_factory=set)

    async def subscribe(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        self.asked.append(form)
        if self.verifies:
            task = asyncio.create_task(self._verify(form))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return web.Response(status=202)

    async def _verify(self, form: dict[str, str]) -> None:
        status, text = await self.asks(
            form["hub.callback"], topic=form["hub.topic"], challenge="ch4llenge", lease_seconds=str(self.lease)
        )
        if (status, text) == (200, "ch4llenge"):
            self.granted.append(form)

    async def asks(self, callback: str, mode: str = "subscribe", **query: str) -> tuple[int, str]:
        """A GET to a callback: status and body."""
        named = {"hub.mode": mode, **{f"hub.{name}": value for name, value in query.items()}}
        async with self.session.get(callback, params=named) as answer:
            return answer.status, await answer.text()

    async def posts(self, body: bytes, algorithm: str = "sha256", **headers: str) -> int:
        """A signed POST to the last callback granted; `headers` replace ours. Returns the status."""
        form = self.granted[-1]
        signature = hmac.new(form["hub.secret"].encode(), body, algorithm).hexdigest()
        sent = {"Content-Type": "application/rss+xml", "X-Hub-Signature": f"{algorithm}={signature}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(form["hub.callback"], data=body, headers=sent) as answer:
            return answer.status

    async def settle(self) -> None:
        while self.tasks:
            await asyncio.wait(self.tasks)


@asynccontextmanager
async def open_hub() -> AsyncIterator[Hub]:
    async with ClientSession() as session:
        hub = Hub(session)
        app = web.Application()
        app.router.add_post("/", hub.subscribe)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hub.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield hub
        finally:
            await hub.settle()
            await runner.cleanup()
