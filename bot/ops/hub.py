"""A hub's calls over HTTP → was this subscription meant, and here is a new body (W3C WebSub § 5.3 and § 7).

    GET  /websub/<path>?hub.mode=subscribe&hub.topic=…&hub.challenge=…   200 and the challenge, or 404
    POST /websub/<path>                                                  202; 410 unknown, 413 too large, 503 come again

The path is known to the hub alone; nothing is read of a body before it is known to us too, and no more than the limit.
What is asked comes in as `Receives`, so this door knows neither the store nor the loops. It says nothing of why.
"""

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from bot.ops.body import read_body


class Receives(Protocol):
    """What a callback means."""

    async def verify(self, path: str, query: Mapping[str, str]) -> str | None: ...
    async def expects(self, path: str) -> bool: ...
    async def receive(self, path: str, body: bytes, content_type: str, signature: str) -> bool: ...


def hub_routes(receiver: Receives, prefix: str, most_bytes: int) -> tuple[web.AbstractRouteDef, ...]:
    """The two routes under `prefix` ("/websub/"). `most_bytes`: of a body."""

    async def verify(request: web.Request) -> web.Response:
        answer = await receiver.verify(request.match_info["path"], request.query)
        return web.Response(status=404) if answer is None else web.Response(text=answer)

    async def receive(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if not await receiver.expects(path):
            return web.Response(status=410)
        body = await read_body(request, most_bytes)
        if body is None:
            return web.Response(status=413)
        content_type, signature = request.headers.get("Content-Type", ""), request.headers.get("X-Hub-Signature", "")
        taken = await receiver.receive(path, body, content_type, signature)
        return web.Response(status=202) if taken else web.Response(status=503, headers={"Retry-After": "10"})

    route = prefix + r"{path:[\w-]{1,100}}"
    return web.get(route, verify, allow_head=False), web.post(route, receive)
