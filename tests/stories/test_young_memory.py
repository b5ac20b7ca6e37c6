"""One article in three hundred outlets is one story, in a memory of any age; what only looks alike stays apart there."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.stories.fingerprint import fingerprint
from bot.stories.window import Window

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SYLLABLES = ("bel", "cor", "dal", "fen", "gri", "lom", "mar", "nou", "pel", "quin", "rav", "sol", "tur", "ver", "zan")
MATTERS = (
    "un incendie ravage la quincaillerie {0} de {1}",
    "la mairesse de {1} présente le budget de {0}",
    "les éboueurs de {1} refusent l’offre de {0}",
    "{0} ouvrira une usine de batteries à {1}",
    "le procès de {0} commence au palais de justice de {1}",
    "un festival de jazz à {1} avec {0} en ouverture",
    "{0} bat {1} et passe en demi-finale",
)
TITLE = "Grève des chauffeurs d’autobus à Val-Brillant : le service est interrompu"
LEAD = (
    "Les 280 chauffeurs de la Société de transport de Val-Brillant ont débrayé lundi matin.",
    "Le syndicat réclame une hausse de 12 % et dénonce les horaires coupés.",
    "La mairesse Odile Rancourt demande l’arbitrage et promet des navettes pour les hôpitaux.",
    "Aucune rencontre n’est prévue entre les parties avant jeudi.",
)
OTHER_TITLES = (
    "Val-Brillant : les chauffeurs d’autobus en grève, le service interrompu",
    "Les autobus de Val-Brillant à l’arrêt : 280 chauffeurs en grève",
    "Grève à Val-Brillant : 280 chauffeurs d’autobus débrayent",
)


def ordinary_news(count):
    """Items of a month's memory, each about something of its own."""
    dice = random.Random(11)

    def name():
        return "".join(dice.choice(SYLLABLES) for _ in range(3)).title()

    for number in range(count):
        one, other = name(), name()
        title = MATTERS[number % len(MATTERS)].format(one, other)
        lead = f"{name()} {name()} commente à {other} : « {name()} attendait {one} depuis {2 + number % 9} mois. »"
        at = NOON - timedelta(days=20) + number * timedelta(minutes=30)
        yield fingerprint(title[0].upper() + title[1:], lead, "fr", f"outlet {number % 12}", at)


def remembering(count):
    window = Window()
    for item in ordinary_news(count):
        window.put(item)
    return window


def identical(number):
    return TITLE, " ".join(LEAD)


def near(number):
    """The desk of each outlet has cut the dispatch, moved a sentence or written another title."""
    dice = random.Random(number)
    kept = [LEAD[0], *dice.sample(LEAD[1:], dice.randrange(1, len(LEAD)))]
    return dice.choice((TITLE, TITLE, *OTHER_TITLES)), " ".join(kept)


def copies(text, count, start=timedelta()):
    for number in range(count):
        title, lead = text(number)
        yield fingerprint(title, lead, "fr", f"copy {number}", NOON + start + number * timedelta(minutes=4))


@pytest.mark.parametrize("known", [0, 100, 700])
@pytest.mark.parametrize("text", [identical, near])
def test_any_number_of_copies_is_one_story(known, text):
    window = remembering(known)
    placed = [window.put(item)[0] for item in copies(text, 300)]
    assert {count: len(set(placed[:count])) for count in (1, 10, 60, 300)} == {1: 1, 10: 1, 60: 1, 300: 1}


@pytest.mark.parametrize("known", [0, 100, 700])
def test_copies_of_an_article_whose_story_has_closed_are_one_story_again(known):
    window = remembering(known)
    first = {window.put(item)[0] for item in copies(identical, 60)}
    later = {window.put(item)[0] for item in copies(identical, 60, start=timedelta(days=4))}
    assert len(first) == len(later) == 1
    assert first.isdisjoint(later)


LOOK_ALIKES = {
    "strikes of two unions": (
        ("Les employés de la SOQ en grève lundi", "Le SEMB dénonce les offres."),
        ("Les employés de la SIDC en grève lundi", "Le SCFP dénonce les offres."),
    ),
    "a fire in two towns": (
        ("Un incendie à Montcler ravage un commerce", "Les pompiers ont lutté toute la nuit."),
        ("Un incendie à Belair ravage un commerce", "Les pompiers ont lutté toute la nuit."),
    ),
    "strikes in two towns": (
        (TITLE, " ".join(LEAD)),
        (
            "Grève des chauffeurs d’autobus à Port-Aubry : le service est interrompu",
            "Les 340 chauffeurs de la Régie de Port-Aubry ont débrayé lundi matin. Le syndicat réclame 9 %.",
        ),
    ),
    "a title that names nothing": (
        ("Séance du conseil", "Ordre du jour : la piscine de la rue Bellefeuille."),
        ("Séance du conseil", "Dérogation mineure au chemin du Lac."),
    ),
}


@pytest.mark.parametrize("known", [0, 100, 700])
@pytest.mark.parametrize("told", [1, 40])
@pytest.mark.parametrize("pair", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_alike_stays_apart_however_often_each_was_told(pair, told, known):
    window = remembering(known)
    one, other = (
        {window.put(item)[0] for item in copies(lambda _, text=text: text, told, start=place * timedelta(hours=3))}
        for place, text in enumerate(pair)
    )
    assert one.isdisjoint(other)
