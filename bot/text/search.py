"""Text → what /chercher looks in; what a person types → the words it looks for.

Both are folded (no case, no accents) and cut into words, so that « grève » finds « GREVES » and « l’immigration » is
found by « immigration ». A word is found where a word of the text begins with it; a plural s is not asked for.
"""

import re
from typing import Final

from bot.text.fold import fold

_WORD: Final = re.compile(r"[^\W_]+")
_PLURAL_FROM: Final = 5  # letters


def searchable(text: str) -> str:
    """The words of a text, each after a space."""
    return "".join(f" {word}" for word in _WORD.findall(fold(text)))


def typed_words(query: str) -> tuple[str, ...]:
    """The words of a query as they were typed, to show what is looked for."""
    return tuple(word for word in _WORD.findall(query) if len(word) > 1)


def search_words(query: str, bytes_at_most: int) -> tuple[str, ...]:
    """The words to look for, each once, as many as fit in so many bytes with spaces between; the last may be cut.

    Single letters, which elision leaves behind, are not asked for.
    """
    found: dict[str, None] = {}
    room = bytes_at_most
    for word in _WORD.findall(fold(query)):
        sought = word[:-1] if len(word) >= _PLURAL_FROM and word.endswith("s") else word
        if len(sought) < 2 or sought in found:
            continue
        cut = sought.encode(errors="ignore")[: max(room, 0)].decode(errors="ignore")
        if len(cut) < 2:
            break
        found[cut] = None
        room -= len(cut.encode()) + 1
    return tuple(found)
