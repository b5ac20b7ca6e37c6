"""A story and an item that joined it → the turn the news took, if it took one.

Later outlets repeat; now and then one brings a vote, an agreement, a ruling, an end, or other figures. That may
deserve a reply to the first message, sparingly: only what the new title says and nothing before said counts, and only
once the story is told.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from bot.stories.fingerprint import Fingerprint, roots
from bot.stories.rarity import ordinary


class Turn(StrEnum):
    RULING = "ruling"
    VOTE = "vote"
    AGREEMENT = "agreement"
    END = "end"
    FIGURES = "figures"


# In the order a reader would name them: a court that ends a strike rules.
_SAID: Final = {
    Turn.RULING: "tribunal juge jugement cour verdict coupable acquitté condamné injonction annule invalide",
    Turn.VOTE: "vote votent voté adopte adopté rejette rejeté ratifie ratifié entérine",
    Turn.AGREEMENT: "entente accord règlement conclu signe signé",
    Turn.END: "fin levée terminée reprise annulée abandonne retire suspendue démission démissionne",
}
_ROOTS: Final = {turn: frozenset(roots(said)) for turn, said in _SAID.items()}
_TELLING_FIGURE: Final = 1.5  # weight: an amount, a percentage or a count, not « 12 »


def development(before: Sequence[Fingerprint], new: Fingerprint) -> Turn | None:
    """The turn that the title of `new` tells and that no item of `before` (its story, oldest first) told."""
    known = frozenset[str]().union(*(item.title | item.lead for item in before))
    fresh = new.title - known
    for turn, said in _ROOTS.items():
        if fresh & said and not known & said:
            return turn
    figures = {key for key in fresh if key[0] == "#" and ordinary(key) > _TELLING_FIGURE}
    return Turn.FIGURES if figures and any(key[0] == "#" for item in before for key in item.title) else None
