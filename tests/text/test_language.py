"""French or English, whatever the feed claims."""

import pytest

from bot.text.language import language, leaning
from bot.text.tokens import Tokens


def told(text: str, declared: str | None = None) -> str:
    return language(Tokens(text).leaning, declared)


@pytest.mark.parametrize(
    "text",
    [
        "La ville de Laval adopte son budget",
        "Grève à la CSN",
        "L’immigration au cœur du débat",
        "Québec",
        "",
    ],
)
def test_french_is_told_from_its_words(text: str):
    assert told(text) == "fr"


@pytest.mark.parametrize(
    "text",
    ["The mayor of Laval wants a new budget", "Layoffs at the plant", "Workers walk out", "Housing crunch worsening"],
)
def test_english_is_told_from_its_words(text: str):
    assert told(text) == "en"


def test_the_feed_settles_what_the_words_do_not_say():
    assert told("Montréal 2026", "en-CA") == "en"
    assert told("Toronto 2026", "fr") == "fr"
    assert told("Toronto strike", "FR") == "fr"


def test_words_that_clearly_contradict_the_feed_overrule_it():
    assert told("Le maire de la ville et les élus dans la rue", "en") == "fr"
    assert told("The city and its workers have a deal with the mayor", "fr-CA") == "en"


def test_an_unknown_language_is_told_from_the_text():
    assert told("The strike is over", "es") == "en"


def test_words_of_both_languages_lean_nowhere():
    assert [leaning(word) for word in ("on", "an", "son", "car", "me", "a")] == [0] * 6
