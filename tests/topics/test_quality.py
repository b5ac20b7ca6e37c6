"""Thumbs become precision of topics, terms and outlets, and the terms to review."""

from bot.model import Field, Reason, Verdict
from bot.topics.quality import Judged, hits_of, quality_of


def verdict(topic, *terms, flagged=True, weight=1.0):
    reasons = tuple(Reason(topic, term, Field.TITLE, term, weight, 0, 1) for term in terms)
    return Verdict(topic, 1.0, 1.0, flagged, reasons)


def test_a_thumb_counts_for_the_topics_told_their_terms_and_the_outlet():
    told = [verdict("labour", "grève", "grève", "syndicat"), verdict("immigration", "visa", flagged=False)]
    quality = quality_of([Judged(told, "Le Courrier", 3, 1), Judged([verdict("labour", "grève")], "La Ville", 0, 2)])
    assert (quality.topics["labour"].good, quality.topics["labour"].bad) == (3, 3)
    assert "immigration" not in quality.topics
    assert quality.terms["labour", "syndicat"].precision == 0.75
    assert quality.terms["labour", "grève"].votes == 6
    assert quality.outlets["La Ville"].precision == 0.0


def test_a_term_that_spoke_against_is_not_blamed():
    quality = quality_of([Judged([verdict("labour", "étudiant", weight=-1.0)], "A", 0, 9)])
    assert quality.terms == {}


def test_terms_to_review_have_enough_thumbs_and_too_few_good_ones_the_worst_first():
    judged = [
        Judged([verdict("labour", "bon")], "A", 9, 1),
        Judged([verdict("labour", "rare")], "A", 0, 3),
        Judged([verdict("labour", "douteux")], "A", 2, 2),
        Judged([verdict("labour", "mauvais")], "A", 0, 4),
    ]
    assert [term for _, term, _ in quality_of(judged).to_review()] == ["mauvais", "douteux"]


def test_a_term_counts_once_an_item():
    verdicts = [[verdict("labour", "grève", "grève")], [verdict("labour", "grève"), verdict("immigration", "visa")]]
    assert hits_of(verdicts, "labour") == {"grève": 2}
