"""People's own keywords, as the table holds them, stand in the index that reads the news: at start, at reload, at each
change.

The index follows the table and never the other way round: whoever changes a keyword commits, then asks for `refile`; a
tick asks too, for what another process changed. A keyword that cannot be read any more (a list it names is gone) is
left out, and its owner's screen says so.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from bot.store import keywords
from bot.store.database import Database
from bot.topics.match import Index
from bot.topics.syntax import Term, TermRefused, parse_term


@dataclass(slots=True)
class _Filed:
    """What one index holds: keywords by id, and the version of the table they are of."""

    version: tuple[Any, ...] = ()
    terms: dict[int, Term | None] = field(default_factory=dict)  # None: cannot be read
    written: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Filer:
    """`index` gives the one in use."""

    database: Database
    index: Callable[[], Index]
    filed: WeakKeyDictionary[Index, _Filed] = field(default_factory=WeakKeyDictionary)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refile(self) -> None:
        """The index in use holds what the table holds; one question when nothing changed."""
        await self.fill(self.index())

    async def fill(self, index: Index) -> None:
        """The same for an index that is not in use yet."""
        async with self.turn:
            filed = self.filed.setdefault(index, _Filed())
            async with self.database.read() as conn:
                version = await keywords.version(conn)
                if version == filed.version:
                    return
                held = await keywords.every_keyword(conn)
            _follow(index, filed, held)
            filed.version = version


def _follow(index: Index, filed: _Filed, held: Mapping[int, str]) -> None:
    """Files what came and takes out what went; an id that came back with other words is both."""
    for keyword_id, written in list(filed.written.items()):
        if held.get(keyword_id) != written:
            term = filed.terms.pop(keyword_id)
            del filed.written[keyword_id]
            if term is not None:
                index.remove_personal(keyword_id, term)
    for keyword_id, written in held.items():
        if keyword_id not in filed.written:
            filed.written[keyword_id] = written
            filed.terms[keyword_id] = term = _read(written, index)
            if term is not None:
                index.add_personal(keyword_id, term)


def _read(written: str, index: Index) -> Term | None:
    try:
        return parse_term(written, index.topics.lists)
    except TermRefused:
        return None
