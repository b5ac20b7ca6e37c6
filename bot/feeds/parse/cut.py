"""A well-formed document becomes the same document without the items that were parsed before, in slices.

A feed that changed carries one new item among forty old ones, and parsing costs forty times one. Each item's block of
bytes has a fingerprint; the blocks whose fingerprint is known are left out, byte for byte, and the rest is parsed as
before. What comes out is what a whole parse would give for the remaining items, because a document is only cut when
expat, which the strict parser uses too, found it well formed, without a DOCTYPE and without items inside items: every
other document is parsed whole. Slices keep a document of twenty thousand items from being one endless parse.

An item is known by its bytes, not by its names: one that was edited, or that came back, is parsed again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat

_ITEMS = frozenset({"item", "entry"})
_START_TAG = re.compile(rb"<([^\s/>]+)")
_END_TAG = re.compile(rb"</([^\s>]+)\s*>")
_GUID = re.compile(rb"<(?:guid|id)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\s\]]+)", re.IGNORECASE)
_LINK = re.compile(rb"<link\b[^>]*?(?:href\s*=\s*[\"']([^\"']+)|>\s*(?:<!\[CDATA\[)?\s*([^<\s\]]+))", re.IGNORECASE)
_SLICE = 500  # items parsed in one go
_LENGTH = 16  # hexadecimal digits of a fingerprint: 64 bits, and a collision only hides an item from one feed


@dataclass(frozen=True, slots=True)
class Cut:
    """The documents to parse, in order, the number of items left out, and all fingerprints, to be known next time."""

    slices: tuple[bytes, ...]
    left_out: int
    blocks: str


def cut(xml: bytes, known: str) -> Cut:
    """`xml` (UTF-8) without the items whose fingerprints `known` holds; whole and without blocks when not to be cut.

    Items that share a guid or a link are never left out: only the whole document shows that those name nothing.
    """
    spans = _find_items(xml)
    if not spans:
        return Cut((xml,), 0, "")
    repeated = _names_repeat(xml, spans)
    prints = [] if repeated else [fingerprint(xml[start:end]) for start, end in spans]
    before = read_prints(known)
    unknown = [place for place in range(len(spans)) if repeated or prints[place] not in before]
    parts = [frozenset(unknown[at : at + _SLICE]) for at in range(0, len(unknown), _SLICE)] or [frozenset()]
    return Cut(
        slices=tuple(_keep(xml, spans, part) for part in parts),
        left_out=len(spans) - len(unknown),
        blocks="".join(prints),
    )


def _keep(xml: bytes, spans: Sequence[tuple[int, int]], kept: frozenset[int]) -> bytes:
    """The document with these items alone; everything around and between the items stays."""
    if len(kept) == len(spans):
        return xml
    pieces, at = [], 0
    for place, (start, end) in enumerate(spans):
        if place not in kept:
            pieces.append(xml[at:start])
            at = end
    return b"".join([*pieces, xml[at:]])


def fingerprint(block: bytes) -> str:
    return blake2b(block, digest_size=_LENGTH // 2).hexdigest()


def read_prints(blocks: str) -> frozenset[str]:
    return frozenset(blocks[at : at + _LENGTH] for at in range(0, len(blocks), _LENGTH))


class _Uncut(Exception):
    """A way out of expat: the document is to be parsed whole."""


def _find_items(xml: bytes) -> list[tuple[int, int]]:
    """Where each item begins and ends, in bytes; [] when the document is not one to cut."""
    spans: list[tuple[int, int]] = []
    parser = expat.ParserCreate("utf-8", " ")
    depth, inside = 0, 0  # `inside` is the depth of the item we are in, 0 outside
    met: dict[str, bool] = {}  # names, each looked at once

    def start(name: str, _: object) -> None:
        nonlocal depth, inside
        depth += 1
        is_item = met.get(name)
        if is_item is None:
            is_item = met[name] = name.rpartition(" ")[2].lower() in _ITEMS
        if is_item:
            if inside:
                raise _Uncut
            inside = depth
            spans.append((parser.CurrentByteIndex, -1))

    def end(_: str) -> None:
        nonlocal depth, inside
        if depth == inside:
            begun = spans[-1][0]
            opening, closing = _START_TAG.match(xml, begun), _END_TAG.match(xml, parser.CurrentByteIndex)
            if not opening or not closing or opening[1] != closing[1]:  # <item/>: what ends there is its parent
                raise _Uncut
            spans[-1] = (begun, closing.end())
            inside = 0
        depth -= 1

    def doctype(*_: object) -> None:
        raise _Uncut

    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, doctype
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, _Uncut, ValueError):
        return []
    return spans


def _names_repeat(xml: bytes, spans: Sequence[tuple[int, int]]) -> bool:
    guids: set[bytes] = set()
    links: set[bytes] = set()
    for start, end in spans:
        for pattern, met in ((_GUID, guids), (_LINK, links)):
            if found := pattern.search(xml, start, end):
                name = found[found.lastindex or 0]
                if name in met:
                    return True
                met.add(name)
    return False
