"""The story the project began with: flagged from its own words, never from the cards around it.

A union of municipalities and the immigration ministry sign an agreement; the page also recommends articles on a caucus,
on specialists' pressure tactics and on temporary workers' permits, which are labour.
"""

from pathlib import Path

import pytest

from bot.model import Field, Matched, Text
from bot.topics.file import load_topics
from bot.topics.match import build_index

TITLE = "L’UMQ et Québec s’entendent pour mieux accueillir les personnes immigrantes en région"
ARTICLE = (
    "L’Union des municipalités du Québec a conclu une entente de 643 000 $ sur trois ans avec le ministère de"
    " l’Immigration, de la Francisation et de l’Intégration (MIFI).\n"
    "L’argent aidera les municipalités régionales à préparer l’arrivée des personnes immigrantes et à les garder.\n"
    "« Nos membres veulent agir », dit le président de l’Union."
)
CARDS = (
    "RECOMMANDÉS POUR VOUS\n"
    "Le caucus libéral choisit sa cheffe\n"
    "Les médecins spécialistes annoncent des moyens de pression\n"
    "Grève dans les CPE : les syndiqués votent lundi\n"
    "Permis de travail : les travailleurs étrangers temporaires dans l’attente\n"
    "Abonnez-vous à notre infolettre pour tout savoir des conventions collectives\n"
)


@pytest.fixture(scope="module")
def index():
    return build_index(load_topics(Path(__file__).resolve().parents[2] / "config" / "topics.yaml"))


def topics(found: Matched) -> set[str]:
    return set(found.topics)


def test_it_is_immigration_and_municipal_by_its_title_alone(index):
    assert topics(index.match(Text(TITLE))) == {"immigration", "municipalities"}


def test_the_cards_around_it_give_no_topic(index):
    found = index.match(Text(TITLE, ARTICLE[:160], f"{ARTICLE}\n\n{CARDS}"))
    assert topics(found) == {"immigration", "municipalities"}
    assert "labour" not in {verdict.topic for verdict in found.verdicts}


def test_the_cards_by_themselves_would_have_been_labour(index):
    assert "labour" in topics(index.match(Text(TITLE, "", CARDS.replace("RECOMMANDÉS POUR VOUS\n", ""))))


def test_the_cards_give_no_topic_when_the_page_came_without_line_breaks(index):
    page = f"{ARTICLE} {CARDS}".replace("\n", " ")
    assert topics(index.match(Text(TITLE, "", page))) == {"immigration", "municipalities"}


def test_every_reason_stands_in_the_article_where_it_says(index):
    body = f"{ARTICLE}\n\n{CARDS}"
    reasons = index.match(Text(TITLE, "", body)).reasons
    assert reasons
    for reason in reasons:
        field = {Field.TITLE: TITLE, Field.BODY: body}[reason.field]
        assert field[reason.start : reason.end] == reason.text
        assert reason.field is Field.TITLE or reason.end <= len(ARTICLE)
