"""Text → the same text as far as a reader in a hurry is concerned: no accents, no capitals, one apostrophe, one hyphen.

Feeds write « Grève », « GREVE » or « grève » with a loose accent; people type "greve". Whatever compares letters
compares folded ones. Idempotent: `fold(fold(x)) == fold(x)` for any code points, lone surrogates included. Lengths
change (œ → oe), so places in the original come from `tokens`, never from here.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_LETTERS: Final = {
    **dict.fromkeys(map(ord, "’‘ʼ′‛`´＇"), "'"),  # as people and programs write an apostrophe
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys((0x00AD, 0x200C, 0x200D, 0x2060, 0xFEFF)),  # soft hyphen, joiners: nothing to the eye
    **{ord(space): " " for space in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u202f"},
    **{ord(a): b for a, b in zip("œæøđłħı", ("oe", "ae", "o", "d", "l", "h", "i"), strict=True)},
}


def fold(text: str) -> str:
    """`text` without case, accents and ligatures; every space, the non-breaking ones too, is a plain space."""
    if text.isascii():
        return text.lower().translate(_LETTERS)
    for _ in range(4):  # case and decomposition feed each other; two rounds settle every code point of Unicode 15
        folded = "".join(map(_base, unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)))
        if folded == text:
            break
        text = folded
    return text


def word_set(words: str) -> frozenset[str]:
    """The words of a list as it reads best in code: one text, spaces between."""
    return frozenset(words.split())


@lru_cache(maxsize=4096)
def _base(letter: str) -> str:
    """A decomposed letter without its accents: nothing for an accent by itself."""
    return "" if unicodedata.combining(letter) or unicodedata.category(letter) == "Mn" else letter
