"""Words → French or English, whatever the feed claims.

Each word leans one way, the other, or neither: small words weigh most, then accents, elision and letters that one
language hardly uses. A sum decides, so telling a text costs one addition a word. A feed's own claim settles what the
words do not say (a headline of names) and yields to words that clearly contradict it, as bilingual outlets mislabel
items.
"""

from typing import Final

from bot.text.fold import word_set

FRENCH: Final = "fr"
ENGLISH: Final = "en"


# Words that both languages use (on, an, son, car, as, me …) tell nothing and are left out.
_FRENCH_WORDS: Final = word_set("""
    le la les l des du de et un une dans sur au aux par qui que ses sa ce cette ces avec pas sont ont été après entre
    chez contre sans vers leur leurs nous vous il elle ils elles en est sera veut selon depuis lors où ou peu très
    trop ici déjà encore toujours jamais rien faut être avoir deux trois quatre cinq sept huit neuf mille ans jour
    jours mois année hausse ville maire mairesse québec grève loi projet nouveau nouvelle nouveaux
""")
_ENGLISH_WORDS: Final = word_set("""
    the of and to for is are was were be been with by from at this that these those his her its their has have had
    will would not but who what how why when where which it he she we you they out up about into than says said say in
    more most over after before under between against new city town mayor council workers worker strike law bill can
    could should must all our your my there here first two three four five seven ten year years day month week today
    yesterday amid get gets make makes take takes help own still just ahead back down
""")

_FRENCH_LETTERS: Final = frozenset("éèêëàâçùûîïôœ")
_ENGLISH_ENDINGS: Final = (
    "ing",
    "ght",
    "ness",
    "ship",
    "ck",
    "th",
    "sh",
    "ers",
    "ity",
    "ies",
    "ay",
    "ow",
    "ee",
    "wn",
    "rd",
)

CLEARLY: Final = 4  # lean that overrules the feed: two small words


def leaning(word: str) -> int:
    """How far one word (lower case, accents kept) leans: above 0 French, below 0 English."""
    if word in _FRENCH_WORDS:
        return 2
    if word in _ENGLISH_WORDS:
        return -2
    if not _FRENCH_LETTERS.isdisjoint(word):
        return 1
    if len(word) > 3 and (word.endswith(_ENGLISH_ENDINGS) or "w" in word or "k" in word):
        return -1
    return 0


def language(lean: int, declared: str | None) -> str:
    """One of FRENCH, ENGLISH from the sum of the words' leanings and what the feed says ("fr-CA", "EN", None)."""
    claimed = (declared or "")[:2].lower()
    if claimed not in {FRENCH, ENGLISH}:
        return ENGLISH if lean < 0 else FRENCH
    if abs(lean) >= CLEARLY:
        return FRENCH if lean > 0 else ENGLISH
    return claimed
