"""The facts of a text have the same keys in French and in English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.facts import Kind, facts


def keys(text, *kinds):
    return [fact.key for fact in facts(text) if not kinds or fact.kind in kinds]


@pytest.mark.parametrize(
    ("french", "english", "expected"),
    [
        ("une somme de 643 000 $", "a sum of $643,000", "643000$"),
        ("1,5 million de dollars", "$1.5 million", "1500000$"),
        ("4,2 milliards d’euros", "€4.2 billion", "4200000000$"),
        ("une hausse de 3,7 %", "a 3.7 per cent increase", "3.7%"),
        ("le projet de loi no 96", "Bill 96 is back", "loi 96"),
        ("le 24 novembre", "on Nov. 24", "11-24"),
        ("le 1er mai", "on May 1", "05-01"),
        ("pendant trois ans", "over three years", "3y"),
        ("la troisième opération", "the third operation", "3e"),
        ("dès 14 h 30 lundi", "at 14:30 Monday", "14h30"),
        ("10 000 grévistes", "10,000 strikers", "10000"),
        ("selon l’ONU hier", "the UN said", "onu"),
        ("le SCFP a dit", "as CUPE said", "scfp"),
    ],
)
def test_a_fact_has_one_key_in_both_languages(french, english, expected):
    assert keys(french) == [expected]
    assert keys(english) == [expected]


def test_a_name_is_told_by_its_capital_in_the_middle_of_a_sentence():
    assert keys("Le maire Jean Roy de Saint-Aubin a signé.", Kind.NAME) == ["jean roy", "saint-aubin"]
    assert keys("Grève des éboueurs à Sherval", Kind.NAME) == ["sherval"]


def test_the_first_word_of_a_sentence_is_a_name_only_where_something_says_so():
    assert keys("Manifestation devant l’école.", Kind.NAME) == []
    assert keys("Lionel Grandbois démissionne.\nLe maire Grandbois part.", Kind.NAME)[0] == "lionel grandbois"
    assert keys("Grand-maman inondée", Kind.NAME) == []
    assert keys("Pied-de-Vent inondée", Kind.NAME) == ["pied-de-vent"]


def test_capitals_say_nothing_where_every_word_has_one():
    assert keys("City Council Approves Property Taxes Increase", Kind.NAME) == []
    assert keys("LE MAIRE DE LAVAL DÉMISSIONNE") == []


def test_acronyms_may_hold_digits_and_dots():
    assert keys("L’A69 et la F.T.Q. selon R&D", Kind.ACRONYM)[0] == "a69"


@given(st.text(max_size=120) | st.text(alphabet="a1 2,.$%hÉle-\n«»", max_size=60))
def test_facts_lie_in_the_text_in_order_and_apart(text):
    end = 0
    for fact in facts(text):
        assert 0 <= fact.start < fact.end <= len(text)
        assert fact.start >= end
        assert fact.key
        end = fact.end
