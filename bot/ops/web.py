"""Questions over HTTP → is the bot alive, is it ready, and its numbers; for a container, a balancer and Prometheus.

    GET /healthz   200 while this process runs and its database answers; 503 otherwise
    GET /readyz    200 when everything that `ready` names answers too; 503 with the names that do not
    GET /metrics   Prometheus's text format

What is asked comes in as callables, so this door knows neither the store nor the loops. Must never show a name, a
chat, an address or a cause: these pages have no key.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from bot.ops.metrics import CONTENT_TYPE, exposition

PROBE_SECONDS = 3.0  # under the five that container health checks commonly allow
Probe = Callable[[], Awaitable[bool]]

log = logging.getLogger("guetteur.web")


def make_web(
    database: Probe,
    ready: Mapping[str, Probe] | None = None,
    refresh: Callable[[], Awaitable[None]] | None = None,
    routes: Iterable[web.AbstractRouteDef] = (),
    probe_seconds: float = PROBE_SECONDS,
) -> web.Application:
    """The application. A probe that raises or takes longer than `probe_seconds` is a no.

    `refresh` runs before /metrics answers, to set what is counted in the database. `routes`: other rooms' pages.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return _verdict(await _failing({"database": database}, probe_seconds))

    async def readyz(_request: web.Request) -> web.Response:
        return _verdict(await _failing({"database": database, **(ready or {})}, probe_seconds))

    async def metrics(_request: web.Request) -> web.Response:
        if refresh is not None:
            await _failing({"refresh": _done(refresh)}, probe_seconds)
        return web.Response(body=exposition(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics), *routes])
    app.on_response_prepare.append(_guard)
    return app


@asynccontextmanager
async def serve_web(
    listen: str,
    database: Probe,
    ready: Mapping[str, Probe] | None = None,
    refresh: Callable[[], Awaitable[None]] | None = None,
    routes: Iterable[web.AbstractRouteDef] = (),
) -> AsyncIterator[str]:
    """Serves `make_web(…)` at `listen` ("127.0.0.1:8080", "[::1]:8080", port 0 for any) while open; gives its address.

    Raises ValueError for an address that is none, OSError when it cannot be had.
    """
    host, port = address_of(listen)
    app = make_web(database, ready, refresh, routes)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0]
        yield f"http://[{bound[0]}]:{bound[1]}" if ":" in bound[0] else f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()


def address_of(listen: str) -> tuple[str, int]:
    """Host and port of `GUETTEUR_HTTP_LISTEN`. Raises ValueError saying what to write instead."""
    host, colon, port = listen.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        msg = (
            f"GUETTEUR_HTTP_LISTEN : « {listen} » n’est pas une adresse ; écrivez hôte:port, par exemple 127.0.0.1:8080"
        )
        raise ValueError(msg)
    return host, int(port)


async def _failing(probes: Mapping[str, Probe], seconds: float) -> list[str]:
    """The names of the probes that say no."""
    answers = await asyncio.gather(*(_asked(name, probe, seconds) for name, probe in probes.items()))
    return [name for name, well in zip(probes, answers, strict=True) if not well]


async def _asked(name: str, probe: Probe, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await probe()
    except Exception as error:  # noqa: BLE001 (whatever a probe raises, its answer is no)
        log.warning("probe %s failed: %s", name, type(error).__name__)
        return False


def _done(deed: Callable[[], Awaitable[None]]) -> Probe:
    async def probe() -> bool:
        await deed()
        return True

    return probe


def _verdict(failing: list[str]) -> web.Response:
    return web.json_response({"ok": not failing, "failing": failing}, status=503 if failing else 200)


async def _guard(_request: web.Request, response: web.StreamResponse) -> None:
    """Answers about now are not to be kept, and are what they say they are."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
