"""A body becomes a Document, a page an Article, or there is a failure, in processes killed when they take too much.

Never in the event loop: a document that takes ten seconds to parse takes none of the loop's. A process that failed in
an unforeseen way is never used again. What comes back is JSON, in frames small enough to be read between two ticks.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from bot.errors import FetchFailed
from bot.feeds.parse.document import Document, Outline, unpack_document, unpack_entry
from bot.feeds.parse.worker import frame
from bot.model import Entry
from bot.stories.article import Article

_KEPT_FROM_ENVIRONMENT = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL")  # and so no token
_DOCUMENTS_A_PROCESS = 2_000  # then a fresh one: what a parser leaks is not kept
_LONGEST_FRAME = 64 * 1024 * 1024
_FEW = 20  # entries
_PATIENCE = 6  # times `seconds`, for a long document that shows signs of life


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What parsing one document may cost. `seconds` is the time without a sign of life; six times that is all."""

    seconds: float = 10
    memory_bytes: int = 768 * 1024 * 1024
    processes: int = 2


class _Process:
    """One child and how many documents it has read."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.child = child
        self.documents = 0

    async def ask(self, header: dict[str, Any], content: bytes, limits: ParseLimits) -> AsyncIterator[dict[str, Any]]:
        """The child's answers about one document, until it is done.

        Raises FetchFailed as the child says, TimeoutError when it is silent for too long, EOFError, OSError or
        ValueError when it dies or babbles.
        """
        self.documents += 1
        source, target = self.child.stdout, self.child.stdin
        if source is None or target is None:
            raise EOFError
        clock = asyncio.get_running_loop().time
        latest = clock() + limits.seconds * _PATIENCE
        header = {**header, "seconds": limits.seconds * _PATIENCE}
        target.write(frame(json.dumps(header).encode()) + frame(content))
        while True:
            async with asyncio.timeout_at(min(clock() + limits.seconds, latest)):
                await target.drain()
                length = int.from_bytes(await source.readexactly(4), "big")
                if length > _LONGEST_FRAME:
                    raise EOFError
                answer: dict[str, Any] = json.loads(await source.readexactly(length))
            if "failed" in answer:
                raise FetchFailed(*answer["failed"])
            if "done" in answer:
                return
            yield answer

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()
        await self.child.wait()
        if self.child.stdin:
            self.child.stdin.close()


class Parser:
    """`async with Parser(limits) as parser`: one for the process; children start when first needed."""

    def __init__(self, limits: ParseLimits = ParseLimits()) -> None:
        self.limits = limits
        self._turns = asyncio.Semaphore(limits.processes)
        self._idle: list[_Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            await self._idle.pop().end()

    async def parse(self, content: bytes, content_type: str, base_url: str, known: str = "") -> Document:
        """The document that `content` is; only its items outside the `known` blocks, where it can be cut.

        `known` is an earlier Document's `blocks`. Raises FetchFailed: empty, html_page, not_a_feed, parser_failed, or
        parser_killed when it took more than `limits` allow.
        """
        header = {"kind": "feed", "content_type": content_type, "base_url": base_url, "known": known}
        document: Document | None = None
        entries: list[Entry] = []
        async with self._process() as process:
            async for answer in process.ask(header, content, self.limits):
                if "document" in answer:
                    document = unpack_document(answer["document"])
                if rows := answer.get("entries"):
                    entries += map(unpack_entry, rows)
                    if len(rows) > _FEW:
                        await asyncio.sleep(0)  # a long document is read between the loop's other tasks
            if document is None:
                raise EOFError
        return replace(document, entries=tuple(entries), total=document.total + len(entries))

    async def outlines(self, content: bytes) -> tuple[Outline, ...]:
        """The feeds of a subscription list. Raises FetchFailed: not_a_list, or parser_killed."""
        async with self._process() as process:
            answers = [answer async for answer in process.ask({"kind": "list"}, content, self.limits)]
            return tuple(Outline(url, title, tuple(tags)) for url, title, tags in answers[0]["outlines"])

    async def article(self, content: bytes, url: str) -> Article:
        """The article of the page at `url`. Raises FetchFailed("parser_killed") for one that takes too much."""
        async with self._process() as process:
            header = {"kind": "article", "base_url": url}
            answers = [answer async for answer in process.ask(header, content, self.limits)]
            return Article(**answers[0]["article"])

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[_Process]:
        """A child of our own for one document; it is ended unless it answered as agreed."""
        async with self._turns:
            process = await self._take()
            healthy = False
            try:
                yield process
                healthy = True
            except FetchFailed:
                healthy = True
                raise
            except TimeoutError as error:
                raise FetchFailed("parser_killed", f"> {self.limits.seconds:g} s") from error
            except (EOFError, OSError, ValueError, TypeError, LookupError) as error:
                raise FetchFailed("parser_killed", type(error).__name__) from error
            finally:
                if healthy and process.documents < _DOCUMENTS_A_PROCESS:
                    self._idle.append(process)
                else:
                    await process.end()

    async def _take(self) -> _Process:
        """The child used last, or a new one; those that died while idle are passed over."""
        while self._idle:
            process = self._idle.pop()
            if process.child.returncode is None:
                return process
        return await self._start()

    async def _start(self) -> _Process:
        environment = {name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ}
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.feeds.parse.worker",
                str(self.limits.memory_bytes),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment,
            )
        except OSError as error:  # no memory or no process left
            raise FetchFailed("parser_killed", type(error).__name__) from error
        return _Process(child)
