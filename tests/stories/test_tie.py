"""Of the words two items share, those that stand side by side are one piece of evidence, not several."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.tie import phrases, pieces

WORDS = "ancre brise cap digue ecume"


def shared(text, weight=1.0):
    """« a b | c »: a and b side by side in both items, c elsewhere."""
    runs = [run.split() for run in text.split("|")]
    pairs = [f"{left}+{right}" for run in runs for left, right in pairwise(run)]
    return dict.fromkeys([*(word for run in runs for word in run), *pairs], weight)


@pytest.mark.parametrize(
    ("text", "in_pieces", "in_phrases"),
    [
        ("", 0, 0),
        ("ancre", 1, 1),
        ("ancre brise", 1, 1),
        ("ancre | brise", 2, 2),
        ("ancre brise cap", 2, 1),
        ("ancre brise cap digue ecume", 3, 1),
        ("ancre brise | cap digue ecume", 3, 2),
        ("ancre brise | brise cap", 2, 1),
    ],
)
def test_words_side_by_side_are_one_phrase_and_half_as_many_pieces(text, in_pieces, in_phrases):
    assert pieces(shared(text)) == in_pieces
    assert phrases(shared(text)) == in_phrases


def test_a_word_beside_a_stronger_one_is_no_piece():
    values = shared("ancre brise cap")
    assert pieces(values | {"brise": 2.0}) == 1


def test_everyday_words_are_no_evidence():
    assert pieces(shared("ancre | brise", 0.1)) == phrases(shared("ancre | brise", 0.1)) == 0
    assert phrases(shared("ancre brise") | {"brise": 0.1}) == 1


def test_a_pair_counts_only_where_both_its_words_do():
    assert pieces({"ancre": 1.0, "ancre+brise": 1.0}) == phrases({"ancre": 1.0, "ancre+brise": 1.0}) == 1


@given(st.lists(st.sampled_from([*WORDS.split(), "|"]), max_size=9))
def test_there_are_no_fewer_pieces_than_phrases_and_no_more_than_words(parts):
    values = shared(" ".join(parts))
    assert phrases(values) <= pieces(values) <= sum("+" not in key for key in values)
