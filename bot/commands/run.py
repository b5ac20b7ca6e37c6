"""Settings become a running bot; a refused configuration becomes one line a problem and exit 1."""

import asyncio
import signal
import sys

from bot.errors import ConfigError
from bot.settings import Settings


def run(settings: Settings, role: str) -> int:
    """Runs until SIGTERM or SIGINT. Returns 0 after a clean drain, 1 when it could not start."""
    from bot.app import run_bot

    async def work() -> int:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return await run_bot(settings, role, stop)

    try:
        return asyncio.run(work())
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
