"""An address becomes a body, "not modified", or a failure with a cause: the one way out to the web.

    address → its host's turn → guarded connection → answer → next hop, or body under the caps

Used for feeds, article pages and robots.txt. One session for the process; every socket is checked against the guard
with its own address, so that redirects, DNS and odd spellings cannot reach a private one. Bounded in everything: hops,
bytes after decoding, time to connect, time between two reads, time in all, requests at once per host and in all. It
sends no cookie and no credential, takes no proxy from the environment, and shows neither user nor query of an address.
"""

import asyncio
import errno
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from socket import socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random
from yarl import URL

from bot.errors import FetchFailed
from bot.feeds.answer import Body, Fetched, NotModified, read_links, read_max_age, read_validator, refusal
from bot.feeds.guard import may_connect, read_allowed
from bot.settings import Settings
from bot.text.urls import loggable_url

FEEDS = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
PAGES = "text/html, application/xhtml+xml, */*;q=0.8"

_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_MOST_REDIRECTS = 5
_CODINGS = frozenset({"", "identity", "gzip", "deflate", "br", "zstd"})
_LONGEST_HEADER = 32_768  # content security policies of news sites outgrow aiohttp's 8 kB
_START_OF_PAGE = 8_192  # bytes of an error page read to recognise a challenge
_LARGEST_REPLY = 256 * 1024  # bytes of what an operator's own program answers
_OWN_AT_ONCE = 4
_PASSING = frozenset({"dns", "refused", "unreachable", "disconnected"})  # worth a second try at once
_FORBIDDEN = "forbidden address"
_MEANT = ContextVar("_MEANT", default=False)  # the hop goes to a host:port that is allowed by name


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What a fetch may cost. Times in seconds, sizes in bytes; `allow` as in GUETTEUR_FETCH_ALLOW."""

    user_agent: str
    total: float = 30
    connect: float = 10
    idle: float = 10
    retry_within: float = 1
    max_bytes: int = 8 * 1024 * 1024
    per_host: int = 2
    overall: int = 40
    allow: tuple[str, ...] = ()


def fetch_limits(settings: Settings) -> FetchLimits:
    """The limits an operator chose."""
    return FetchLimits(
        user_agent=f"Guetteur/0.1 (+{settings.contact_url})",
        total=settings.fetch_seconds,
        connect=settings.fetch_idle_seconds,
        idle=settings.fetch_idle_seconds,
        max_bytes=settings.fetch_max_bytes,
        per_host=settings.fetch_per_host,
        overall=settings.fetch_at_once,
        allow=settings.fetch_allow,
    )


def limits_to(settings: Settings, url: str, seconds: float) -> FetchLimits:
    """Limits of a fetcher for one address that the operator named, and may be private: use it for nothing else."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return replace(
        fetch_limits(settings),
        total=seconds,
        idle=seconds,
        max_bytes=_LARGEST_REPLY,
        per_host=_OWN_AT_ONCE,
        overall=_OWN_AT_ONCE,
        allow=(f"{parts.hostname}:{port}",),
    )


class _Forbidden(OSError):
    """A private address; an OSError because connecting code tries the next address after one."""


@dataclass(slots=True)
class _Gate:
    """The turns of one host, kept while somebody wants one."""

    turns: asyncio.Semaphore
    users: int = 0


@dataclass(frozen=True, slots=True)
class _Moved:
    """One hop's answer: go there."""

    status: int
    location: str


class Fetcher:
    """`async with Fetcher(limits) as fetcher`: one for the process. Raises ConfigError for a wrong `limits.allow`."""

    def __init__(self, limits: FetchLimits) -> None:
        self.limits = limits
        self._allowed = read_allowed(limits.allow)
        self._overall = asyncio.Semaphore(limits.overall)
        self._gates: dict[str, _Gate] = {}
        self._session: aiohttp.ClientSession | None = None
        self._retrying = AsyncRetrying(
            stop=stop_after_attempt(2),
            wait=wait_random(0, limits.retry_within),
            retry=retry_if_exception(lambda error: isinstance(error, FetchFailed) and error.cause in _PASSING),
            reraise=True,
        )

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, ssl=ssl.create_default_context(), socket_factory=self._open_socket, ttl_dns_cache=60
            ),
            headers={"User-Agent": self.limits.user_agent},
            timeout=aiohttp.ClientTimeout(connect=self.limits.connect, sock_read=self.limits.idle),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def get(
        self, url: str, etag: str | None = None, last_modified: str | None = None, accept: str = FEEDS
    ) -> Fetched:
        """What stands at `url`; conditional when validators of an earlier answer are given, sent back verbatim.

        Raises FetchFailed with one of these causes: bad_url, dns, refused, unreachable, forbidden_address, tls,
        timeout_connect, timeout (silence), too_slow (a drip), disconnected, bad_answer, broken_encoding, too_big,
        redirect_loop, redirect_downgrade, bad_redirect, unasked_304, cloudflare, bot_wall, http_401, http_403,
        http_404, http_410, http_429, http_4xx, http_5xx; HttpRefused, with `retry_after`, from "cloudflare" on.
        A connection that fails at once is tried again at once, and once more within `limits.retry_within`.
        """
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        try:
            return await self._follow(url, headers)
        except FetchFailed as failure:
            if failure.cause not in _PASSING:
                raise
        fetched: Fetched = await self._retrying(self._follow, url, headers)
        return fetched

    async def post(self, url: str, form: Mapping[str, str]) -> None:
        """Sends a form, as a browser would, through the same guard and limits; returns when it was accepted (2xx).

        Raises FetchFailed as `get` does; a redirect is followed nowhere ("bad_redirect"), and nothing is tried twice.
        """
        here = _read_url(url)
        async with self._turn(here):
            answer = await self._hop(here, {"Accept": "*/*"}, self.limits.total, None, form)
        if isinstance(answer, _Moved):
            raise FetchFailed("bad_redirect", f"HTTP {answer.status}")

    async def ask(self, url: str, question: Mapping[str, object], key: str = "") -> bytes:
        """Sends JSON to an address the operator chose, and returns the body of the answer, through the same limits.

        `key` goes into the Authorization header and nowhere else: a redirect is followed nowhere ("bad_redirect").
        Raises FetchFailed as `get` does; nothing is tried twice.
        """
        here = _read_url(url)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        async with self._turn(here):
            answer = await self._hop(here, headers, self.limits.total, None, json.dumps(question).encode())
        if not isinstance(answer, Body):
            raise FetchFailed("bad_redirect")
        return answer.content

    async def tell(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Sends JSON to an address the operator chose, through the same limits; returns when it was accepted (2xx).

        Raises FetchFailed as `get` does; a redirect is followed nowhere ("bad_redirect"), and nothing is tried twice.
        """
        here = _read_url(url)
        async with self._turn(here):
            answer = await self._hop(
                here, {"Content-Type": "application/json", **headers}, self.limits.total, None, body
            )
        if not isinstance(answer, Body):
            raise FetchFailed("bad_redirect")

    async def _follow(self, url: str, headers: Mapping[str, str]) -> Fetched:
        """The answer at the end of the redirects."""
        here = _read_url(url)
        passed = {here}
        moved_for_good, permanent = True, None
        left = self.limits.total
        clock = asyncio.get_running_loop().time
        while True:
            async with self._turn(here):
                started = clock()
                answer = await self._hop(here, headers, left, permanent)
                left -= clock() - started
            if not isinstance(answer, _Moved):
                return answer
            here = _next_hop(here, answer)
            if here in passed or len(passed) > _MOST_REDIRECTS:
                raise FetchFailed("redirect_loop", loggable_url(str(here)))
            passed.add(here)
            moved_for_good = moved_for_good and answer.status in _PERMANENT
            permanent = str(here) if moved_for_good else permanent

    @asynccontextmanager
    async def _turn(self, url: URL) -> AsyncIterator[None]:
        """First the host's turn, then one of all: a slow host's queue holds nobody else up."""
        host = url.host or ""
        gate = self._gates.setdefault(host, _Gate(asyncio.Semaphore(self.limits.per_host)))
        gate.users += 1
        try:
            async with gate.turns, self._overall:
                yield
        finally:
            gate.users -= 1
            if not gate.users:
                del self._gates[host]

    async def _hop(
        self,
        url: URL,
        headers: Mapping[str, str],
        left: float,
        permanent: str | None,
        sent: Mapping[str, str] | bytes | None = None,
    ) -> Fetched | _Moved:
        """One request, a POST when there is something to send. Foreign errors become causes here and nowhere else."""
        if self._session is None:
            raise RuntimeError("the fetcher is not open")
        _MEANT.set((url.host or "", url.port or 0) in self._allowed.hosts)
        limit = asyncio.timeout(left)
        method = "GET" if sent is None else "POST"
        try:
            async with (
                limit,
                self._session.request(method, url, headers=headers, data=sent, allow_redirects=False) as response,
            ):
                return await self._read(response, permanent, conditional=len(headers) > 1)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if limit.expired():
                raise FetchFailed("too_slow", f"{self.limits.total:g} s") from error
            raise _failure(error) from error

    async def _read(
        self, response: aiohttp.ClientResponse, permanent: str | None, *, conditional: bool
    ) -> Fetched | _Moved:
        status, headers = response.status, response.headers
        if status == 304:
            if not conditional:
                raise FetchFailed("unasked_304")
            return NotModified(
                str(response.url),
                permanent,
                read_validator(headers, "ETag"),
                read_validator(headers, "Last-Modified"),
                read_max_age(headers),
            )
        if status in _REDIRECTS:
            return _Moved(status, headers.get("Location", ""))
        if status >= 400:
            raise refusal(status, headers, await response.content.read(_START_OF_PAGE))
        return Body(
            url=str(response.url),
            content=await self._content(response),
            content_type=headers.get("Content-Type", ""),
            status=status,
            permanent_url=permanent,
            etag=read_validator(headers, "ETag"),
            last_modified=read_validator(headers, "Last-Modified"),
            max_age=read_max_age(headers),
            links=read_links(", ".join(headers.getall("Link", ())), str(response.url)),
        )

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        """The decoded body; counted as it comes, because a few bytes of brotli can become gigabytes."""
        most = self.limits.max_bytes
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding not in _CODINGS:
            raise FetchFailed("broken_encoding", f"Content-Encoding: {coding[:40]}")
        chunks: list[bytes] = []
        size = response.content_length or 0
        if size <= most:
            size = 0
            async for chunk in response.content.iter_any():
                chunks.append(chunk)
                size += len(chunk)
                if size > most:
                    break
        if size > most:
            response.close()
            raise FetchFailed("too_big", f"> {most} o")
        return b"".join(chunks)

    def _open_socket(self, address: tuple[Any, ...]) -> socket:
        """A socket for an address that `getaddrinfo` or a literal gave (aiohttp's `socket_factory`)."""
        family, kind, protocol, _, where = address
        if not _MEANT.get() and not may_connect(str(where[0]), self._allowed):
            raise _Forbidden(errno.EACCES, _FORBIDDEN)
        return socket(family=family, type=kind, proto=protocol)


def _read_url(text: str) -> URL:
    """An http(s) address without user and fragment. Raises FetchFailed("bad_url")."""
    try:
        url = URL(text.strip())
        good = url.scheme in {"http", "https"} and bool(url.host) and bool(url.port)
        bare = url.with_user(None) if good and "@" in text else url
    except ValueError as error:
        raise FetchFailed("bad_url", loggable_url(text)) from error
    if not good:
        raise FetchFailed("bad_url", loggable_url(text))
    return bare.with_fragment(None) if "#" in text else bare


def _next_hop(here: URL, moved: _Moved) -> URL:
    try:
        target = here.join(URL(moved.location)) if moved.location else None
    except ValueError:
        target = None
    if target is None or target.scheme not in {"http", "https"}:
        raise FetchFailed("bad_redirect", f"HTTP {moved.status} → {loggable_url(moved.location) or '?'}")
    if (here.scheme, target.scheme) == ("https", "http"):
        raise FetchFailed("redirect_downgrade", loggable_url(str(target)))
    return _read_url(str(target))


def _failure(error: Exception) -> FetchFailed:
    """The cause behind what aiohttp and the socket raised; details without addresses."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FetchFailed("dns", error.host)
        case aiohttp.ClientConnectorCertificateError():
            return FetchFailed("tls", getattr(error.certificate_error, "verify_message", "") or "certificate")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return FetchFailed("tls", type(error).__name__)
        case aiohttp.ClientConnectorError():
            return _no_connection(error)
        case aiohttp.ConnectionTimeoutError():
            return FetchFailed("timeout_connect")
        case aiohttp.ServerTimeoutError() | TimeoutError():
            return FetchFailed("timeout")
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError() if _is_coding(error):
            return FetchFailed("broken_encoding")
        case aiohttp.InvalidURL():
            return FetchFailed("bad_url")
        case aiohttp.ClientResponseError():
            return FetchFailed("bad_answer", error.message.partition("\n")[0][:80])
        case aiohttp.ClientError() | OSError():
            return FetchFailed("disconnected", type(error).__name__)
        case _:
            return FetchFailed("bad_url", type(error).__name__)


def _no_connection(error: aiohttp.ClientConnectorError) -> FetchFailed:
    what = error.os_error
    if isinstance(what, _Forbidden) or _FORBIDDEN in str(what):
        return FetchFailed("forbidden_address", error.host)
    if isinstance(what, ConnectionRefusedError):
        return FetchFailed("refused", f"{error.host}:{error.port}")
    return FetchFailed("unreachable", f"{error.host}:{error.port}")


def _is_coding(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause and not isinstance(cause, ContentEncodingError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
