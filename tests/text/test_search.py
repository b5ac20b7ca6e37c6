"""What is looked for and what is looked in."""

from hypothesis import given
from hypothesis import strategies as st

from bot.text.search import search_words, searchable


def finds(query, text):
    return all(f" {word}" in searchable(text) for word in search_words(query, 40))


def test_accents_capitals_elision_plurals_and_apostrophes_do_not_matter():
    for query in ("GREVES", "grève", "l’école", "ecoles", "ECOLE greve", "d'écoles"):
        assert finds(query, "Grève à l’École des métiers"), query
    assert finds("ecole metier", "Les ÉCOLES : quels métiers?")


def test_a_word_is_found_by_its_beginning_and_not_by_its_middle():
    assert finds("immigr", "L’immigration temporaire")
    assert not finds("migration", "L’immigration temporaire")


def test_all_words_are_asked_for():
    assert not finds("budget gatineau", "Le budget de Laval")


def test_signs_of_a_database_or_a_button_are_no_words():
    assert search_words("100% _x_ a:b:c '; DROP TABLE chat;--", 40) == ("100", "drop", "table", "chat")
    assert search_words("% _ : ' \" \0 \u202e", 40) == ()


@given(st.text(max_size=300), st.integers(0, 60))
def test_words_fit_are_folded_and_found_again_as_they_are(query, room):
    words = search_words(query, room)
    joined = " ".join(words)
    assert len(joined.encode()) <= room
    assert ":" not in joined
    assert len(set(words)) == len(words)


@given(st.text(max_size=200))
def test_looking_for_words_that_were_looked_for_finds_no_less(query):
    words = search_words(query, 40)
    again = search_words(" ".join(words), 40)
    assert all(any(old.startswith(new) for old in words) for new in again)
