"""A turn of the news is told when the title says it as done, for the first time, with a figure of its own."""

import pytest

from bot.stories.development import Turn, development

STRIKE = "Grève à la STB : les 850 chauffeurs débrayent\nLe SCFP demande 14 % en trois ans."
OFFER = "STB : l’employeur dépose une offre\nElle prévoit 10 % en quatre ans."


@pytest.mark.parametrize(
    ("title", "lead", "turn", "figures"),
    [
        (
            "Grève à la STB : une entente de principe",
            "Elle prévoit 12,5 % sur cinq ans.",
            Turn.AGREEMENT,
            ("12,5 %", "cinq ans"),
        ),
        ("La STB et le SCFP concluent une entente", "Les salaires augmentent de 12 %.", Turn.AGREEMENT, ("12 %",)),
        ("STB : les chauffeurs votent à 82 % contre l’offre", "", Turn.VOTE, ("82 %",)),
        ("Les chauffeurs de la STB rejettent l’offre à 82 %", "", Turn.VOTE, ("82 %",)),
        (
            "STB : le Tribunal ordonne la fin de la grève",
            "Une amende de 5000 $ par jour est prévue.",
            Turn.RULING,
            ("5000 $",),
        ),
        ("Fin de la grève à la STB", "Elle aura duré 23 jours.", Turn.END, ("23 jours",)),
        (
            "STB strike: tentative agreement reached",
            "It gives drivers 12.5 per cent.",
            Turn.AGREEMENT,
            ("12.5 per cent",),
        ),
        ("STB drivers return to work", "The walkout lasted 23 days.", Turn.END, ("23 days",)),
        ("Court orders STB drivers back", "Fines are set at $5,000 a day.", Turn.RULING, ("$5,000",)),
    ],
)
def test_a_turn_is_named_with_the_figures_that_are_new(title, lead, turn, figures):
    found = development([STRIKE, OFFER], title, lead)
    assert found is not None
    assert (found.turn, found.figures) == (turn, figures)


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("Grève à la STB : une entente de principe", ""),  # no figure
        ("Grève à la STB : une entente de principe", "Les 850 chauffeurs demandaient 14 %."),  # known figures
        ("STB : vers une entente de principe?", "Une hausse de 12 % serait offerte."),
        ("STB : pas d’entente conclue après 12 heures de pourparlers", ""),
        ("STB : le SCFP demande au Tribunal de trancher", "Il réclame 5000 $."),
        ("STB : les chauffeurs voteront jeudi sur l’offre de 12 %", ""),
        ("STB : les chauffeurs pourraient mettre fin à la grève", "Elle dure depuis 23 jours."),
        ("STB strike: no deal reached", "Talks lasted 12 hours."),
        ("STB strike could be over by Friday", "It has lasted 23 days."),
        ("Grève à la STB : 1200 usagers manifestent", "Ils bloquent la rue depuis 2 heures."),
        ("Les chauffeurs rejettent l’offre", "Ils ont voté le 12 fevrier."),  # a date that lost its accent
        ("Travaux en cours à la STB", "Un budget de 3 millions de dollars."),
    ],
)
def test_what_is_not_done_or_brings_no_figure_is_no_turn(title, lead):
    assert development([STRIKE, OFFER], title, lead) is None


def test_a_turn_is_told_once():
    first = "Grève à la STB : une entente de principe\nElle prévoit 12,5 %."
    assert (
        development([STRIKE, first], "STB : le SCFP signe une entente", "Elle coûtera 3 millions de dollars.") is None
    )
    assert development([STRIKE, first], "STB : l’entente adoptée à 91 %", "").turn is Turn.VOTE


def test_the_words_say_why():
    assert development([STRIKE], "Les chauffeurs rejettent l’offre à 82 %", "").words == "rejettent"
