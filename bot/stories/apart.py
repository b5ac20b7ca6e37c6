"""Two items that share much → whether the little they do not share is the news.

The same sentence with another name, figure or rank in it tells of two towns, two nights, a third operation and a
fourth. « Une autre grève » is not the strike before; a ban and its lifting are two pieces of news; « Séance du
conseil » comes back every month. Reads titles first: what differs only in a lead is a detail of the same news.
"""

from collections.abc import Collection
from typing import Final

from bot.stories.fingerprint import Fingerprint
from bot.stories.rarity import ordinary
from bot.stories.tie import words

_ALIKE: Final = 0.35  # cover from which « une autre » means another of the same
_TELLING: Final = 0.5  # weight of a name in ordinary news from which it tells two matters apart; Québec does not
_NAMED: Final = 0.3  # weight from which a name in both titles counts: a head of government does, a country does not
_SAME_LEAD: Final = 0.6  # share of the shorter lead


def apart(new: Fingerprint, old: Fingerprint, cover: float) -> bool:
    """True where the difference between two items makes them two pieces of news, however much they share."""
    return (
        _other_rank(new, old)
        or ("over" in new.marks) != ("over" in old.marks)
        or (("again" in new.marks) != ("again" in old.marks) and cover > _ALIKE)
        or _same_form(new, old)
        or _exclude(new, old)
        or _recurs(new, old)
    )


def _other_rank(new: Fingerprint, old: Fingerprint) -> bool:
    """« Une troisième opération », "the fourth operation"."""
    ranks = [{mark for mark in item.marks if mark[0].isdecimal()} for item in (new, old)]
    return all(ranks) and ranks[0].isdisjoint(ranks[1])


def _same_form(new: Fingerprint, old: Fingerprint) -> bool:
    """« Un incendie à Lévis ravage un commerce », « … à Laval … »: only names and figures differ."""
    return all(
        rest and all(key in item.names or key[0] == "#" for key in rest)
        for item, rest in ((new, _only(new, old)), (old, _only(old, new)))
    )


def _only(one: Fingerprint, other: Fingerprint) -> Collection[str]:
    return words(one.title - other.title - other.lead)


def _exclude(new: Fingerprint, old: Fingerprint) -> bool:
    """Both titles name someone or some place, neither item knows the other's, and they name nobody together."""
    if any(ordinary(key) > _NAMED for key in new.title & old.title & (new.names | old.names)):
        return False
    told = [{key for key in item.title & item.names if ordinary(key) > _TELLING} for item in (new, old)]
    return all(told) and told[0].isdisjoint(old.title | old.lead) and told[1].isdisjoint(new.title | new.lead)


def _recurs(new: Fingerprint, old: Fingerprint) -> bool:
    """A title that names nothing, or that its outlet uses again with other figures under it."""
    figures = [{key for key in item.lead if key[0] == "#"} for item in (new, old)]
    if all(figures) and figures[0].isdisjoint(figures[1]) and new.title == old.title:
        return new.outlet == old.outlet or _names_nothing(new)
    if _names_nothing(new) or _names_nothing(old):
        return len(new.lead & old.lead) <= _SAME_LEAD * min(len(new.lead), len(old.lead))
    return False


def _names_nothing(item: Fingerprint) -> bool:
    """« Séance du conseil », « Avis public »."""
    title = words(item.title)
    return len(title) <= 2 and not any(key in item.names or key[0] == "#" for key in title)
