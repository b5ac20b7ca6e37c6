"""Acronyms, and words that a headline shouts."""

import pytest

from bot.text.capitals import is_acronym
from bot.text.tokens import Tokens


def acronyms(text: str) -> list[str]:
    found = Tokens(text)
    return [word.fold for number, word in enumerate(found.words) if word.case == 2 and is_acronym(found, number)]


def test_capitals_in_a_normal_sentence_are_an_acronym_even_of_a_common_word():
    assert acronyms("Le BIG ouvre une enquête, dit l’ICE") == ["big", "ice"]


def test_in_a_shouted_headline_a_common_word_is_a_word():
    assert "big" not in acronyms("LE PLAN BIG BANG DE LA VILLE")
    assert "ice" not in acronyms("ICE STORM HITS MONTREAL")


def test_in_a_shouted_headline_an_acronym_is_still_one():
    assert {"caq", "mifi"} <= set(acronyms("LA CAQ REVOIT LE MIFI"))


@pytest.mark.parametrize("text", ["GRÈVE : BIG", "BIG et la CSN", "BIG 2026 CSN", "BIG Montréal LES", "Les BIG"])
def test_capitals_alone_do_not_make_a_shout(text: str):
    assert "big" in acronyms(text)


def test_a_shout_ends_at_a_word_in_small_letters():
    assert "big" in acronyms("LA VILLE annonce que BIG enquête")
