"""A plan becomes a PNG, or there is none, in a process that is killed when it takes too much.

One process a picture: they are rare, and what the library takes (a tenth of a gigabyte) is given back at once.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec

from bot.ops.picture.plan import Plan

LIBRARY = "matplotlib"
LARGEST = 10 * 1024 * 1024  # bytes of a photo (core.telegram.org/bots/api#sendphoto)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# No token. HOME, because the library keeps its list of fonts there; one thread, because each reserves memory.
_KEPT_FROM_ENVIRONMENT = (
    *("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL"),
    *("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"),
)
_SET: Mapping[str, str] = {"MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class DrawLimits:
    """What one picture may cost. A small machine that never drew takes some seconds to list its fonts."""

    seconds: float = 20
    memory_bytes: int = 768 * 1024 * 1024


class NotDrawn(Exception):
    """There is no picture, and why: too_slow, killed."""


def can_draw() -> bool:
    """Whether the library is installed. Never loads it: that takes a second and eighty megabytes."""
    return find_spec(LIBRARY) is not None


async def draw(plan: Plan, limits: DrawLimits = DrawLimits()) -> bytes:
    """The picture as PNG. Raises NotDrawn."""
    environment = {name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ}
    bounds = (str(limits.memory_bytes), str(max(1, round(limits.seconds))))
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.ops.picture.worker", *bounds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, **_SET},
        )
    except OSError as error:  # no memory or no process left
        raise NotDrawn("killed") from error
    try:
        async with asyncio.timeout(limits.seconds):
            png, _ = await child.communicate(json.dumps(asdict(plan)).encode())
    except TimeoutError as error:
        raise NotDrawn("too_slow") from error
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode or not png.startswith(SIGNATURE) or len(png) > LARGEST:
        raise NotDrawn("killed")
    return png
