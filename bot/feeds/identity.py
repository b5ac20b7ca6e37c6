"""Entries become the keys they are remembered by, and the seen keys say which entries are new.

    guid, when the feed's guids can be believed   →  g:…
    canonical link, when it names one page        →  l:…
    title and instant                             →  t:…

An entry is new when none of its keys was seen: an edited title keeps its guid, a changed guid keeps its link, a site
that moved keeps titles and instants. A guid or link carried by different items of one document names none of them; a
feed where that is the rule is not believed again (`FeedMemory.guids_lie`). There is no "newest date seen": items that
come late, reordered or back are told apart by their keys alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from urllib.parse import urlsplit

from bot.feeds.memory import FeedMemory
from bot.model import Entry
from bot.text.urls import canonical_url


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of one entry, strongest first: the item is stored under the first, all are looked up and marked.

    `url` is its canonical link when that names this item alone, else "": the same one in another feed of the outlet is
    the same item.
    """

    all: tuple[str, ...]
    url: str = ""

    @property
    def key(self) -> str:
        return self.all[0]


def entry_keys(entries: Sequence[Entry], memory: FeedMemory) -> tuple[tuple[Keys, ...], FeedMemory]:
    """The keys of each entry, in order, and the memory with what this document taught about guids and links."""
    links = [canonical_url(entry.link) if entry.link else "" for entry in entries]
    guids = [(entry.guid or "").strip() for entry in entries]
    titles = [_folded(entry.title) or _folded(entry.summary[:200]) for entry in entries]

    linkless = {(guid, title) for guid, link, title in zip(guids, links, titles, strict=True) if not link}
    shared_guids, guids_lie = _shared(
        guids,
        [
            (f"l{link}" * bool(link), f"t{title}" * ((guid, title) in linkless))
            for guid, link, title in zip(guids, links, titles, strict=True)
        ],
    )
    shared_links, links_lie = _shared(
        links, [(f"g{guid}" * bool(guid), f"t{title}") for guid, title in zip(guids, titles, strict=True)]
    )
    memory = replace(memory, guids_lie=memory.guids_lie or guids_lie, links_lie=memory.links_lie or links_lie)
    keys = []
    for entry, guid, link, title in zip(entries, guids, links, titles, strict=True):
        named_by_guid = bool(guid) and not memory.guids_lie and guid not in shared_guids
        named_by_link = bool(link) and not memory.links_lie and link not in shared_links and _names_a_page(link)
        names = [_hashed("g", guid)] if named_by_guid else []
        names += [_hashed("l", link)] if named_by_link else []
        if not named_by_link or _is_precise(entry.published_at):
            names.append(_hashed("t", f"{title}\n{_instant(entry.published_at)}" if title else f"{guid}\n{link}"))
        keys.append(Keys(tuple(names), link if named_by_link else ""))
    return tuple(keys), memory


def unseen(
    keys: Sequence[Keys], seen: AbstractSet[str], outlet_urls: AbstractSet[str] = frozenset()
) -> tuple[int, ...]:
    """The positions of the entries that are new, in order; an item that the document lists twice counts once.

    `seen` holds the keys known of this feed, `outlet_urls` the canonical links other feeds of its outlet brought.
    """
    met: set[str] = set()
    fresh = []
    for position, one in enumerate(keys):
        if not seen.isdisjoint(one.all) or one.url in outlet_urls or not met.isdisjoint(one.all):
            continue
        met.update(one.all)
        fresh.append(position)
    return tuple(fresh)


def _shared(values: Sequence[str], bonds: Sequence[tuple[str, ...]]) -> tuple[frozenset[str], bool]:
    """The values carried by different items, and whether most of the document's values are such.

    `bonds` of a position: what it has in common with the same item listed twice; "" for nothing.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for position, value in enumerate(values):
        if value:
            places[value].append(position)
    shared = {value: at for value, at in places.items() if len(at) > 1 and not _are_one(at, bonds)}
    carried = sum(map(len, places.values()))
    return frozenset(shared), 2 * sum(map(len, shared.values())) > carried


def _are_one(positions: Sequence[int], bonds: Sequence[tuple[str, ...]]) -> bool:
    """Whether bonds lead from the first position to all, in whatever order the document lists them; linear."""
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for position in positions:
        for bond in bonds[position]:
            holding[bond].append(position)
    reached, ahead = {positions[0]}, [positions[0]]
    while ahead:
        for bond in filter(None, bonds[ahead.pop()]):
            new = [position for position in holding.pop(bond, ()) if position not in reached]
            reached.update(new)
            ahead += new
    return len(reached) == len(positions)


def _names_a_page(link: str) -> bool:
    """A site's front page is where items point that have no page of their own."""
    parts = urlsplit(link)
    return parts.path not in {"", "/"} or bool(parts.query or parts.fragment)


def _is_precise(at: datetime | None) -> bool:
    """To the minute at least: a bare day or hour is shared by different items of the same title."""
    return at is not None and bool(at.minute or at.second)


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _hashed(kind: str, value: str) -> str:
    """A key of fixed length: guids and titles of any length and language fit the same index."""
    return f"{kind}:{blake2b(value.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"
