"""A word in capitals → an acronym, or an ordinary word that a headline shouts.

« La CAQ recule » holds an acronym; « GRÈVE : LE PLAN BIG BANG » holds none, although a city office is called the BIG.
Capitals tell nothing where everything around is in capitals; there, a form that is also a common word is read as the
word, and any other (CAQ, MIFI, SPVM) still as the acronym, because a missed alert costs more than a false one.
"""

from typing import Final

from bot.text.fold import word_set
from bot.text.tokens import Case, Tokens, Word

_AROUND: Final = 12  # words looked at on each side: the length of a headline
_LONG: Final = 8  # letters: hardly any acronym is as long

_LITTLE: Final = word_set("""
    la le les de des du un une et ou au aux en par pour sur dans avec sans son sa ses ce que qui ne pas est the of
    and to in on at for is are was by from with his her its it as no not
""")
# Common words, French and English, that offices and programmes are also called by.
_WORDS: Final = _LITTLE | word_set("""
    aide agir aile ami amis ans arc art as axe bac bal ban bar bas bec big bio bis bois bon bus but cap car cas cave
    cent ces cet chat ciel cinq clef cle club cols corps cote cour cri dans date dire dix dos eau elle elan eux faim
    fait fer feu fin fil foi fois fort gare gens gril gros ici ile ils jeu joie jour lac lame lien lieu lin loi long
    lots lui lune mai mais mal mars mer mes met mise mode moi mois mort mot mur nef neuf noir nord nos nous nuit nul
    oie or os oser oui pain paix part pays peau peu pic pile pire plan plus port pre pres prix pur que rang rat
    ride rien rire rive roi rue sac sage sel sens serre set ski soin sol son sort sous sud sur tas taux tel test tete
    tir toit ton top tot tour tous tout tres tri tu vent vert vie vif vin vite voie voir voix vol vote vous vu zone
    age aid air all arm art ask bad bed best bid bill boat both bus buy call camp can care case cash cast city cold
    cop cost cup cut day deal die dog door down east end era eye face fact fan far fast fee few fire fish five food
    foot four free fund game gas gift goal good gun guy half hall hand hard head heat help high him hit hold home hope
    hot how ice idea in jet job join just keep key kid kind lab lack land last law lead left life lift like line live
    long look lost low man many map may meet more most move much must near need new news next now off oil old one only
    open our out over own paid park part past pay plan play poll poor port post race rail rain raise rank rate read
    real red rent rest rice rich ride rise risk road role rule run safe sale save say sea seat see sell set she ship
    shop show sick side sign site six size snow soon south spot star start stay step stop take talk tax team ten term
    test than that them they this time top tour town trade train trip two up us use vote wage wait walk wall want war
    water way we week west what when who why will win wind wish with wood word work year yes yet you young your zone
""")


def is_acronym(tokens: Tokens, index: int) -> bool:
    """Whether word `index`, which is in capitals, stands for an acronym."""
    return tokens.words[index].fold not in _WORDS or not _is_shouted(tokens.words, index)


def _is_shouted(words: list[Word], index: int) -> bool:
    """Whether the unbroken capitals around word `index` hold something that is no acronym."""
    before = reversed(words[max(0, index - _AROUND) : index])
    after = words[index + 1 : index + 1 + _AROUND]
    for side in (before, after):
        for word in side:
            if word.case is Case.LOWER and not word.fold.isdigit():
                break
            if word.case is Case.CAPITALISED and len(word.fold) > 1:
                break
            if word.fold in _LITTLE or len(word.fold) >= _LONG:
                return True
    return False
