"""The same event in French and in English is one story; two events that only look alike stay two, in any order.

Own samples. Names, places, figures and acronyms are what both versions share; the table of words does the rest.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.stories.fingerprint import fingerprint
from bot.stories.window import Window

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SAME = [  # French title and lead, English title and lead
    (
        "Gaspé-Nord : 42 infirmières philippines arrivent à l’hôpital de Montcler",
        "Le recrutement a duré deux ans.",
        "Montcler hospital welcomes 42 nurses from the Philippines",
        "Recruitment took two years.",
    ),
    (
        "La Société des traversiers de Belair suspend le service, faute de matelots",
        "Les 120 membres de la CSN refusent les heures supplémentaires.",
        "Belair ferry service suspended for lack of sailors",
        "The 120 CSN members are refusing overtime.",
    ),
    (
        "Taxe foncière : Grandbourg annonce une hausse de 6,8 %",
        "Le maire Paul Archambault parle d’un déficit de 14 millions.",
        "Grandbourg property taxes to rise 6.8%",
        "Mayor Paul Archambault points to a $14-million deficit.",
    ),
    (
        "Aluminerie Lachance : lock-out de 900 syndiqués à Port-Aubry",
        "Les Métallos dénoncent un coup de force.",
        "Lachance smelter in Port-Aubry locks out 900 unionized workers",
        "The Steelworkers union calls it a power play.",
    ),
    (
        "Ottawa met fin au projet pilote des agents agricoles",
        "Le ministre fédéral Hugo Bernatchez l’a confirmé jeudi.",
        "Ottawa ends agri-food pilot program, minister Hugo Bernatchez confirms",
        "The immigration pilot expires in May.",
    ),
    (
        "Quatre élus de Val-Brillant quittent le conseil municipal",
        "Ils dénoncent le climat de travail.",
        "Four Val-Brillant councillors quit, citing toxic climate",
        "Town council left without quorum.",
    ),
    (
        "Le Canada accueillera 380 000 résidents permanents en 2027",
        "La cible baisse pour une deuxième année.",
        "Canada to admit 380,000 permanent residents in 2027",
        "It is the second year of lower targets.",
    ),
    (
        "Les éducatrices des CPE en grève le 3 décembre",
        "La CSN réclame 15 % d’augmentation.",
        "Daycare educators to strike Dec. 3",
        "CSN members want a 15 per cent raise.",
    ),
    (
        "Un juge suspend l’expulsion de la famille Okafor",
        "La famille nigériane vit à Belair depuis 2018.",
        "Judge halts deportation of Okafor family",
        "The Nigerian family has lived in Belair since 2018.",
    ),
    (
        "Ubisoft supprime 185 postes à Québec",
        "Le studio compte 1000 employés.",
        "Ubisoft cuts 185 jobs in Quebec City",
        "The studio has 1,000 employees.",
    ),
    (
        "La mairesse Ginette Archambault veut un moratoire sur Airbnb",
        "Grandbourg manque de logements.",
        "Grandbourg mayor Ginette Archambault calls for Airbnb moratorium",
        "The town is short of housing.",
    ),
    (
        "Le taux de chômage recule à 5,1 % au Québec en octobre",
        "Statistique Canada note la création de 22 000 emplois.",
        "Quebec unemployment rate falls to 5.1% in October",
        "Statistics Canada reports 22,000 new jobs.",
    ),
]
APART = [
    (
        "Grève des chauffeurs de la STB à Belair",
        "Le SCFP dénonce les offres.",
        "Montcler bus drivers strike over wages",
        "CUPE rejects the STM offer.",
    ),
    (
        "La ville de Belair hausse les taxes de 4,2 %",
        "",
        "Grandbourg raises property taxes by 4.2%",
        "",
    ),
    (
        "Incendie dans une usine de Montcler",
        "Aucun blessé.",
        "Fire at a Belair plant",
        "Nobody was hurt.",
    ),
    (
        "Val-Brillant adopte son budget de 12 millions",
        "",
        "Val-Brillant mayor resigns",
        "",
    ),
    (
        "Avis d’ébullition à Pont-Rouge",
        "",
        "Boil-water advisory lifted in Pont-Rouge",
        "",
    ),
    (
        "Le Canada accueillera moins d’étudiants étrangers",
        "Ottawa réduit les permis.",
        "Canada to welcome fewer temporary workers",
        "Ottawa reduces permits.",
    ),
    (
        "Entente entre la STM et ses employés d’entretien",
        "",
        "STM drivers vote to strike",
        "",
    ),
    (
        "Ubisoft supprime 185 postes à Québec",
        "",
        "Eidos cuts 97 jobs in Quebec City",
        "",
    ),
]


def stories_of(*versions):
    """The story of each (title, lead, language), in this order, from as many outlets."""
    window = Window()
    return [
        window.put(fingerprint(title, lead, lang, f"Outlet {number}", NOW + timedelta(minutes=number)))[0]
        for number, (title, lead, lang) in enumerate(versions)
    ]


def both_ways(pair):
    french, english = (*pair[:2], "fr"), (*pair[2:], "en")
    return stories_of(french, english), stories_of(english, french)


@pytest.mark.parametrize("pair", SAME, ids=[pair[2] for pair in SAME])
def test_an_event_told_in_both_languages_is_one_story(pair):
    assert both_ways(pair) == ([1, 1], [1, 1])


@pytest.mark.parametrize("pair", APART, ids=[pair[2] for pair in APART])
def test_two_events_that_look_alike_across_languages_stay_two(pair):
    assert both_ways(pair) == ([1, 2], [1, 2])


def test_all_of_a_day_together_each_version_finds_its_own_event():
    french = [(title, lead, "fr") for title, lead, _, _ in SAME]
    english = [(title, lead, "en") for _, _, title, lead in SAME]
    found = stories_of(*french, *english)
    assert found == [*range(1, len(SAME) + 1)] * 2
