"""A folded word → the key it shares with its other forms: number and gender in French, number and spelling in English.

« travailleuses », « travailleur » and « travailleurs » give one key; « maire » and « mairie », « syndicat » and
« syndicaliste », « immigrant » and « immigration » give two. Light rules on the last letters, accent-free so that «
GREVE » and « grève » agree, one table for both languages because the language of a headline can be wrong. Snowball's
French stemmer was tried as a key: it joins far too much (precision .37 on pairs of forms, these rules' kind .67, at
equal recall .95). Verbs are not conjugated (« licencie » meets « licencié » through their letters only): a term says
`licenci*`. « travaux » (works) stays apart from « travail » (labour), although grammar makes one the plural of the
other.

The key is for comparing, never for showing: « travailleur » is keyed "travailleu", as « heureux » and « heureuse »
share "heureu".
"""

from typing import Final

from bot.text.fold import word_set

# Forms that no rule gives.
_IRREGULAR: Final = {
    **dict.fromkeys(("st", "ste", "sainte", "saintes", "saints"), "saint"),
    **dict.fromkeys(("mairesse", "mairesses", "maires"), "maire"),
    **dict.fromkeys(("agente", "agentes", "agents"), "agent"),
    **dict.fromkeys(("nouveau", "nouveaux"), "nouvel"),
    **dict.fromkeys(("tous", "toute", "toutes"), "tout"),
    **dict.fromkeys(("program", "programs", "programmes"), "programme"),
    **dict.fromkeys(("center", "centers", "centres"), "centre"),
    **dict.fromkeys(("labour", "labours"), "labor"),
    **dict.fromkeys(("neighbour", "neighbours"), "neighbor"),
    **dict.fromkeys(("neighbourhood", "neighbourhoods"), "neighborhood"),
    **dict.fromkeys(("publique", "publiques", "publics"), "public"),
    **dict.fromkeys(("laique", "laiques", "laics"), "laic"),
    "baux": "bail",
    "women": "woman",
    "men": "man",
    "children": "child",
}

# Their last letters are their own: cut, they would read as another word (cour, foi, moi, pay, Anne, arme, refuge …).
_WHOLE: Final = word_set("""
    cours fois mois pays corps temps fonds bras sous vers gens dans sans plus cas pas bas tiers fils lors jus mars
    mais poids sens paris news status annee armee entree musee rentree tournee duree portee journee soiree idee
    pensee allee vallee refugee partie marie francoise
""")

# (ending, what stands for it, letters the whole word must have): the longest ending that fits, once, on the singular.
_ENDINGS: Final = (
    ("ization", "isation", 9),
    ("crite", "crit", 8),  # inscrite
    ("llere", "ller", 9),  # conseillère
    ("trice", "teu", 7),  # directrice, directeur
    ("drice", "deu", 10),
    ("chere", "cher", 7),
    ("tche", "tch", 6),  # watches, watch
    ("nche", "nch", 6),
    ("euse", "eu", 7),  # travailleuse, heureuse
    ("eure", "eu", 7),  # auteure
    ("elle", "el", 7),  # professionnelle
    ("enne", "en", 7),  # citoyenne
    ("onne", "on", 8),  # patronne, not colonne
    ("gere", "ger", 6),  # étrangère
    ("iere", "ier", 7),  # ouvrière
    ("aise", "ai", 7),  # française; the singular « français » has lost its s by then
    ("oise", "oi", 7),  # québécoise
    ("aine", "ain", 7),  # mexicaine, not Maine
    ("ante", "ant", 7),  # immigrante, not plante
    ("ente", "ent", 7),  # résidente, not vente
    ("inte", "int", 8),  # adjointe, not pointe
    ("uite", "uit", 8),
    ("dite", "dit", 8),
    ("ized", "ised", 9),
    ("she", "sh", 5),
    ("sse", "ss", 6),
    ("eur", "eu", 6),
    ("ive", "if", 6),  # administrative
    ("ine", "in", 9),  # clandestine, not médecine
    ("ate", "at", 7),  # candidate
    ("ale", "al", 6),  # municipale
    ("ize", "ise", 8),
    ("ue", "u", 4),  # élue
    ("xe", "x", 4),  # taxe, tax
    ("ie", "i", 4),  # réunie; cities
)
_BY_LAST_TWO: Final = {
    last: tuple(rule for rule in _ENDINGS if rule[0].endswith(last)) for last in {rule[0][-2:] for rule in _ENDINGS}
}


def stem(word: str) -> str:
    """The key of one folded word (see `fold`); words of three letters or fewer are their own, save St and men."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word in _WHOLE:
        return word
    word = _singular(word)
    if word in _WHOLE:
        return word
    if word.endswith("ee"):
        word = word[:-1]  # employée; the rules below see the masculine: arrivée, arrivé
    for ending, standing, letters in _BY_LAST_TWO.get(word[-2:], ()):
        if len(word) >= letters and word.endswith(ending):
            return word[: -len(ending)] + standing
    if len(word) > 3 and word[-1] == "y" and word[-2] not in "aeiou":
        return word[:-1] + "i"  # city, cities
    return word


def _singular(word: str) -> str:
    if word.endswith("aux") and not word.endswith(("eaux", "yaux")):
        return word[:-2] + "l" if len(word) > 4 else word
    if word.endswith(("eux", "oux", "aux")):
        return word[:-1]
    if word[-1] == "s" and word[-2] != "s":
        return word[:-1]
    return word
