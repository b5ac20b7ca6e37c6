"""Frames on standard input become documents on standard output: the process that parses and may be killed.

    parent → [header: JSON] [body: bytes]
    parent ← [document: JSON] [entries: JSON] … [done: JSON], or [failed: JSON] at any point
    parent ← [outlines: JSON] [done: JSON] for a subscription list; [article: JSON] [done: JSON] for a page

A frame is its length (4 bytes, big endian) and that many bytes. The process holds no secret (its environment is bare),
opens nothing, and is bounded by the kernel: memory from the start, CPU time for each document, so that even an orphan
ends. What it cannot finish it does not explain: it dies, and its parent says "parser_killed".
"""

import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from bot.errors import FetchFailed
from bot.feeds.parse.document import pack_document, pack_entry
from bot.model import Entry

_FRAME = 256 * 1024  # characters of entries sent at once
_FEW = 20  # entries that are not worth a write of their own


def main(memory_bytes: int) -> None:
    """Serves until standard input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a stray print must not look like a frame
    with contextlib.suppress(OSError, ValueError):  # macOS has no limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    from bot.feeds.parse.read import open_document  # once the limit holds

    gc.freeze()  # what was imported is never garbage

    while header := read_frame(source):
        request = json.loads(header)
        content = read_frame(source)
        _allow_seconds(request["seconds"])
        try:
            if request["kind"] == "list":
                from bot.feeds.parse.outlines import read_outlines  # lxml and more, for a rare question

                _send(target, {"outlines": [(one.url, one.title, one.tags) for one in read_outlines(content)]})
            elif request["kind"] == "article":
                from bot.stories.article import extract_article  # and trafilatura, which takes a second

                _send(target, {"article": asdict(extract_article(content, request["base_url"]))})
            else:
                document, entries = open_document(
                    content, request["content_type"], request["base_url"], request["known"]
                )
                _send(target, {"document": pack_document(document)})
                for batch in _batches(entries):
                    _send(target, {"entries": [pack_entry(entry) for entry in batch]})
                    if len(batch) > _FEW:
                        target.flush()
            _send(target, {"done": True})
        except FetchFailed as failure:
            _send(target, {"failed": [failure.cause, failure.detail]})
        target.flush()


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries in frames that the parent reads without pausing its loop, often enough to show life."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += len(entry.summary) + len(entry.body) + 500
        if size > _FRAME:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_frame(source: BinaryIO) -> bytes:
    """The next frame, b"" at the end of the stream."""
    length = source.read(4)
    return source.read(int.from_bytes(length, "big")) if len(length) == 4 else b""


def frame(payload: bytes) -> bytes:
    """The payload with its length before it."""
    return len(payload).to_bytes(4, "big") + payload


def _send(target: BinaryIO, message: dict[str, Any]) -> None:
    target.write(frame(json.dumps(message).encode()))


def _allow_seconds(seconds: float) -> None:
    """SIGXCPU ends a parse that outlives its parent's patience by far."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soon = int(spent.ru_utime + spent.ru_stime + seconds) + 2
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soon, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]))
