"""Items about one piece of news make one story; what only looks alike does not."""

import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.fingerprint import fingerprint, from_json
from bot.stories.group import MEMBERS, OPEN_FOR, Candidate, Joined, Opened, Resumed, choose
from bot.stories.rarity import Rarity
from bot.stories.window import Window

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def told(title, lead="", outlet="Le Nord", after=timedelta(), lang=None):
    return fingerprint(title, lead, lang, outlet, NOON + after)


def grouped(*items):
    window = Window()
    return [window.put(item)[0] for item in items]


def together(*items):
    return len(set(grouped(*items))) == 1


SAME = {
    "a wire copy under another title": (
        told("Belmont décrète un lock-out à son usine de Sainte-Ursanne", "280 employés sont touchés depuis mardi."),
        told(
            "Lock-out à l’usine Belmont : 280 employés mis à la rue", "Belmont a fermé Sainte-Ursanne mardi.", "Le Sud"
        ),
    ),
    "a rewritten lead": (
        told("Le salaire minimum passera à 16,70 $ le 1er mai", "La hausse est de 3,7 %."),
        told("Québec hausse le salaire minimum à 16,70 $", "Le ministre l’a annoncé mercredi.", "Le Sud"),
    ),
    "a strike in French and in English": (
        told("Grève à la STB : les chauffeurs débrayent lundi", "Le SCFP rejette l’offre de la STB.", lang="fr"),
        told("STB bus drivers walk off the job in transit strike", "CUPE rejected the STB’s offer.", "CBX", lang="en"),
    ),
    "a resignation in French and in English": (
        told("Le maire de Grandbourg démissionne", "Réjean Thibodeau quitte la mairie de Grandbourg.", lang="fr"),
        told("Grandbourg Mayor Réjean Thibodeau resigns", "Thibodeau cited his health.", "CBX", lang="en"),
    ),
    "layoffs in French and in English": (
        told("Norbec ferme son entrepôt : 1700 emplois supprimés", "La CSN dénonce la décision.", lang="fr"),
        told("Norbec closing warehouse, cutting 1,700 jobs", "The CSN union denounced the move.", "CBX", lang="en"),
    ),
    "a follow-up by the same outlet": (
        told("Incendie à l’usine Lachance de Montcler : un mort", "Le feu a pris dans un silo de l’usine."),
        told("Montcler : l’incendie de l’usine Lachance est maîtrisé", "Le silo a brûlé toute la nuit."),
    ),
    "a title repeated by a sister outlet": (
        told("Un budget de fin de parcours pour le parti Horizon"),
        told("Un budget de fin de parcours pour le parti Horizon", outlet="Le Sud"),
    ),
}

APART = {
    "a recurring title": (told("Séance du conseil"), told("Séance du conseil", outlet="Ville de Belair")),
    "a recurring title with other dates": (
        told("Séance ordinaire du conseil de Grandbourg", "Ordre du jour du 12 novembre."),
        told("Séance ordinaire du conseil de Grandbourg", "Ordre du jour du 26 novembre."),
    ),
    "a notice and its lifting": (
        told("Avis d’ébullition de l’eau à Grand-Sault"),
        told("Levée de l’avis d’ébullition de l’eau à Grand-Sault"),
    ),
    "a ban and its end, in English": (
        told("Evacuation order issued for Port Marlowe", lang="en"),
        told("Evacuation order lifted for Port Marlowe", lang="en"),
    ),
    "strikes of two unions": (
        told("Les employés de la SOQ en grève lundi", "Le SEMB dénonce les offres."),
        told("Les employés de la SIDC en grève lundi", "Le SCFP dénonce les offres.", "Le Sud"),
    ),
    "another strike at the same place": (
        told("STB : la grève des chauffeurs évitée"),
        told("Une autre grève évitée à la STB", outlet="Le Sud"),
    ),
    "a fire in two towns": (
        told("Un incendie à Montcler ravage un commerce"),
        told("Un incendie à Belair ravage un commerce", outlet="Le Sud"),
    ),
    "two nights": (
        told("Déneigement à Montcler : stationnement interdit dans la nuit du 12 au 13 mars"),
        told("Déneigement à Montcler : stationnement interdit dans la nuit du 13 au 14 mars"),
    ),
    "a third and a fourth operation": (
        told("Montcler lance sa troisième opération de chargement de la neige"),
        told("Une quatrième opération de chargement de la neige à Montcler"),
    ),
    "two worksites": (
        told("Les travaux du tramway commencent sur le boulevard Lavigueur"),
        told("Les travaux du tramway commencent sur le boulevard Papillon", outlet="Le Sud"),
    ),
    "two pieces that share a person only": (
        told("Ginette Archambault reçoit la médaille de la province"),
        told("Ginette Archambault veut une piscine olympique", outlet="Le Sud"),
    ),
    "two pieces that share a place only": (
        told("Un cycliste blessé à Port-Aubry"),
        told("Port-Aubry adopte son budget", outlet="Le Sud"),
    ),
}


@pytest.mark.parametrize("items", SAME.values(), ids=SAME)
def test_one_piece_of_news_is_one_story(items):
    assert together(*items)
    assert together(*reversed(items))


@pytest.mark.parametrize("items", APART.values(), ids=APART)
def test_what_only_looks_alike_stays_apart(items):
    assert not together(*items)


def test_a_story_says_which_words_tied_an_item_to_it():
    window = Window()
    first, second = SAME["a wire copy under another title"]
    window.put(first)
    story, grouping = window.put(second)
    assert isinstance(grouping, Joined)
    assert grouping.story_id == story
    assert "belmon" in grouping.tied_by
    assert set(grouping.tied_by) <= set(first.keys) & set(second.keys)


def test_a_story_takes_items_for_two_days():
    first = told("Belmont décrète un lock-out à Sainte-Ursanne", "280 employés sont touchés.")
    text = ("Lock-out chez Belmont à Sainte-Ursanne : 280 employés touchés",)
    assert together(first, told(*text, after=OPEN_FOR))
    assert not together(first, told(*text, after=OPEN_FOR + timedelta(seconds=1)))


def test_a_coarse_date_excludes_nothing():
    title = "Belmont décrète un lock-out à Sainte-Ursanne"
    month = fingerprint(title, "", None, "Le Nord", datetime(2026, 11, 1, tzinfo=UTC), exact=False)
    assert together(month, told(title, outlet="Le Sud"))


def test_the_same_person_a_fortnight_later_resumes_the_matter_and_is_told_again():
    window = Window()
    first, _ = window.put(told("Lionel Grandbois sera candidat dans Verdure", "Le candidat Lionel Grandbois se lance."))
    later = told("Qui est Lionel Grandbois, d’influenceur à politicien", after=timedelta(days=16))
    story, grouping = window.put(later)
    assert isinstance(grouping, Resumed)
    assert grouping.story_id == first != story


def test_nobody_is_resumed_after_a_month():
    first = told("Lionel Grandbois sera candidat dans Verdure", "Le candidat Lionel Grandbois se lance.")
    window = Window()
    window.put(first)
    _, grouping = window.put(told("Qui est Lionel Grandbois, le politicien", after=timedelta(days=32)))
    assert grouping == Opened()


def test_many_reactions_do_not_pull_in_what_is_about_something_else():
    reactions = [
        told(
            f"Fin du péage au pont de l’Anse : {who} réagit",
            f"Le ministre a annoncé la fin du péage. {who} s’y oppose.",
            who,
        )
        for who in ("Moreau", "Lepage", "Tanguay", "Fiset", "Gagnon")
    ]
    other = told("Le pont de l’Anse repeint en bleu", "Les peintres ont fini lundi.")
    *stories, last = grouped(*reactions, other)
    assert len(set(stories)) == 1
    assert last not in stories


@pytest.mark.parametrize(
    ("other", "one_story"), [("Le Nord", False), ("Le Sud", True), ("", True)], ids=["one outlet", "two", "unknown"]
)
def test_names_alone_tie_what_two_outlets_tell_not_two_pieces_of_one(other, one_story):
    """An outlet writes of a player and his league every week; two that name them the same day tell one match."""
    first = told("LBQ : face à Rondelet, Achille Bastarache soigne ses chiffres", outlet=other and "Le Nord")
    second = told("LBQ : Achille Bastarache impressionne face à Rondelet en présaison", outlet=other)
    assert together(first, second) is one_story


@pytest.mark.parametrize(("outlet", "one_story"), [("Le Nord", False), ("Le Sud", True)], ids=["one outlet", "two"])
def test_a_profile_of_one_outlet_takes_nothing_from_it_by_names_alone(outlet, one_story):
    titles = (
        "LBQ : Achille Bastarache quitte les Comètes de Grandbourg",
        "Achille Bastarache quitte les Comètes, la LBQ sous le choc",
        "LBQ : pourquoi Achille Bastarache quitte les Comètes",
    )
    *stories, last = grouped(*map(told, titles), told("LBQ : la jeunesse dorée d’Achille Bastarache", outlet=outlet))
    assert len(set(stories)) == 1
    assert (last in stories) is one_story


ONE_EXPRESSION = {
    "a country whose name is half in small letters": (
        "Cuivre : la Norvolie boréale renonce à ouvrir sa mine géante",
        "Handball : les Lynx renversent la Norvolie boréale en prolongation",
    ),
    "a movement": (
        "Colère des éleveurs : une comédienne offre des brioches",
        "Le préfet promet un fonds d’urgence face à la colère des éleveurs",
    ),
    "a magazine’s file": (
        "Traitements antifatigue : la course des laboratoires",
        "Traitements antifatigue : un casse-tête pour les assureurs",
    ),
}


@pytest.mark.parametrize("other", ["Le Nord", "Le Sud", ""], ids=["one outlet", "two", "unknown"])
@pytest.mark.parametrize("titles", ONE_EXPRESSION.values(), ids=ONE_EXPRESSION)
def test_one_expression_names_a_subject_and_ties_nothing(titles, other):
    first, second = titles
    assert not together(told(first, outlet=other and "Le Nord"), told(second, outlet=other))


def test_one_expression_ties_two_outlets_that_share_something_else():
    first, second = ONE_EXPRESSION["a movement"]
    news = "La préfète recevra les éleveurs à Montcler vendredi"
    assert together(told(f"{first} à Montcler", news), told(f"{second} à Montcler", news, "Le Sud"))


OF_ONE_OUTLET = {
    "a step of procedure, in one town": (
        "Une retraitée retrouvée morte à Montcler, son voisin en garde à vue",
        "Montcler : les cellules de garde à vue jugées indignes",
    ),
    "an attack each way": (
        "Le Valdour revendique une attaque de drones sur deux dépôts",
        "Guerre au Valdour : 45 attaques de drones repoussées dans la nuit",
    ),
}


@pytest.mark.parametrize("titles", OF_ONE_OUTLET.values(), ids=OF_ONE_OUTLET)
def test_two_phrases_tie_no_two_pieces_of_one_outlet_unless_a_lead_bears_them_out(titles):
    first, second = titles
    assert not together(told(first), told(second))
    assert together(told(first, "Le dépôt Bellefeuille."), told(second, "Au dépôt Bellefeuille, on a tout vu."))


def test_three_phrases_tie_two_titles_of_one_outlet():
    assert together(
        told("L’usine Lachance brûle à Montcler : un cycliste a donné l’alerte, le silo est perdu"),
        told("Montcler sous la fumée de l’usine Lachance, où le silo menace de tomber sur deux maisons"),
    )


def test_a_large_story_costs_no_more_than_its_first_and_latest_items():
    window = Window()
    for number in range(MEMBERS + 10):
        window.put(told("Belmont décrète un lock-out à Sainte-Ursanne", outlet=f"n° {number}"))
    story, grouping = window.put(told("Lock-out de Belmont à Sainte-Ursanne décrété", outlet="dernier"))
    assert story == 1
    assert isinstance(grouping, Joined)


def test_the_older_story_wins_among_equals():
    item = told("Belmont décrète un lock-out à Sainte-Ursanne")
    candidates = [Candidate(number, NOON, (item,)) for number in (7, 3, 5)]
    grouping = choose(item, candidates, Rarity(3, dict.fromkeys(item.keys, 3)))
    assert isinstance(grouping, Joined)
    assert grouping.story_id == 3


def test_nothing_to_join_opens_a_story():
    item = told("Belmont décrète un lock-out")
    assert choose(item, [], Rarity(0, {})) == Opened()
    assert choose(told(""), [Candidate(1, NOON, (item,))], Rarity(1, {})) == Opened()


@given(st.text(max_size=80), st.text(max_size=200), st.sampled_from(["fr", "en", None]))
def test_a_fingerprint_survives_json_and_keeps_titles_and_leads_apart(title, lead, lang):
    item = fingerprint(title, lead, lang, "Le Nord", NOON)
    assert from_json(json.loads(json.dumps(item.to_json()))) == item
    assert not item.title & item.lead
    assert list(item.keys) == sorted(item.title | item.lead)


@given(st.lists(st.sampled_from([item for pair in (*SAME.values(), *APART.values()) for item in pair]), max_size=12))
def test_every_item_gets_one_story_and_a_story_only_grows(items):
    stories = grouped(*items)
    assert len(stories) == len(items)
    opened = 0
    for story in stories:
        assert 1 <= story <= opened + 1
        opened = max(opened, story)


def test_the_same_items_give_the_same_stories_in_every_process():
    """Sets of words are walked in another order in each process: no sum may depend on it."""
    script = "from tests_group import *; print(grouped(*[i for p in (*SAME.values(), *APART.values()) for i in p]))"
    script = script.replace("tests_group", Path(__file__).stem)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


# ── The evaluation data beside the project ───────────────────────────────────────────────────────────────────────────

SHARED = Path(__file__).resolve().parents[3] / "shared" / "eval"
LABELLED = SHARED / "stories_dev.jsonl"


def stories_of(items, file, capsys):
    from bot.commands.stories import stories

    file.write_text("\n".join(map(json.dumps, items)), "utf-8")
    assert stories(file) == 0
    return {line["id"]: line["story"] for line in map(json.loads, capsys.readouterr().out.splitlines())}


def recalls(groups, stories_of_group):
    right, pairs = {}, {}
    for number, group in enumerate(groups):
        stories = stories_of_group(number)
        for one, other in combinations(group["items"], 2):
            pairs[group["same"]] = pairs.get(group["same"], 0) + 1
            right[group["same"]] = right.get(group["same"], 0) + (stories[one["id"]] == stories[other["id"]])
    return right, pairs


def check(right, pairs):
    close = [level for level in pairs if level in {"same-report", "near", "identical-title"}]
    assert sum(right[level] for level in close) >= 0.95 * sum(pairs[level] for level in close)
    assert right["event"] >= 0.75 * pairs["event"]
    assert right[None] == 0


@pytest.mark.skipif(not LABELLED.exists(), reason="needs the evaluation data beside the project")
def test_labelled_groups_are_found_group_by_group_and_all_at_once(tmp_path, capsys):
    groups = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    file = tmp_path / "items.jsonl"
    check(*recalls(groups, lambda number: stories_of(groups[number]["items"], file, capsys)))
    everything = {item["id"]: item for group in groups for item in group["items"]}
    at_once = list(everything.values())
    random.Random(3).shuffle(at_once)
    stories = stories_of(at_once, file, capsys)
    check(*recalls(groups, lambda _: stories))
    kin = {frozenset(pair) for group in groups for pair in combinations([i["id"] for i in group["items"]], 2)}
    strangers = [p for p in combinations(everything, 2) if stories[p[0]] == stories[p[1]] and frozenset(p) not in kin]
    assert strangers == []
