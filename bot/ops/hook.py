"""Telegram's POSTs over HTTP → updates for the conversation, when they carry the secret (Bot API, setWebhook).

    POST /telegram   200 once what the update changed has committed; 401 wrong secret, and nothing is read;
                     413 too long, 400 no JSON object, 503 come again (a standby, a start, a stop)

The secret is derived from the token, so there is none to keep, and it changes with the token. Who receives comes in as
a callable, so this door knows neither the conversation nor its library. Must never log the secret or a body.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.ops.body import read_body
from bot.ops.keys import same

PATH = "/telegram"
MOST_BYTES = 512 * 1024  # the longest update is some tens of kilobytes
HEADER = "X-Telegram-Bot-Api-Secret-Token"

Receive = Callable[[Mapping[str, Any]], Awaitable[bool]]


def hook_routes(secret: str, receive: Receive) -> tuple[web.AbstractRouteDef, ...]:
    """The route. `receive` answers True once the update is settled, False to have it brought again."""

    async def take(request: web.Request) -> web.Response:
        if not same(request.headers.get(HEADER, ""), secret):
            return web.Response(status=401)
        body = await read_body(request, MOST_BYTES)
        if body is None:
            return web.Response(status=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            update = None
        if not isinstance(update, dict):
            return web.Response(status=400)
        if await receive(update):
            return web.Response()
        return web.Response(status=503, headers={"Retry-After": "5"})

    return (web.post(PATH, take),)
