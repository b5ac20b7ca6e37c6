"""A title and its lead → the few keys by which two items are recognised as one piece of news.

A key is the root of a word (`greve`, `immigr`), a figure (`#643000$`), or two words side by side (`droit+sol`): words
of everyday news that together name one matter. Roots are cut to six letters, so that « libère », « libérés » and «
libération » meet; English words stand under their French ones, so that "strike" meets « grève ». Small and
JSON-serialisable: a store keeps one for each item, and looks items up by their keys. Words of everyday speech make no
key, and what someone says between quotation marks in a title counts as the lead does.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

from bot.stories.facts import LONG_ACRONYMS, Kind, facts
from bot.text.boilerplate import cut_boilerplate
from bot.text.fold import fold, word_set
from bot.text.forms import stem
from bot.text.language import ENGLISH, FRENCH, language
from bot.text.tokens import words_of

LEAD: Final = 400  # characters of a lead that are read
_ROOT: Final = 6  # letters


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`title` and `lead` hold keys, apart from each other; `names` says which of them have capitals (people, places,
    acronyms), `people` which pairs of the title are someone's full name; `marks` what sets one in a row apart from the
    next (« une autre », « troisième », a ban that is lifted).

    `exact` is False where a publisher gives only a month or a year: such an item is never too old to be tied.
    """

    outlet: str
    at: datetime
    title: frozenset[str]
    lead: frozenset[str]
    names: frozenset[str]
    people: frozenset[str]
    marks: frozenset[str]
    exact: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """What the item is stored and looked up under, sorted."""
        return tuple(sorted(self.title | self.lead))

    def to_json(self) -> dict[str, Any]:
        return {
            "outlet": self.outlet,
            "at": self.at.isoformat(),
            "title": sorted(self.title),
            "lead": sorted(self.lead),
            "names": sorted(self.names),
            "people": sorted(self.people),
            "marks": sorted(self.marks),
            "exact": self.exact,
        }


def from_json(stored: Mapping[str, Any]) -> Fingerprint:
    """What `Fingerprint.to_json` gave."""
    return Fingerprint(
        outlet=stored["outlet"],
        at=datetime.fromisoformat(stored["at"]),
        title=frozenset(stored["title"]),
        lead=frozenset(stored["lead"]),
        names=frozenset(stored["names"]),
        people=frozenset(stored["people"]),
        marks=frozenset(stored["marks"]),
        exact=stored["exact"],
    )


def fingerprint(
    title: str, summary: str, lang: str | None, outlet: str, at: datetime, *, exact: bool = True
) -> Fingerprint:
    """The fingerprint of one item: plain text in; `lang` None is told from the words; `at` aware UTC."""
    lead = cut_boilerplate(summary[:LEAD])
    title = _without_rubric(title)
    told, said = _speech_apart(title)
    lang = lang or language(sum(word.leaning for word in words_of(f"{title} {lead}")), None)
    spoken = roots(said, lang)
    titled, led = roots(told, lang), [*spoken, *roots(lead, lang)]
    found = facts(f"{title}\n{lead}")
    figures = {f"#{fact.key}": fact.start < len(title) for fact in found if fact.kind in _COUNTED}
    in_title = {*titled, *_pairs(titled), *(key for key, titular in figures.items() if titular)}
    in_lead = {*led, *_pairs(led), *figures} - in_title
    names = {root for fact in found if fact.kind in {Kind.NAME, Kind.ACRONYM} for root in roots(fact.key, lang)}
    full = (roots(fact.key, lang) for fact in found if fact.kind is Kind.NAME and " " in fact.key)
    people = {pair for name in full for pair in _pairs(name)} & in_title
    return Fingerprint(
        outlet=outlet,
        at=at,
        title=frozenset(in_title),
        lead=frozenset(in_lead),
        names=frozenset(names),
        people=frozenset(people),
        marks=_marks(title),
        exact=exact,
    )


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_COUNTED: Final = frozenset({Kind.MONEY, Kind.PERCENT, Kind.BILL, Kind.DATE, Kind.DURATION, Kind.FIGURE})
_EVERYDAY: Final = word_set(
    fold("""
        le la les un une des du de au aux et ou où en dans sur sous par pour avec sans vers chez entre contre
        selon comme plus moins très trop peu ce cet cette ces se sa son ses leur leurs mon ma mes notre nos
        votre vos il elle on nous vous ils elles je tu lui qui que quoi dont quand comment pourquoi si ne pas
        non oui est sont était étaient été être sera seront serait fait faire font ont avait avaient avoir aura
        auront ai as eu peut peuvent pourrait pourraient doit doivent devrait va vont après avant depuis pendant
        alors mais car donc or ni aussi encore déjà tout toute tous toutes même autre autres ainsi celui celle
        ceux celles cela ça ici là lors afin jusque plusieurs quelques chaque quel quelle quels quelles deux
        trois quatre cinq six sept huit neuf dix nouveau nouvel nouvelle nouveaux nouvelles dit dire an ans
        année années mois semaine semaines jour jours heure heures fois hier demain aujourd'hui lundi mardi
        mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre
        octobre novembre décembre direct vidéo photo photos live exclusif info actualité articles article the of
        to and in for with by at from is are was were be been has have had will would can could may this that
        these those it its he she they his her their we our you your but not no what who when where how why if
        after before over under into about up down out off more most than new says said say there here also just
        now still year years month months week weeks day days today yesterday monday tuesday wednesday thursday
        friday saturday sunday january february march april june july august september october november december
        first two three four five all any some per cent
    """)
)


@cache
def _french() -> dict[str, str]:
    """English root → French root, acronyms included: "CUPE" and « SCFP » are one key."""
    pairs = (*(line.split("\t") for line in _table("bilingual.tsv")), *LONG_ACRONYMS.items())
    return {_root(stem(fold(english))): _root(stem(fold(french))) for english, french in pairs}


def _table(name: str) -> list[str]:
    lines = (files(__package__) / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _root(key: str) -> str:
    """Of a stem; what holds a digit (A69) is its own root."""
    return key[:_ROOT] if key.isalpha() else key


def roots(text: str, lang: str = FRENCH) -> list[str]:
    """The roots of the telling words of `text`, in order; numbers are left to the figures."""
    found = [
        _root(word.stem)
        for word in words_of(text)
        if len(word.fold) > 1
        and word.fold not in _EVERYDAY
        and "'" not in word.fold  # won't
        and not word.fold[0].isdecimal()
    ]
    return [_french().get(root, root) for root in found] if lang == ENGLISH else found


def _pairs(roots: list[str]) -> Iterable[str]:
    return (f"{left}+{right}" for left, right in pairwise(roots) if left != right)


_DASH: Final = re.compile(r"\s+[-–—|]\s+")
_RUBRIC_WORDS: Final = 3


def _without_rubric(title: str) -> str:
    """« Libre antenne – Un auditeur raconte … », "… | CBC News": the name of a series or an outlet is not news."""
    parts = [part for part in _DASH.split(title) if part]
    told = [part for part in parts if len(part.split()) > _RUBRIC_WORDS]
    return " ".join(told) if len(told) == 1 else title


_SPEECH: Final = re.compile(r"«[^»]*»?|“[^”]*”?|\"[^\"]*\"?")
_SPEECH_WORDS: Final = 3
_LEFT_WORDS: Final = 3


def _speech_apart(title: str) -> tuple[str, str]:
    """A title → what it tells, and what it quotes, when enough is left without the quotation."""
    said = [found[0] for found in _SPEECH.finditer(title) if len(found[0].split()) >= _SPEECH_WORDS]
    told = title
    for speech in said:
        told = told.replace(speech, " | ")
    if said and sum(word.fold not in _EVERYDAY for word in words_of(told)) >= _LEFT_WORDS:
        return told, " | ".join(said)
    return title, ""


# ── Marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_AGAIN: Final = re.compile(r"\b(?:une? (?:autre|nouvel(?:le)?|nouveau)|another|an? new|encore une?)\b")
_NOTICE: Final = re.compile(
    r"\b(?:avis|alertes?|vigilance|interdictions?|restrictions?|fermetures?|couvre-feu|evacuations?|urgence|advisory|warning"
    r"|ban|order|curfew|closure|emergency)\b"
)
_LIFTED: Final = re.compile(
    r"\b(?:levee?s?|leve|lever|fin|terminee?s?|annulee?s?|rouvrent|rouvre|reouverture|lifts?|lifted|ends?|ended|over"
    r"|rescinded|cancell?ed|reopens?)\b"
)


def _marks(title: str) -> frozenset[str]:
    folded = fold(title)
    marks = {fact.key for fact in facts(title) if fact.kind is Kind.ORDINAL}
    if _AGAIN.search(folded):
        marks.add("again")
    if _NOTICE.search(folded) and _LIFTED.search(folded):
        marks.add("over")
    return frozenset(marks)
