"""JSON lines, from a file or standard input, become checked mappings; documents become JSON lines.

Shared by the commands that a program can talk to. A line that can't be read is told on standard error with its number
and costs only itself.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import GuetteurError

T = TypeVar("T")


class BadLine(Exception):
    """A line that is no item; says why, in French."""


@dataclass(slots=True)
class Lines:
    """Where lines come from, under its name; `failed` once one of them could not be read."""

    name: str
    lines: Iterable[bytes]
    failed: bool = False

    def read(self, read: Callable[[bytes], T]) -> Iterator[T]:
        """What `read` makes of each line that is not blank; one it refuses (BadLine) is told and left out."""
        for number, line in enumerate(self.lines, 1):
            if not line.strip():
                continue
            try:
                value = read(line)
            except BadLine as bad:
                self.failed = True
                print(f"{self.name}, ligne {number} : {bad}", file=sys.stderr)
                continue
            yield value


def lines_of(file: Path | None) -> Lines:
    """The lines of a file, or of standard input as they come. Reading raises GuetteurError when the file can't be."""
    return Lines(str(file), _lines_of(file)) if file else Lines("entrée standard", sys.stdin.buffer)


def _lines_of(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            yield from stream
    except OSError as error:
        raise GuetteurError(f"{file} : fichier illisible ({error.strerror})") from error


def read_item(line: bytes, texts: tuple[str, ...], *, needed: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object on a line. Raises BadLine, also where one of `texts` is something else or `needed` lacks."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"JSON illisible ({error})") from error
    if not isinstance(given, dict):
        raise BadLine('un objet JSON est attendu : {"id": …, "title": …}')
    for key in texts:
        if not isinstance(given.get(key) or "", str):
            raise BadLine(f"« {key} » n’est pas du texte")
    for key in needed:
        if given.get(key) is None:
            raise BadLine(f"« {key} » manque")
    return given


def print_line(document: dict[str, Any]) -> None:
    """One JSON document on one line; letters that can't be written (lone surrogates) become « ? »."""
    print(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8"))
