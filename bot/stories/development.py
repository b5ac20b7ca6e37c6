"""What a told story said before, and a new item of it → the turn the news took, if it took one, and why.

Later outlets repeat; now and then one brings a vote, an agreement, a ruling or an end. That may answer the first
message, sparingly. So the title must say it as done (« pourrait », « sans entente », "talks" or a question do not), no
earlier item may have said it, and the item must bring a figure of its own: the result, the amount, the length. What
fails one of these only names its outlet in the first message. Better silent ten times than heard once for nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.stories.facts import Fact, Kind, facts
from bot.text.fold import fold

LEAD: Final = 600  # characters of a lead that are read


class Turn(StrEnum):
    RULING = "ruling"
    VOTE = "vote"
    AGREEMENT = "agreement"
    END = "end"


@dataclass(frozen=True, slots=True)
class Development:
    """`words`: what the title says, folded. `figures`: what nobody said before, as written."""

    turn: Turn
    words: str
    figures: tuple[str, ...]


# Folded, in the order in which a reader would name them: a court that ends a strike rules.
_CONFLICT: Final = r"(?:greve|lock-?out|conflit|debrayage|moyens de pression|strike|lockout|walkout)"
_PACT: Final = r"(?:entente|accord|convention collective|contrat de travail)"
_DEAL: Final = r"(?:tentative )?(?:deal|agreement|contract|settlement)"
_COURT: Final = (
    r"(?:tribunal|justice|cour (?:d'appel|superieure|supreme|federale|du quebec)|juge|arbitre|court|judge|arbitrator)"
)
_RULES: Final = (
    r"(?:ordonne|invalide|annule|suspend|rejette|donne raison|tranche|condamne|confirme|autorise|orders?|ordered"
    r"|strikes? down|struck down|quash\w*|rules?|ruled|upholds?|upheld|rejects?|rejected|blocks?|blocked|overturns?"
    r"|overturned)"
)
_SAID: Final = {
    Turn.RULING: rf"{_COURT}\b.{{0,60}}\b{_RULES}|injonction (?:accordee|obtenue)|reconnue?s? coupables?"
    r"|injunction granted|found guilty",
    Turn.VOTE: r"votent|ont vote|vote (?:a \d|en faveur|contre|pour|to|for|against|down)|voted?"
    r"|adopt(?:e|ent|ee|ees|s|ed)|rejet(?:te|tent|ee|ees)|reject(?:s|ed)?|enterin(?:e|ent|ee)|ratifi(?:e|ent|ee|es|ed)",
    Turn.AGREEMENT: rf"{_PACT} (?:de principe|conclue?|signee?|intervenue?)|s'entend(?:ent)?"
    rf"|(?:conclu\w*|parvien\w+ a|sign(?:e|ent|ee)) (?:une?|l'|la) ?(?:nouvelle? )?{_PACT}"
    rf"|{_PACT}\b.{{0,30}}\b(?:est conclue?|est signee?|a ete conclue?)"
    rf"|(?:reach(?:es|ed)?|sign(?:s|ed)?|strikes?) (?:an? |the )?{_DEAL}|{_DEAL} (?:reached|signed|ratified)",
    Turn.END: rf"(?:fin|levee) (?:de la|du|de|des) {_CONFLICT}|met(?:tent)? fin (?:a la|au|aux) {_CONFLICT}"
    rf"|{_CONFLICT}\b.{{0,30}}\b(?:terminee?|prend fin|finie?|levee?|suspendue?|over|ends?|ended|lifted|suspended)"
    r"|retour au travail|reprennent le travail|back to work|return(?:s|ed)? to work",
}
_PATTERNS: Final = {turn: re.compile(rf"\b(?:{said})\b") for turn, said in _SAID.items()}
_NOT_DONE: Final = re.compile(
    r"\?|\b(?:sans|pas|aucune?|ni|pourrai\w*|devrai\w*|vers|possibles?|eventuel\w*|esper\w*|souhait\w*|reclam\w*|demand\w*"
    r"|exig\w*|veut|veulent|propos\w*|appel(?:le|lent)|avant|apres|menac\w*|bientot|attend\w*|voter(?:a|ont)|doi(?:t|vent)"
    r"|sur le point|no|not|without|could|may|might|would|should|will|to vote|seeks?|wants?|calls?|urges?|asks?|hopes?"
    r"|expected|ahead|talks|towards?|propose[sd]?|proposal|before|after|looming|threat\w*|near(?:s|ing)?)\b"
)
_BARE: Final = 3  # digits
_FIGURES: Final = frozenset({Kind.MONEY, Kind.PERCENT, Kind.FIGURE, Kind.DURATION})


def development(before: Sequence[str], title: str, lead: str) -> Development | None:
    """The turn that `title` tells first. `before`: title and lead of each earlier item of the story, plain text."""
    said = fold(title)
    turn, words = _turn(said)
    if turn is None or _NOT_DONE.search(said):
        return None
    earlier = [fold(text) for text in before]
    if any(_PATTERNS[turn].search(text) for text in earlier):
        return None
    known = {fact.key for text in before for fact in facts(text)}
    text = f"{title}\n{lead[:LEAD]}"
    fresh = [fact for fact in facts(text) if fact.key not in known and _tells(fact, len(title))]
    figures = tuple(dict.fromkeys(text[fact.start : fact.end] for fact in fresh))
    return Development(turn, words, figures) if figures else None


def _tells(fact: Fact, titled: int) -> bool:
    """A small bare number counts in the title alone (`titled` characters): in a lead it may be a date or an age."""
    return fact.kind in _FIGURES and (fact.kind is not Kind.FIGURE or fact.start < titled or len(fact.key) >= _BARE)


def _turn(title: str) -> tuple[Turn | None, str]:
    for turn, pattern in _PATTERNS.items():
        if found := pattern.search(title):
            return turn, found[0]
    return None, ""
