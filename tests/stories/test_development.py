"""A turn is told once: what the new title says and nothing before said."""

from datetime import UTC, datetime

import pytest

from bot.stories.development import Turn, development
from bot.stories.fingerprint import fingerprint

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def told(title, lead="", lang="fr"):
    return fingerprint(title, lead, lang, "Le Nord", NOON)


STRIKE = told("Grève à la STB : les 850 chauffeurs débrayent", "Le SCFP demande 14 % en trois ans.")


@pytest.mark.parametrize(
    ("title", "lang", "turn"),
    [
        ("Grève à la STB : une entente est conclue", "fr", Turn.AGREEMENT),
        ("STB strike: agreement reached", "en", Turn.AGREEMENT),
        ("Grève à la STB : les chauffeurs votent contre l’offre", "fr", Turn.VOTE),
        ("STB : le Tribunal ordonne la fin de la grève", "fr", Turn.RULING),
        ("STB : la grève est terminée", "fr", Turn.END),
        ("Grève à la STB : 1200 chauffeurs débrayent", "fr", Turn.FIGURES),
        ("Grève à la STB : les 850 chauffeurs manifestent", "fr", None),
        ("La STB paralysée par une grève", "fr", None),
    ],
)
def test_a_turn_is_what_the_new_title_says_first(title, lang, turn):
    assert development([STRIKE], told(title, lang=lang)) == turn


def test_a_turn_is_told_once():
    first = told("Grève à la STB : une entente est conclue")
    assert development([STRIKE, first], told("STB : l’entente met fin à la grève")) in {None, Turn.END}
    assert development([STRIKE, first], told("L’entente à la STB saluée")) is None


def test_figures_are_news_only_where_there_were_figures():
    assert development([told("La STB en grève")], told("La STB en grève : 1200 chauffeurs débrayent")) is None
