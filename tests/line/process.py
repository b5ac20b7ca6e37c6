"""The real bot as its own process, started, stopped and killed as an operator or a power cut would."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.ops.botapi import BotApi

TOPICS = """\
topics:
  immigration:
    names: {fr: Immigration, en: Immigration}
    emoji: "🌍"
    strong: [immigration, permis de travail]
  labour:
    names: {fr: Travail, en: Labour}
    emoji: "🛠"
    strong: [grève, strike]
"""
FEEDS = """\
poll: {{fastest: 1s, slowest: 1h}}
feeds:
  - {{id: courrier, url: "{url}", outlet: Le Courrier, language: fr, class: press, every: 1s}}
"""


class Bot:
    """`folder` holds its config and database, so that a second start finds what the first left."""

    def __init__(self, folder: Path, api: BotApi, feed_url: str, role: str = "all", **settings: str) -> None:
        config = folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "topics.yaml").write_text(TOPICS, "utf-8")
        (config / "feeds.yaml").write_text(FEEDS.format(url=feed_url), "utf-8")
        self.config = config
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GUETTEUR_")},
            "GUETTEUR_BOT_TOKEN": api.token,
            "GUETTEUR_TELEGRAM_API_URL": api.url,
            "GUETTEUR_DATABASE_URL": f"sqlite:///{folder}/guetteur.db",
            "GUETTEUR_CONFIG_DIR": str(config),
            "GUETTEUR_FETCH_ALLOW": "127.0.0.0/8",
            "GUETTEUR_HTTP_LISTEN": "",
            "GUETTEUR_LOG": "json",
            **settings,
        }
        self._folder = folder
        self._role = role
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        log = (self._folder / "log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--role", self._role, env=self._env, stdout=log, stderr=log
        )
        log.close()

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """A power cut."""
        await self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It stops in the middle of whatever it does, and does not know."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is None:
            raise RuntimeError("not started")
        self._process.send_signal(number)

    async def ends(self, seconds: float) -> int:
        """The exit code of a process that ends by itself."""
        if self._process is None:
            raise RuntimeError("not started")
        return await asyncio.wait_for(self._process.wait(), seconds)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text("utf-8")

    async def _end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(number)
        return await asyncio.wait_for(process.wait(), 20)
