"""Sentences of French and English news are cut where a reader would cut them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.sentences import sentences

WHOLE = [
    "M. Tremblay a rencontré Mme Roy.",
    "MM. Roy et Côté siègent avec Mgr. Lépine.",
    "L'art. 5 et le no. 12 s'appliquent.",
    "Selon l'art. 5 de la loi, c. 27, le maire décide.",
    "Le budget est de 643 000 $, soit 3,5 % de plus qu'en 2025.",
    "La séance commence à 14 h 30 au 12, av. Cartier.",
    "J.-F. Côté et J. K. Roy ont voté contre.",
    "Le maire a dit : « Nous paierons. Nous le devons. » avant de partir.",
    'Elle a répondu : "Non. Jamais. Pas ici." et elle est sortie.',
    "« Pourquoi partir ? » demande le maire.",
    "Tout coûte plus cher (le sel. Le sable. Le gaz.) cette année.",
    "Les élus, p. ex. M. Roy, se sont abstenus.",
    "Le groupe Lachance inc. Construction ferme ses portes.",
    "Mr. Smith met Dr. Jones in the U.S. Senate at 3 p.m. Monday.",
    "Gov. Hochul spoke to St. Lawrence County officials.",
    "Il hésite… puis il signe.",
    "The bill, no. 96, passed on Nov. 24 in Quebec.",
    "1. Les taxes augmentent.",
    "La phrase continue\nsur la ligne suivante.",
]

SEVERAL = [
    ("Le maire est parti. Il reviendra.", ["Le maire est parti.", "Il reviendra."]),
    ("Le prix est de 12 $. Les usagers protestent.", ["Le prix est de 12 $.", "Les usagers protestent."]),
    ("La séance finit à 14 h 30. 40 personnes y étaient.", ["La séance finit à 14 h 30.", "40 personnes y étaient."]),
    ("« Nous paierons. » Le maire l'a dit.", ["« Nous paierons. »", "Le maire l'a dit."]),
    ("Il a dit «\u00a0oui\u202f!\u00a0» Elle a dit non.", ["Il a dit «\u00a0oui\u202f!\u00a0»", "Elle a dit non."]),
    ("On vend du sel, du sable, etc. Les prix montent.", ["On vend du sel, du sable, etc.", "Les prix montent."]),
    ("She lives in the U.S. The rest stayed.", ["She lives in the U.S.", "The rest stayed."]),
    ("Il a choisi le plan B. Le plan A coûtait cher.", ["Il a choisi le plan B.", "Le plan A coûtait cher."]),
    ("Vraiment?! Oui. Non…  Peut-être.", ["Vraiment?!", "Oui.", "Non…", "Peut-être."]),
    ("Un titre sans point\n\nUne phrase. Une autre.", ["Un titre sans point", "Une phrase.", "Une autre."]),
    ("Un titre\nUn paragraphe.", ["Un titre", "Un paragraphe."]),
    ("Il cite « un mot. Jamais fermé. Tant pis.", ["Il cite « un mot.", "Jamais fermé.", "Tant pis."]),
    ("The mayor said no. The council agreed.", ["The mayor said no.", "The council agreed."]),
    ("L'entente vaut 643 000 $. L’UMQ s'en réjouit.", ["L'entente vaut 643 000 $.", "L’UMQ s'en réjouit."]),
    ("He lives on Main St. The mayor does too.", ["He lives on Main St.", "The mayor does too."]),
    ("Il offre la 4G. Côté prix, rien.", ["Il offre la 4G.", "Côté prix, rien."]),
    ("Elle appuie le PLQ. Québec attend.", ["Elle appuie le PLQ.", "Québec attend."]),
]


@pytest.mark.parametrize("text", WHOLE)
def test_a_dot_inside_a_sentence_does_not_cut_it(text):
    assert [sentence.text for sentence in sentences(text)] == [text]


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_sentences_are_cut_where_a_reader_would_cut_them(text, expected):
    assert [sentence.text for sentence in sentences(text)] == expected


@given(st.text(alphabet='aé MÉ.?!…«»"“”()1 \n\u00a0', max_size=200) | st.text(max_size=200))
def test_nothing_is_lost_or_changed_between_sentences(text):
    found = sentences(text)
    end = 0
    for sentence in found:
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip() != ""
        assert text[end : sentence.start].strip() == ""
        end = sentence.end
    assert text[end:].strip() == ""


def test_a_long_text_is_cut_in_time_that_grows_with_its_length():
    text = "Le maire de Saint-Jean a dit « oui. Non. » à M. Roy. " * 2_000
    assert len(sentences(text)) == 2_000
