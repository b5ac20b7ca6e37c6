"""Letters as a reader in a hurry sees them."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.fold import fold


@given(st.text(alphabet=st.characters(codec=None)))
def test_folding_twice_is_folding_once(text: str):
    assert fold(fold(text)) == fold(text)


def test_every_code_point_folds_to_something_that_stays():
    assert all(fold(fold(chr(code))) == fold(chr(code)) for code in range(sys.maxunicode + 1))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Grève", "greve"),
        ("GRÈVE", "greve"),
        ("gre\u0300ve", "greve"),
        ("main-d’œuvre", "main-d'oeuvre"),
        ("Æon", "aeon"),
        ("14\u00a0h\u202f30", "14 h 30"),
        ("temps‑partiel", "temps-partiel"),
        ("immi\u00adgration", "immigration"),
        ("Łódź", "lodz"),
        ("straße", "strasse"),
    ],
)
def test_accents_capitals_ligatures_spaces_and_hyphens_do_not_matter(written: str, read: str):
    assert fold(written) == read
