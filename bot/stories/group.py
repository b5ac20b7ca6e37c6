"""A new item and the stories it could belong to → the one it joins, resumes, or none.

Two items tell one piece of news when they share rare words of both kinds: who or where (names, acronyms, figures) and
what happened. The evidence is the sum of what each shared key proves (see `rarity`): full where both titles hold it,
half where one does, a tenth where only the leads do. It must also cover a fair part of both titles. From the third
item on, a story is known by its profile too, the keys most of its items share, so that one odd item cannot pull in
the next.

Never tied, whatever they share: the same sentence with another name, figure or rank in it (two towns, two nights, a
third and a fourth operation), names that exclude each other, « une autre grève » and the strike before, a ban and its
lifting. Pure: the caller finds the candidates (`Window` in memory, SQL elsewhere) and counts the keys.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt
from typing import Final

from bot.stories.fingerprint import Fingerprint
from bot.stories.rarity import Rarity, ordinary

OPEN_FOR: Final = timedelta(hours=48)  # since the story's first item: later news of it is told again
REMEMBERED_FOR: Final = timedelta(days=31)
MEMBERS: Final = 24  # items of a story that are compared: the first and the latest

_TITLE, _ONE_TITLE, _LEADS = 1.0, 0.5, 0.2
_PAIR: Final = 0.7  # of the weight of two words side by side, which count singly too
_FIGURE: Final = 0.8
_OTHER_NAME: Final = 0.5
_PROFILED: Final = 3  # items
_VOTES: Final = 0.3  # share of a story's items that must be tied one by one when its profile is not
_ALONE: Final = 5.0  # standing of a tie that needs no others


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that shares a key with the new item: its items, oldest first, at most `MEMBERS`."""

    story_id: int
    opened_at: datetime
    items: tuple[Fingerprint, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """The same piece of news. `tied_by`: the keys that proved it, strongest first."""

    story_id: int
    tied_by: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """The same matter again after the story closed: to be told anew, as a follow-up."""

    story_id: int
    tied_by: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Opened:
    """No story is about this."""


Grouping = Joined | Resumed | Opened


def choose(new: Fingerprint, candidates: Sequence[Candidate], rarity: Rarity) -> Grouping:
    """The story `new` joins; the strongest tie wins, the older story among equals.

    `rarity` counts `new.keys` among the items remembered, `new` itself left out. Candidates that are not remembered any
    more (`REMEMBERED_FOR`) must not be given; those closed (`OPEN_FOR`) can only be resumed.
    """
    joined: list[Joined] = []
    resumed: list[Resumed] = []
    for candidate in sorted(candidates, key=lambda one: one.story_id):
        weights = _weights(new, candidate.items, rarity)
        if _is_open(new, candidate):
            proof = _proof(new, candidate.items, weights)
            if proof is not None:
                joined.append(Joined(candidate.story_id, _strongest(proof), proof.score))
        elif (proof := _same_person(new, candidate.items, weights)) is not None:
            resumed.append(Resumed(candidate.story_id, _strongest(proof), proof.score))
    if joined:
        return max(joined, key=lambda one: one.score)
    return max(resumed, key=lambda one: one.score) if resumed else Opened()


def _is_open(new: Fingerprint, story: Candidate) -> bool:
    """A coarse date excludes nothing; the first item says what the story's is worth."""
    return not (new.exact and story.items[0].exact) or abs(new.at - story.opened_at) <= OPEN_FOR


# ── Evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Proof:
    """What is shared: `who` from names and figures, `what` from all other keys; `what_titles` of these from both
    titles, `what_leads` from one title and one lead; `cover` the share of both titles that is told by the other item
    too.
    """

    score: float
    who: float
    what: float
    what_titles: float
    what_leads: float
    entities: int  # named in both titles; « Gérald Darmanin » is one
    cover: float
    values: Mapping[str, float]


def _strongest(proof: _Proof) -> tuple[str, ...]:
    ranked = sorted(proof.values.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(key for key, value in ranked[:6] if value > 0)


def _weights(new: Fingerprint, items: Sequence[Fingerprint], rarity: Rarity) -> dict[str, float]:
    """What each key of `new` proves about this story: how rare it is outside."""
    own: dict[str, int] = {}
    for item in items:
        for key in (item.title | item.lead) & (new.title | new.lead):
            own[key] = own.get(key, 0) + 1
    return {key: rarity.weight(key, count) * _kind(key) for key, count in own.items()}


def _kind(key: str) -> float:
    return _PAIR if "+" in key else _FIGURE if key.startswith("#") else 1.0


def _tie(new: Fingerprint, old: Fingerprint, weights: Mapping[str, float]) -> _Proof:
    shared = (new.title | new.lead) & (old.title | old.lead)
    names = new.names | old.names
    values: dict[str, float] = {}
    who = what = what_titles = what_leads = 0.0
    for key in shared:
        titles = (key in new.title) + (key in old.title)
        value = weights[key] * (_LEADS, _ONE_TITLE, _TITLE)[titles]
        values[key] = value
        if _is_name(key, names):
            who += value
        else:
            what += value
            if "+" not in key:
                what_titles += weights[key] if titles == 2 else 0
                what_leads += weights[key] if titles == 1 else 0
    named = [key for key in new.title & old.title if _is_name(key, names) and weights[key] > 1.2]
    entities = sum(-1 if "+" in key else 1 for key in named if not key.startswith("#"))
    cover = sqrt(_cover(new, old) * _cover(old, new))
    return _Proof(who + what, who, what, what_titles, what_leads, entities, cover, values)


def _is_name(key: str, names: Collection[str]) -> bool:
    return key in names or key.startswith("#") or ("+" in key and all(part in names for part in key.split("+")))


def _cover(one: Fingerprint, other: Fingerprint) -> float:
    """Who else is named, often a speaker, weighs half."""
    told = missing = 0.0
    for key in one.title:
        if "+" not in key:
            if key in other.title or key in other.lead:
                told += ordinary(key)
            else:
                missing += ordinary(key) * (_OTHER_NAME if key in one.names else 1.0)
    return told / (told + missing) if told else 0.0


def _proof(new: Fingerprint, items: Sequence[Fingerprint], weights: Mapping[str, float]) -> _Proof | None:
    """The strongest proof that `new` belongs with `items`, or None."""
    proofs: list[_Proof] = []
    for old in items:
        tie = _tie(new, old, weights)
        if _apart(new, old, tie.cover):
            if tie.cover > 0.5:
                return None
        elif _is_enough(tie) or _same_title(new, old):
            proofs.append(tie)
    best = max(proofs, key=_standing, default=None)
    if len(items) < _PROFILED:
        return best
    profile = _profile(new, items, weights)
    if profile is not None:
        return profile
    return best if best and (_standing(best) >= _ALONE or len(proofs) >= ceil(len(items) * _VOTES)) else None


def _standing(tie: _Proof) -> float:
    return tie.score * (0.5 + tie.cover)


def _same_title(new: Fingerprint, old: Fingerprint) -> bool:
    return new.title == old.title and sum(map(ordinary, new.title)) > 1


def _is_enough(tie: _Proof) -> bool:
    if tie.entities >= 2 and tie.who >= 4.5 and tie.cover >= 0.42:
        return True
    if tie.what < 0.9 or len(tie.values) < 3:
        return False
    if tie.who >= 0.75:
        told = _standing(tie) >= 3.2 and tie.what_titles >= 0.9 and tie.cover >= 0.43
        return told or (_standing(tie) >= 4.5 and (tie.what_titles >= 0.5 or tie.what_leads >= 2.5))
    return _standing(tie) >= 5.0 and (tie.what_titles >= 0.5 or tie.what_leads >= 2.5)


def _profile(new: Fingerprint, items: Sequence[Fingerprint], weights: Mapping[str, float]) -> _Proof | None:
    """The tie to what most items of a story share."""
    shares: dict[str, float] = {}
    for item in items:
        for keys, part in ((item.title, 1.0), (item.lead, _ONE_TITLE)):
            for key in keys:
                shares[key] = shares.get(key, 0) + part / len(items)
    names = new.names.union(*(item.names for item in items))
    values = {
        key: weight * shares[key] * (_TITLE if key in new.title else _ONE_TITLE) for key, weight in weights.items()
    }
    who = sum(value for key, value in values.items() if _is_name(key, names))
    what = sum(values.values()) - who
    shared_names = sum(
        key in names and shares.get(key, 0) >= 0.3 and weights[key] > 0.4 for key in new.title & weights.keys()
    )
    words = [key for key in new.title if "+" not in key]
    cover = sum(ordinary(key) * shares.get(key, 0) for key in words) / (sum(map(ordinary, words)) or 1)
    core = {key: ordinary(key) * _kind(key) * share**2 for key, share in shares.items() if share >= 0.4}
    held = sum(value for key, value in core.items() if key in weights) / (sum(core.values()) or 1)
    if (what >= 0.9 or shared_names >= 3) and who + what >= 2.9 and cover >= 0.15 and held >= 0.45:
        return _Proof(who + what, who, what, 0, 0, 0, cover, values)
    return None


def _same_person(new: Fingerprint, items: Sequence[Fingerprint], weights: Mapping[str, float]) -> _Proof | None:
    """A full name in both titles that no other story of the month holds."""
    for old in items:
        full = {key for key in new.title & old.title if "+" in key and _is_name(key, new.names | old.names)}
        if any(weights[key] >= _PAIR * ordinary(key) for key in full):
            return _tie(new, old, weights)
    return None


# ── What keeps two items apart ───────────────────────────────────────────────────────────────────────────────────────


def _apart(new: Fingerprint, old: Fingerprint, cover: float) -> bool:
    """True where the difference between two titles is the news."""
    ranks = [{mark for mark in one.marks if mark[0].isdecimal()} for one in (new, old)]
    if (all(ranks) and not ranks[0] & ranks[1]) or ("over" in new.marks) != ("over" in old.marks):
        return True
    if ("again" in new.marks) != ("again" in old.marks) and cover > 0.35:
        return True
    left, right = _only(new, old), _only(old, new)
    if left and right and _fills(left, new) and _fills(right, old):
        return True
    return _exclude(new, old) or _recurs(new, old)


def _only(one: Fingerprint, other: Fingerprint) -> set[str]:
    return {key for key in one.title - other.title - other.lead if "+" not in key}


def _fills(rest: Collection[str], item: Fingerprint) -> bool:
    """The same sentence with another name or figure in it."""
    return all(key in item.names or key.startswith("#") for key in rest)


def _recurs(new: Fingerprint, old: Fingerprint) -> bool:
    """« Séance du conseil »: a title that names nothing, or that an outlet uses again with another date under it."""
    figures = [{key for key in one.lead if key.startswith("#")} for one in (new, old)]
    if figures[0] and figures[1] and not figures[0] & figures[1]:
        return new.title == old.title and (new.outlet == old.outlet or _is_bare(new))
    return (_is_bare(new) or _is_bare(old)) and not len(new.lead & old.lead) > 0.6 * min(len(new.lead), len(old.lead))


def _is_bare(item: Fingerprint) -> bool:
    words = [key for key in item.title if "+" not in key]
    return len(words) <= 2 and not any(key in item.names or key.startswith("#") for key in words)


def _exclude(new: Fingerprint, old: Fingerprint) -> bool:
    """Both titles name someone or some place, rare enough to tell, and neither item knows the other's."""
    told = [{key for key in one.title & one.names if ordinary(key) > 0.5} for one in (new, old)]
    return all(told) and not told[0] & (old.title | old.lead) and not told[1] & (new.title | new.lead)
