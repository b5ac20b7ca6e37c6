"""How often a key stands in news → what sharing it proves, from 0 (everyday) to about 2 (nobody else writes it).

The weight of a key is `-log10` of the share of stories that hold it, less `_EVERYDAY`: Robertson and Spärck Jones'
inverse document frequency (1976). The share blends two counts: this month's stories, so that the word of the
week proves little, and a table of ordinary news (`common.tsv`) that stands for `_PRIOR` stories, so that a window of
ten knows what is rare.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log10
from typing import Final

_EVERYDAY: Final = 1.2  # a key in more than 6 % of all items proves nothing
_PRIOR: Final = 600  # stories
_UNSEEN: Final = 0.0004  # share of a word that the table does not know
_SMALL_NUMBER: Final = 0.004
_TOGETHER: Final = 0.3  # of the items that hold the rarer word of a pair, those that hold the pair


@dataclass(frozen=True, slots=True)
class Rarity:
    """What a decision counts by: `total` stories remembered, and for each key asked about how many of them hold it.

    Stories, not items: forty copies of one dispatch are one use of its words, or a widely told story would make its own
    words everyday. A store counts `story_key` rows; `Window` counts in memory: same numbers.
    """

    total: int
    counts: Mapping[str, int]

    def weight(self, key: str, own: int = 0) -> float:
        """What the key proves about an item and a story; `own`: 1 when that story is among those counted, else 0."""
        others = max(0, self.counts.get(key, 0) - own)
        return max(0.0, -log10((others + _PRIOR * _rate(key)) / (self.total + _PRIOR)) - _EVERYDAY)


@cache
def ordinary(key: str) -> float:
    """The weight of a key in ordinary news, whatever this month's are."""
    return max(0.0, -log10(_rate(key)) - _EVERYDAY)


@cache
def _rate(key: str) -> float:
    if key.startswith("#"):
        return _SMALL_NUMBER if key[1:].isdecimal() and len(key) < 4 else _UNSEEN
    if "+" in key:
        return _TOGETHER * min(map(_rate, key.split("+")))
    return _common().get(key, _UNSEEN)


@cache
def _common() -> dict[str, float]:
    lines = (files(__package__) / "common.tsv").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {root: int(count) / 10_000 for root, count in pairs}
