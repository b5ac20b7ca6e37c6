"""A new item and the stories it could belong to → the one it joins, the one it resumes, or none.

Two items tell one piece of news when they share rare words of both kinds, who and what (`tie`), when these cover a
fair part of both titles, and when nothing sets them apart (`apart`). From its third item on, a story is known by its
profile too, so that one odd item cannot pull in the next. One expression is one piece of evidence, and news needs two:
a subject and what happened. Names alone tie only what two outlets tell: an outlet that writes twice of a person and a
league rarely tells one piece of news twice, and others do not take it up. A story takes items for two days, then
closes: the alert was sent, and what comes later deserves its own. Two items about one person a fortnight apart are the
same matter, told again: `Resumed`. Pure: the caller finds the candidates and counts the keys, in memory (`Window`) or
in SQL, with the same result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, fsum
from typing import Final

from bot.stories.apart import apart
from bot.stories.fingerprint import Fingerprint
from bot.stories.rarity import Rarity, ordinary
from bot.stories.tie import Likeness, Tie, likeness, phrases, pieces, strongest, tie, weigh

OPEN_FOR: Final = timedelta(hours=48)  # from the story's first item
REMEMBERED_FOR: Final = timedelta(days=31)
MEMBERS: Final = 24  # items of a story that are compared: the first and the latest

_PROFILED: Final = 3  # items from which a story has a profile
_VOTES: Final = 0.3  # share of its items that must be tied one by one when the profile is not
_ALONE: Final = 5.0  # standing of a tie that needs no others
_LEAST: Final = 2.0  # score under which nothing is proven
_TOO_ALIKE: Final = 0.5  # cover from which an item that is kept apart from one member is kept out of the story


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
    """The same matter again after its story closed: a new story, told anew as a follow-up of `story_id`."""

    story_id: int
    tied_by: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Opened:
    """No story is about this."""


Grouping = Joined | Resumed | Opened


def choose(
    new: Fingerprint, candidates: Sequence[Candidate], rarity: Rarity, open_for: timedelta = OPEN_FOR
) -> Grouping:
    """The story `new` belongs to; the strongest proof wins, the older story among equals.

    `rarity` counts `new.keys` among the stories remembered. Candidates older than
    `REMEMBERED_FOR` must not be given. `open_for`: how long a story takes others in.
    """
    joined: list[Joined] = []
    resumed: list[Resumed] = []
    for story in sorted(candidates, key=lambda one: one.story_id):
        weights = weigh(new, story.items, rarity)
        if _is_open(new, story, open_for):
            if fsum(weights.values()) >= _LEAST and (proof := _proof(new, story.items, weights)):
                joined.append(Joined(story.story_id, strongest(proof.values), proof.score))
        elif (old := _about_same_person(new, story.items, rarity)) and not apart(new, old, 1):
            shared = tie(new, old, weights)
            resumed.append(Resumed(story.story_id, strongest(shared.values), shared.score))
    if joined:
        return max(joined, key=lambda one: one.score)
    return max(resumed, key=lambda one: one.score) if resumed else Opened()


def _is_open(new: Fingerprint, story: Candidate, open_for: timedelta) -> bool:
    """A coarse date excludes nothing; the first item says what the story's is worth."""
    return not (new.exact and story.items[0].exact) or abs(new.at - story.opened_at) <= open_for


def _proof(new: Fingerprint, items: Sequence[Fingerprint], weights: dict[str, float]) -> Tie | Likeness | None:
    """What proves best that `new` tells the same news as `items`, or None."""
    proofs: list[Tie] = []
    for old in items:
        if _cannot_be(new, old, weights):
            continue
        shared = tie(new, old, weights)
        if apart(new, old, shared.cover):
            if shared.cover > _TOO_ALIKE:
                return None
        elif _is_enough(shared, by_two=_by_two(new, old)) or _same_title(new, old):
            proofs.append(shared)
    best = max(proofs, key=lambda one: one.standing, default=None)
    if len(items) < _PROFILED:
        return best
    profile = likeness(new, items, weights)
    if _fits(profile, by_two=any(_by_two(new, old) for old in items)):
        return profile
    needed = 1 if best and best.standing >= _ALONE else ceil(len(items) * _VOTES)
    return best if len(proofs) >= needed else None


def _cannot_be(new: Fingerprint, old: Fingerprint, weights: dict[str, float]) -> bool:
    """Spares the weighing of the many items that share one or two keys: no rule below is content with so little."""
    shared = (new.title | new.lead) & (old.title | old.lead)
    return fsum(weights[key] for key in shared) < _LEAST


def _by_two(new: Fingerprint, old: Fingerprint) -> bool:
    """Whether two outlets tell them; an outlet that is not known (the command line) may be another."""
    return new.outlet != old.outlet or not new.outlet


def _is_enough(shared: Tie, *, by_two: bool) -> bool:
    return _proves(shared, by_two=by_two) and _agrees(shared, by_two=by_two)


def _proves(shared: Tie, *, by_two: bool) -> bool:
    """Where the standing of wrong ties ends and that of right ones begins, read on labelled groups and days of news."""
    if by_two and shared.entities >= 2 and shared.who >= 4.5 and shared.cover >= 0.42:
        return True
    if shared.what < 0.9 or len(shared.values) < 3:
        return False
    told = shared.what_titles >= 0.5 or shared.what_leads >= 2.5
    if shared.who < 0.75:
        return told and shared.standing >= 5.0
    compact = shared.what_titles >= 0.9 and shared.cover >= 0.43 and shared.standing >= 3.2
    return compact or (told and shared.standing >= 4.5)


def _agrees(shared: Tie, *, by_two: bool) -> bool:
    """Whether independent evidence agrees, where the titles do not say nearly the same.

    One expression (« Arabie saoudite », « colère des agriculteurs ») names a subject, however rare its words: news is
    that and something else. An outlet has subjects, files and phrases of its own: where two of its pieces share words
    of their titles only, and no lead bears them out, three phrases must agree.
    """
    if shared.cover < 0.55 and pieces(shared.values) < 2:
        return False
    return by_two or shared.beyond >= 0.5 or shared.cover >= 0.65 or phrases(shared.values) >= 3


def _fits(profile: Likeness, *, by_two: bool) -> bool:
    about = profile.what >= 0.9 or (by_two and profile.names >= 3)
    return about and profile.score >= 2.9 and profile.cover >= 0.15 and profile.core >= 0.45


def _same_title(new: Fingerprint, old: Fingerprint) -> bool:
    return new.title == old.title and sum(map(ordinary, sorted(new.title))) > 1


def _about_same_person(new: Fingerprint, items: Sequence[Fingerprint], rarity: Rarity) -> Fingerprint | None:
    """The item that holds in its title a full name of `new`'s title which no other story of the month holds."""
    for old in items:
        shared = (new.people | old.people) & new.title & old.title
        if any(rarity.counts.get(name, 0) <= 1 for name in shared):
            return old
    return None
