"""Words with their places: elision, hyphens, inclusive writing, dots, doublets."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import tokens
from bot.text.tokens import Case, Tokens


def folded(text: str) -> list[str]:
    return [word.fold for word in Tokens(text).words]


def written(text: str) -> list[str]:
    found = Tokens(text)
    return [text[slice(*found.span(number, number))] for number in range(len(found))]


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ"])
def test_elided_words_vanish_with_any_apostrophe(apostrophe: str):
    text = "L'immigration d'immigrantes qu'elle jusqu'ici lorsqu'on".replace("'", apostrophe)
    assert folded(text) == ["immigration", "immigrantes", "elle", "ici", "on"]
    assert written(text) == ["immigration", "immigrantes", "elle", "ici", "on"]


def test_words_with_an_apostrophe_of_their_own_stay_whole():
    assert folded("Aujourd’hui les prud’hommes, jusqu'aujourd'hui") == [
        "aujourd'hui",
        "les",
        "prud'hommes",
        "aujourd'hui",
    ]
    assert folded("O'Connor can't quelqu’un") == ["o'connor", "can't", "quelqu'un"]


def test_an_elided_article_before_a_quotation_mark_vanishes_too():
    assert folded("le ministère de l’« immigration »") == ["le", "ministere", "de", "immigration"]


def test_the_english_possessive_is_no_part_of_the_word():
    assert folded("workers' McDonald’s the city's UNION'S") == ["workers", "mcdonald", "the", "city", "union"]


def test_hyphens_part_words():
    assert folded("sous-traitants à temps‑partiel de Saint-Laurent") == [
        "sous",
        "traitants",
        "a",
        "temps",
        "partiel",
        "de",
        "saint",
        "laurent",
    ]


def test_saint_and_sainte_are_read_from_their_short_forms():
    assert folded("St-Laurent, Ste-Foy") == ["saint", "laurent", "sainte", "foy"]


@pytest.mark.parametrize(
    ("inclusive", "plain"),
    [
        ("travailleur·euse·s", "travailleur"),
        ("travailleurs·euses", "travailleurs"),
        ("travailleurs/euses", "travailleurs"),
        ("travailleur(euse)s", "travailleur"),
        ("employé.e.s", "employe"),
        ("employé-es", "employe"),
        ("EMPLOYÉ.E.S", "employe"),
        ("élu(e)s", "elu"),
        ("élu.e", "elu"),
        ("citoyen-ne-s", "citoyen"),
        ("citoyen·nes", "citoyen"),
        ("municipalité(s)", "municipalite"),
        ("conseiller·ère·s", "conseiller"),
        ("agriculteur.trice.s", "agriculteur"),
        ("professionnel.le.s", "professionnel"),
        ("premier·ère", "premier"),
    ],
)
def test_inclusive_endings_fold_into_their_word(inclusive: str, plain: str):
    assert folded(f"Les {inclusive}, réunis") == ["les", plain, "reunis"]
    assert written(f"Les {inclusive}, réunis")[1] == inclusive


def test_what_looks_like_an_inclusive_ending_but_is_none_stays_apart():
    assert folded("dit-elle, prends-les, a-t-elle, fini.Les autres (e)") == [
        "dit",
        "elle",
        "prends",
        "les",
        "a",
        "t",
        "elle",
        "fini",
        "les",
        "autres",
        "e",
    ]


def test_two_genders_joined_by_et_or_ou_are_one_word():
    text = "Les travailleuses et travailleurs, les élus et les élues, le citoyen ou la citoyenne"
    assert written(text) == [
        "Les",
        "travailleuses et travailleurs",
        "les",
        "élus et les élues",
        "le",
        "citoyen ou la citoyenne",
    ]


def test_two_different_words_joined_by_et_are_two():
    assert written("la ville et la région et Laval et") == ["la", "ville", "et", "la", "région", "et", "Laval", "et"]


def test_of_three_forms_in_a_row_the_first_two_join():
    assert written("élus et élues et élus") == ["élus et élues", "et", "élus"]


def test_dotted_acronyms_are_read_without_their_dots():
    found = Tokens("La F.T.Q. et les U.S.A.")
    assert [word.fold for word in found.words] == ["la", "ftq", "et", "les", "usa"]
    assert found.words[1].case is Case.CAPITALS


def test_case_tells_acronyms_from_names():
    cases = [word.case for word in Tokens("la CSN Laval PMEs É G7 À").words]
    assert cases == [
        Case.LOWER,
        Case.CAPITALS,
        Case.CAPITALISED,
        Case.CAPITALS,
        Case.CAPITALISED,
        Case.CAPITALS,
        Case.CAPITALISED,
    ]
    assert folded("PMEs") == ["pme"]


def test_loose_accents_soft_hyphens_and_odd_spaces_are_read_through():
    text = "gre\u0300ve\u00a0: l’immi\u00adgration\u202f!"
    assert folded(text) == ["greve", "immigration"]
    assert Tokens(text).words[0].plain == "grève"
    assert written(text) == ["gre\u0300ve", "immi\u00adgration"]


def test_a_word_knows_its_sentence():
    found = Tokens("Grève à Laval. M. Roy négocie. Fin")
    assert [found.sentence(number) for number in range(len(found))] == [1, 1, 1, 2, 2, 2, 3]


def test_what_is_remembered_is_forgotten_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    monkeypatch.setattr(tokens, "_remembered", {})
    assert folded("un deux trois quatre cinq") == ["un", "deux", "trois", "quatre", "cinq"]
    assert len(tokens._remembered) <= 3


@given(st.text(alphabet=st.characters(codec=None)))
def test_every_word_stands_where_it_says(text: str):
    found = Tokens(text)
    spans = [found.span(number, number) for number in range(len(found))]
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    again = [word.fold for start, end in spans for word in Tokens(text[start:end]).words]
    assert len(again) >= len(spans)


@pytest.mark.parametrize(
    "pattern",
    [
        "l'",
        "a’",
        "é.e.s ",
        "élu et élue ",
        "A.",
        "(e)",
        "a\u0301\u0316",
        "·e",
        "-",
        "mot ",
        "’",
        "\u00ad",
        "élue·s",
        "X",
    ],
)
@pytest.mark.alone
def test_reading_takes_linear_time(pattern: str):
    def seconds(length: int) -> float:
        text = (pattern * length)[:length]
        start = time.process_time()
        found = Tokens(text)
        if found.words:
            found.span(0, len(found) - 1)
        return time.process_time() - start

    short = max(min(seconds(20_000) for _ in range(3)), 0.002)
    assert seconds(200_000) < 40 * short
