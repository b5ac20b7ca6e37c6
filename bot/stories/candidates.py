"""The stories that hold a new item's rarest keys: the few worth weighing, whatever the number of items remembered."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from bot.stories.rarity import Rarity

COMMON: Final = 100  # stories: a key that more of them hold finds nobody
NEAREST: Final = 12  # stories weighed for one item


def telling_keys(rarity: Rarity) -> tuple[str, ...]:
    """The keys asked about that are rare enough to look stories up by."""
    return tuple(key for key, count in sorted(rarity.counts.items()) if 0 < count <= COMMON and rarity.weight(key))


def nearest(rarity: Rarity, holding: Mapping[str, Collection[int]]) -> list[int]:
    """At most NEAREST story numbers, nearest first; `holding`: key → the stories that hold it."""
    shared: defaultdict[int, float] = defaultdict(float)
    for key in telling_keys(rarity):
        weight = rarity.weight(key)
        for story in holding.get(key, ()):
            shared[story] += weight
    return sorted(shared, key=lambda story: (-shared[story], story))[:NEAREST]
