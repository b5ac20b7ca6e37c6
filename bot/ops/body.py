"""A request becomes its body, exactly as it was sent, or None: too long, or too slow to come."""

import asyncio

from aiohttp import web

BODY_SECONDS = 30.0  # for a whole body


async def read_body(request: web.Request, most_bytes: int) -> bytes | None:
    """The body, since a signature is over those bytes. Reads no more than `most_bytes` and a chunk."""
    if (request.content_length or 0) > most_bytes:
        return None
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > most_bytes:
                    return None
                chunks.append(chunk)
    except TimeoutError:
        return None
    return b"".join(chunks)
