"""Two items, or an item and a story → what they share, and how much that proves.

Every shared key proves what its rarity says (`rarity`): in full where both titles hold it, half where one title and
one lead do, a fifth where only the leads do. Names and figures say who, where and how much; the other words say what
happened. Sums are exact whatever their order, so that the same items always give the same story.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import fsum, sqrt
from typing import Final

from bot.stories.fingerprint import Fingerprint, roots
from bot.stories.rarity import Rarity, ordinary

_BY_TITLES: Final = (0.2, 0.5, 1.0)  # what a key proves when no, one, both titles hold it
_PAIR: Final = 0.7  # two words side by side count singly too
_FIGURE: Final = 0.8
_OTHER_NAME: Final = 0.5  # someone else is named: often who speaks of the same matter
_ENTITY: Final = 1.2  # weight from which a name is one's own
_PLACES: Final = frozenset(
    roots(
        "aéroport aréna arrondissement autoroute avenue boulevard cégep centre chemin école église gare hôpital île lac"
        " mont mrc musée parc place pont port quartier région rivière route rue stade tour université usine ville"
    )
)
_PIECE: Final = 0.2  # value from which a word is evidence at all
_SHARED_BY_MANY: Final = 0.4  # of a story's items: its core
_SHARED_BY_SOME: Final = 0.3


@dataclass(frozen=True, slots=True)
class Tie:
    """What two items share. `values` by key; `who` and `what` are their sums by kind, `score` of all."""

    values: Mapping[str, float]
    score: float
    who: float
    what: float
    what_titles: float  # words of what happened that stand in both titles
    what_leads: float  # … in one title and one lead
    entities: int  # named in both titles; « Hélène Bastarache » is one
    cover: float  # 0–1: how much of both titles the other item tells too
    beyond: float  # weight of the words that are not in both titles: what a lead bears out

    @property
    def standing(self) -> float:
        return self.score * (0.5 + self.cover)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What an item shares with most of a story's items."""

    values: Mapping[str, float]
    score: float
    what: float
    names: int
    cover: float  # 0–1: how much of its title the story tells
    core: float  # 0–1: how much of what the story's items share it holds


def weigh(new: Fingerprint, items: Sequence[Fingerprint], rarity: Rarity) -> dict[str, float]:
    """What each key that `new` shares with a story's `items` proves: how rare it is outside that story."""
    held = frozenset[str]().union(*(keys for item in items for keys in (item.title, item.lead)))
    return {key: rarity.weight(key, own=1) * _kind(key) for key in (new.title | new.lead) & held}


def tie(new: Fingerprint, old: Fingerprint, weights: Mapping[str, float]) -> Tie:
    """What two items share, each key worth what `weigh` said."""
    shared = (new.title | new.lead) & (old.title | old.lead)
    names = _names(shared, new.names | old.names)
    both, one = new.title & old.title, new.title ^ old.title
    values = {key: weights[key] * _BY_TITLES[2 if key in both else key in one] for key in shared}
    who = fsum(value for key, value in values.items() if is_name(key, names))
    matters = [key for key in shared if "+" not in key and not is_name(key, names)]
    named = [key for key in both if is_name(key, names) and key[0] != "#" and weights[key] > _ENTITY]
    score = fsum(values.values())
    return Tie(
        values=values,
        score=score,
        who=who,
        what=score - who,
        what_titles=fsum(weights[key] for key in matters if key in both),
        what_leads=fsum(weights[key] for key in matters if key in one),
        entities=sum(-1 if "+" in key else 1 for key in named),
        cover=sqrt(_cover(new, old) * _cover(old, new)),
        beyond=fsum(weights[key] for key in words(shared - both)),
    )


def likeness(new: Fingerprint, items: Sequence[Fingerprint], weights: Mapping[str, float]) -> Likeness:
    """What `new` shares with the profile of a story: each key counts by the share of items that hold it."""
    titles = Counter(chain.from_iterable(item.title for item in items))
    leads = Counter(chain.from_iterable(item.lead for item in items))
    few = _SHARED_BY_MANY * len(items) / 2  # a key in fewer titles and fewer leads is none of the core
    often = (key for held in (titles, leads) for key, count in held.items() if count >= few)
    asked = {*new.title, *weights, *often}  # the other keys of a large story are many and weigh nothing
    shares = {key: (_BY_TITLES[2] * titles[key] + _BY_TITLES[1] * leads[key]) / len(items) for key in asked}
    names = _names(weights, new.names.union(*(item.names for item in items)))
    values = {key: weight * shares[key] * _BY_TITLES[1 + (key in new.title)] for key, weight in weights.items()}
    core = {key: ordinary(key) * _kind(key) * share**2 for key, share in shares.items() if share >= _SHARED_BY_MANY}
    title = {key: ordinary(key) for key in words(new.title)}
    return Likeness(
        values=values,
        score=fsum(values.values()),
        what=fsum(value for key, value in values.items() if not is_name(key, names)),
        names=sum(key in names and shares[key] >= _SHARED_BY_SOME for key in new.title & values.keys()),
        cover=fsum(weight * shares[key] for key, weight in title.items()) / (fsum(title.values()) or 1),
        core=fsum(value for key, value in core.items() if key in weights) / (fsum(core.values()) or 1),
    )


def pieces(values: Mapping[str, float]) -> int:
    """How many shared words are evidence of their own: a word beside a stronger one, in both items, is not."""
    beside = _beside(values)
    counted, spent = 0, set[str]()
    for word in sorted(beside, key=lambda word: (-values[word], word)):
        if values[word] >= _PIECE and word not in spent:
            counted += 1
            spent |= beside[word]
    return counted


def phrases(values: Mapping[str, float]) -> int:
    """How many shared phrases are evidence: words side by side in both items are one, however many they are."""
    beside = _beside(values)
    counted, spent = 0, set[str]()
    for word in beside:
        if word not in spent:
            run = [word]
            for one in run:
                run += beside[one].difference(run)
            counted += max(values[one] for one in run) >= _PIECE
            spent.update(run)
    return counted


def _beside(values: Mapping[str, float]) -> dict[str, set[str]]:
    """Shared word → the shared words that both items have next to it."""
    beside: dict[str, set[str]] = {word: set() for word in words(values)}
    for pair in values.keys() - beside.keys():
        left, _, right = pair.partition("+")
        if left in beside and right in beside:
            beside[left].add(right)
            beside[right].add(left)
    return beside


def strongest(values: Mapping[str, float]) -> tuple[str, ...]:
    """The keys that proved most, for a person who asks why."""
    ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(key for key, value in ranked[:6] if value > 0)


def words(keys: Collection[str]) -> list[str]:
    """Keys without the pairs, which repeat them."""
    return [key for key in keys if "+" not in key]


def is_name(key: str, names: Collection[str]) -> bool:
    """Whether a key says who, where or how much."""
    return key in names or key[0] == "#" or ("+" in key and all(part in names for part in key.split("+")))


def _names(shared: Collection[str], names: Collection[str]) -> set[str]:
    """The names, and the common noun that is part of one: « le pont de l’Anse », "Anse Bridge"."""
    pairs = [key.partition("+") for key in shared if "+" in key]
    nouns = {noun for noun, _, name in pairs if noun in _PLACES and name in names}
    return {*names, *nouns, *(noun for name, _, noun in pairs if noun in _PLACES and name in names)}


def _kind(key: str) -> float:
    return _PAIR if "+" in key else _FIGURE if key[0] == "#" else 1.0


def _cover(one: Fingerprint, other: Fingerprint) -> float:
    """How much of `one`'s title `other` tells too."""
    told: list[float] = []
    untold: list[float] = []
    for key in words(one.title):
        if key in other.title or key in other.lead:
            told.append(ordinary(key))
        else:
            untold.append(ordinary(key) * (_OTHER_NAME if key in one.names else 1.0))
    return fsum(told) / (fsum(told) + fsum(untold)) if any(told) else 0.0
