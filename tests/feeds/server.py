"""A small web on the loopback address, well behaved or hostile down to the byte.

async with open_site() as site:
    site.page("/feed", body, ETag='"1"')     # answers 304 to whoever holds that ETag or Last-Modified
    site.on("/drip", drip(body, every=0.1))  # or any `async def handler(request, out)`
    site.url("/feed"); site.hits["/feed"]; site.requests[-1].headers["user-agent"]
"""

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """What a client asked; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes = b""


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """What is served now, and what was asked."""

    base: str = ""
    hits: Counter = field(default_factory=Counter)
    requests: list[Request] = field(default_factory=list)
    now: Counter = field(default_factory=Counter)  # requests in progress, by path
    most: Counter = field(default_factory=Counter)  # the most of them at once
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _tasks: set = field(default_factory=set)

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    @property
    def here(self) -> str:
        """What GUETTEUR_FETCH_ALLOW holds to let a fetcher come here."""
        return self.base.partition("//")[2]

    def url(self, path: str = "/feed") -> str:
        return self.base + path

    def on(self, path: str, handler: Handler) -> str:
        self._handlers[path] = handler
        return self.url(path)

    def page(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """A page; keyword `Content_Type` is header Content-Type."""
        return self.on(path, page(body, status, **headers))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while request := await _read_request(reader):
                self.requests.append(request)
                self.hits[request.path] += 1
                self.now[request.path] += 1
                self.most[request.path] = max(self.most[request.path], self.now[request.path])
                try:
                    await self._handlers.get(request.path, page(b"absent", 404))(request, writer)
                    await writer.drain()
                finally:
                    self.now[request.path] -= 1
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def open_site(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=tls)
    site.base = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
        await site.close()
        await server.wait_closed()


def head(status: int = 200, **headers: object) -> bytes:
    lines = [f"HTTP/1.1 {status} x", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def page(body: bytes = b"", status: int = 200, **headers: str) -> Handler:
    """The body, or 304 to a client that holds its validators."""

    async def answer(request: Request, out: asyncio.StreamWriter) -> None:
        held = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
        if status == 200 and any(mine and mine in held for mine in (headers.get("ETag"), headers.get("Last_Modified"))):
            out.write(head(304, **headers))
            return
        bodiless = status in {204, 304}
        out.write(
            head(status, **headers, **({} if bodiless else {"Content_Length": len(body)})) + (b"" if bodiless else body)
        )

    return answer


def redirect(location: str, status: int = 302) -> Handler:
    return page(b"", status, Location=location)


def in_turn(*handlers: Handler) -> Handler:
    """One handler a request, the last one for good."""
    left = list(handlers)

    async def answer(request: Request, out: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(request, out)

    return answer


def raw(*pieces: bytes, every: float = 0.0) -> Handler:
    """These bytes, with a pause before each but the first; then the connection ends."""

    async def answer(request: Request, out: asyncio.StreamWriter) -> None:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(every)
            out.write(piece)
            await out.drain()
        raise ConnectionResetError

    return answer


def drip(body: bytes, every: float) -> Handler:
    """One byte at a time."""
    return raw(head(200, Content_Length=len(body)), *(bytes([byte]) for byte in body), every=every)


def hang(before: bytes = b"") -> Handler:
    """These bytes, then silence until the client goes."""

    async def answer(request: Request, out: asyncio.StreamWriter) -> None:
        out.write(before)
        await out.drain()
        await asyncio.Event().wait()

    return answer


def endless(start: bytes, again: bytes, pieces: int = 100_000) -> Handler:
    """A body that goes on and on, as fast as the client takes it."""

    async def answer(request: Request, out: asyncio.StreamWriter) -> None:
        out.write(start)
        for _ in range(pieces):
            out.write(again)
            await out.drain()
        raise ConnectionResetError

    return answer


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = text.strip().split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        return Request(first.split()[1], headers, await reader.readexactly(int(headers.get("content-length", 0))))
    return None
