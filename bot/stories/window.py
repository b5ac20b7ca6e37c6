"""Items in time order → their stories, in memory: what a store does with two queries, for the command line and tests.

The same decision on the same numbers as the store's: keys are counted among the stories remembered, and candidates
are the stories that hold the rarest keys, so that an item costs the same after a hundred and after a hundred thousand
others.
"""

from collections import Counter, defaultdict, deque
from dataclasses import replace

from bot.stories.candidates import nearest
from bot.stories.fingerprint import Fingerprint
from bot.stories.group import (
    MEMBERS,
    REMEMBERED_FOR,
    Candidate,
    Grouping,
    Joined,
    choose,
)
from bot.stories.rarity import Rarity


class Window:
    """Put items in time order; those older than `REMEMBERED_FOR` are forgotten."""

    def __init__(self) -> None:
        self._remembered: deque[tuple[Fingerprint, int]] = deque()
        self._stories: dict[int, Candidate] = {}
        self._holding: defaultdict[str, Counter[int]] = defaultdict(Counter)  # key → story → items that hold it
        self._opened = 0

    def put(self, new: Fingerprint) -> tuple[int, Grouping]:
        """The story the item belongs to from now on, and why. What is resumed gets a number of its own."""
        self._forget(new)
        rarity = Rarity(len(self._stories), {key: len(self._holding.get(key, ())) for key in new.keys})
        grouping = choose(new, [self._stories[story] for story in nearest(rarity, self._holding)], rarity)
        if isinstance(grouping, Joined):
            story = grouping.story_id
        else:
            self._opened += 1
            story = self._opened
        self._remember(new, story)
        return story, grouping

    def _remember(self, new: Fingerprint, story: int) -> None:
        known = self._stories.get(story)
        items = (*known.items, new) if known else (new,)
        if len(items) > MEMBERS:
            items = (items[0], *items[2:])
        self._stories[story] = Candidate(story, known.opened_at if known else new.at, items)
        self._remembered.append((new, story))
        for key in new.keys:
            self._holding[key][story] += 1

    def _forget(self, new: Fingerprint) -> None:
        while self._remembered and self._remembered[0][0].at < new.at - REMEMBERED_FOR:
            old, story = self._remembered.popleft()
            kept = tuple(item for item in self._stories[story].items if item is not old)
            if kept:
                self._stories[story] = replace(self._stories[story], items=kept)
            else:
                del self._stories[story]
            for key in old.keys:
                self._holding[key][story] -= 1
                if not self._holding[key][story]:
                    del self._holding[key][story]
                if not self._holding[key]:
                    del self._holding[key]
