"""An item gets the places it is about, and none that a street, a saint, a team or a city of France lends its name to."""

import csv
import io
from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Field, Place, Text
from bot.text.tokens import Tokens
from bot.topics.places import find_places, place_lists


def places(title, summary="", body="", source=""):
    tokens = {
        field: Tokens(words)
        for field, words in ((Field.TITLE, title), (Field.SUMMARY, summary), (Field.BODY, body))
        if words
    }
    return find_places(Text(title, summary, body, source=source), tokens)


def names(*args, **kwargs):
    return [place.name for place in places(*args, **kwargs)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Le maire de Victoriaville annonce un budget", ["Victoriaville"]),
        ("Victoria : un orque dans le port", []),
        ("Laval achètera un terrain", ["Laval"]),
        ("L’Université Laval reçoit un don", []),
        ("Le Rocket de Laval gagne", []),
        ("Sherbrooke : la mairesse recule", ["Sherbrooke"]),
        ("La rue Sherbrooke est fermée", []),
        ("Métro Sherbrooke : panne d’escalier", []),
        ("L’Université de Sherbrooke ouvre un pavillon", []),
        ("Fire on Sherbrooke Street", []),
        ("Le fleuve Saint-Laurent monte", []),
        ("Les bélugas du Saint-Laurent", []),
        ("L’arrondissement de Saint-Laurent verdit", ["Saint-Laurent", "Montréal"]),
        ("Un centre ouvre à Saint-Laurent", ["Saint-Laurent", "Montréal"]),
        ("Yves Saint Laurent au musée", []),
        ("Québec verse 500 000 $ aux régions", []),
        ("Le Québec et Ottawa s’entendent", []),
        ("Québec solidaire présente son plan", []),
        ("La Ville de Québec gèle les taxes", ["Québec"]),
        ("Le maire de Québec recule", ["Québec"]),
        ("Incendie à Québec", ["Québec"]),
        ("Le Vieux-Québec sous la neige", ["Québec"]),
        ("Quebec City mayor says no", ["Québec"]),
        ("Quebec premier says no", []),
        ("Le maire de Nantes démissionne", []),
        ("Montpellier l’emporte", []),
        ("Windsor : l’usine automobile rouvre", []),
        ("Windsor, en Estrie : la papetière ferme", ["Windsor", "Estrie"]),
        ("Une nouvelle piste cyclable", []),
        ("Une Nouvelle saison", []),
        ("Le maire de Nouvelle est réélu", ["Nouvelle"]),
        ("Maria et Alma partent en voyage", []),
        ("Un incendie à Alma", ["Alma"]),
        ("La Ville d’Amos emprunte", ["Amos"]),
        ("Les élus de L’Assomption divisés", ["L'Assomption"]),
        ("La fête de l’assomption", []),
        ("Saint-Michel : une fusillade", []),
        ("La municipalité de Saint-Michel, en Montérégie", ["Saint-Michel", "Montérégie"]),
        ("St-Jérôme : hausse de taxes", ["Saint-Jérôme"]),
        ("TROIS-RIVIÈRES : LE CONSEIL VOTE", ["Trois-Rivières"]),
        ("Ils ont vu trois rivières", []),
        ("La MRC de La Haute-Yamaska adopte son schéma", ["La Haute-Yamaska"]),
        ("Le préfet des Collines-de-l’Outaouais parle", ["Les Collines-de-l'Outaouais"]),
        ("Vaudreuil-Soulanges veut son hôpital", ["Vaudreuil-Soulanges"]),
        ("MRC de Montmagny : un plan agricole", ["Montmagny"]),
        ("Tempête aux Îles-de-la-Madeleine", ["Les Îles-de-la-Madeleine"]),
        ("La Côte-Nord manque de médecins", ["Côte-Nord"]),
        ("Au Saguenay–Lac-Saint-Jean, la forêt brûle", ["Saguenay-Lac-Saint-Jean"]),
        ("Rivière-du-Loup et Rimouski s’entendent", ["Rivière-du-Loup", "Rimouski"]),
        ("Chicoutimi : le pont est fermé", ["Chicoutimi", "Saguenay"]),
        ("Montreal borough drops plan", ["Montréal"]),
        ("CDN-NDG : un budget participatif", ["Côte-des-Neiges–Notre-Dame-de-Grâce", "Montréal"]),
        ("L’acteur Alain Dorval est mort", []),
    ],
)
def test_a_headline_gives_these_places(title, expected):
    assert names(title) == expected


def test_a_place_says_its_kind_its_region_and_the_words_found():
    assert places("Un plan pour St-Hyacinthe") == (
        Place("Saint-Hyacinthe", "municipality", "Montérégie", "St-Hyacinthe"),
    )
    assert places("La MRC du Val-Saint-François vote") == (
        Place("Le Val-Saint-François", "mrc", "Estrie", "Val-Saint-François"),
    )
    assert places("En Mauricie, la neige fond") == (Place("Mauricie", "region", "Mauricie", "Mauricie"),)
    assert places("Verdun veut verdir ses ruelles de Verdun") == (
        Place("Verdun", "borough", "Montréal", "Verdun"),
        Place("Montréal", "municipality", "Montréal", "Verdun"),
    )


def test_a_dateline_is_not_what_the_item_is_about():
    assert names("La mine ferme", "MONTRÉAL — Le groupe quitte Val-d’Or.") == ["Val-d'Or"]


def test_a_region_nearby_tells_namesakes_apart():
    assert places("Saint-Siméon, en Gaspésie : le quai rouvre")[0].region == "Gaspésie-Îles-de-la-Madeleine"
    assert places("Saint-Siméon, dans Charlevoix : le quai rouvre")[0].region == "Capitale-Nationale"
    assert places("Le quai rouvre à Saint-Siméon")[0].region == ""


def test_the_much_bigger_namesake_is_meant():
    assert places("Le maire de Saint-Lambert")[0].region == "Montérégie"


def test_the_body_speaks_only_when_title_and_summary_name_no_place():
    assert names("Un budget", "Le conseil vote.", "La Ville de Granby gèle les taxes.") == ["Granby"]
    assert names("Un budget à Magog", "", "La Ville de Granby gèle les taxes.") == ["Magog"]
    assert names("Un budget", "", "mot " * 200 + "Granby") == []


def test_quebec_is_the_city_at_the_head_of_the_city_s_own_paper():
    assert names("Québec renforce ses liens avec Lévis", source="Métro Québec") == ["Québec", "Lévis"]
    assert names("Budget : Québec gèle les taxes", source="Métro Québec") == ["Québec"]
    assert names("Québec International recrute", source="Métro Québec") == []
    assert names("Québec renforce ses liens", source="Le Devoir") == []


def test_each_place_is_given_once():
    assert names("Granby : le maire de Granby", "À Granby, le conseil vote.") == ["Granby"]


def test_lists_for_the_keyword_file_hold_no_name_that_means_something_else():
    lists = {name: {member.strip('"') for member in members} for name, members in place_lists().items()}
    assert {"Rimouski", "Trois-Rivières", "Montréal", "Montreal", "St-Jérôme", "Saint-Jérôme"} <= lists["municipalité"]
    assert not {"Québec", "Nouvelle", "Maria", "Nantes", "Windsor", "Saint-Michel"} & lists["municipalité"]
    assert {"Nouvelle", "Maria"} <= lists["localité"]
    assert {"Verdun", "Ahuntsic-Cartierville"} <= lists["arrondissement"]
    assert "La Haute-Yamaska" in lists["mrc"]


def rows(name):
    text = files("bot.topics").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO("\n".join(text.splitlines())), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_homonym_is_written_once_and_names_a_place_of_the_gazetteer():
    known = {row[0] for row in rows("quebec_municipalities.tsv")}
    known |= {name for row in rows("quebec_boroughs.tsv") if len(row) > 2 for name in row[2].split("|")}
    homonyms = [(row[0], name) for row in rows("homonyms.tsv") if len(row) == 3 for name in row[2].split("|")]
    assert [name for name, times in Counter(name for _, name in homonyms).items() if times > 1] == []
    assert {name for belief, name in homonyms if belief not in ("none", "# belief")} - known == set()


def test_the_gazetteer_names_its_source_and_date():
    first = (
        files("bot.topics").joinpath("data", "quebec_municipalities.tsv").read_text(encoding="utf-8").splitlines()[0]
    )
    assert "CC-BY 4.0" in first
    assert "2023" in first
    assert len(rows("quebec_municipalities.tsv")) == 1130 + 2


WORDS = st.sampled_from(
    ["Québec", "de", "MRC", "La", "Haute-Yamaska", "Saint", "-", "à", "Maria", "ville", "l’", "Laval", ":"]
)


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), st.lists(WORDS).map(" ".join))
def test_any_text_is_read_and_what_is_found_stands_in_it(title, summary):
    for place in places(title, summary):
        assert place.text
        assert place.text in title or place.text in summary
