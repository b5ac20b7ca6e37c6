"""What a news desk joins, and what it keeps apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.fold import fold
from bot.text.forms import stem


def key(word: str) -> str:
    return stem(fold(word))


@pytest.mark.parametrize(
    "forms",
    [
        "municipalité municipalités MUNICIPALITES",
        "élu élus élue élues elu",
        "emploi emplois",
        "travailleur travailleurs travailleuse travailleuses",
        "étranger étrangers étrangère étrangères",
        "temporaire temporaires",
        "réfugié réfugiés réfugiée réfugiées",
        "employé employés employée employées",
        "syndiqué syndiqués syndiquée syndiquées",
        "arrivé arrivée arrivées arrivés",
        "directeur directrice directrices directeurs",
        "ambassadeur ambassadrice",
        "auteur auteure auteures",
        "professeur professeure",
        "conseiller conseillère conseillères conseillers",
        "ouvrier ouvrière ouvriers",
        "boucher bouchère",
        "citoyen citoyenne citoyennes",
        "professionnel professionnelles",
        "patron patronne",
        "immigrant immigrante immigrantes",
        "résident résidente",
        "adjoint adjointe",
        "candidat candidate",
        "municipal municipale municipaux municipales",
        "syndical syndicaux",
        "local locaux locale",
        "administratif administrative administratives",
        "heureux heureuse",
        "français française françaises",
        "québécois québécoise québécoises",
        "mexicain mexicaine",
        "clandestin clandestines",
        "gratuit gratuite",
        "interdit interdite",
        "inscrit inscrites",
        "public publics publique publiques",
        "maire maires mairesse mairesses",
        "nouveau nouveaux nouvelle nouvelles",
        "tout tous toute toutes",
        "bureau bureaux",
        "enjeu enjeux",
        "genou genoux",
        "tuyau tuyaux",
        "bail baux",
        "saint sainte st ste saints saintes",
        "worker workers",
        "strike strikes",
        "city cities",
        "municipality municipalities",
        "policy policies",
        "tax taxes taxe",
        "watch watches",
        "branch branches",
        "dish dishes",
        "class classes",
        "labour labor",
        "program programs programme",
        "unionize unionise",
        "unionized unionised",
        "regularization regularisation",
        "child children",
        "woman women",
    ],
)
def test_forms_of_one_word_share_a_key(forms: str):
    assert len({key(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "maire mairie",
        "cour cours course",
        "foi fois",
        "mai mais",
        "pay pays paye",
        "police policier politique",
        "logement loger",
        "syndicat syndicaliste syndical syndic syndiqué",
        "immigration immigrant immigrer",
        "travail travaux works",
        "licencié licence",
        "congrès congress",
        "vent vente",
        "port porte",
        "retrait retraite",
        "médecin médecine",
        "commun commune",
        "main Maine",
        "plant plante",
        "point pointe",
        "part parti partie",
        "refuge refugee",
        "Anne année",
        "arme armée",
        "entre entrée",
        "mari Marie",
        "François Françoise",
        "colon colonne",
        "ministre ministère minister",
        "temp temps",
        "new news",
        "tier tiers",
        "Paris pari",
    ],
)
def test_words_that_look_alike_keep_their_keys(words: str):
    assert len({key(word) for word in words.split()}) == len(words.split())


@given(st.text())
def test_any_letters_have_a_key(text: str):
    assert isinstance(stem(fold(text)), str)
