"""A summary is two or three whole sentences of the source, and nothing of the page around them."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Field, Reason
from bot.stories.quotable import fullest, quotable
from bot.stories.summary import AT_MOST, summarise
from bot.text.sentences import sentences

AGREEMENT = (
    "L’Association des villes (ADV) a conclu mardi une entente de 643 000 $ avec le ministère.\n"
    "L’argent servira pendant trois ans à accueillir des familles immigrantes dans 40 municipalités.\n"
    "Il a beaucoup neigé cette nuit-là dans la région.\n"
    "« Nous sommes prêts », a dit la présidente de l’ADV, Hélène Bastarache.\n"
)


def reason(text):
    return Reason("immigration", text, Field.BODY, text, 1.0, 0, len(text))


def test_a_summary_tells_who_what_how_much_and_for_how_long():
    summary = summarise("Une entente pour les régions", AGREEMENT, "fr")
    for fact in ("ADV", "643 000 $", "trois ans", "familles immigrantes"):
        assert fact in summary
    assert "neigé" not in summary


DESCRIPTION = "La Ville de Belair gèle les taxes pour un an. Le conseil a voté lundi."
CAPTION = (
    "La mairesse de Belair, Odile Tremblay, lors d’une conférence de presse à l’hôtel de ville, en compagnie du"
    " directeur général et de la trésorière, lundi. (Photo : Jeanne Roy, archives Le Courrier)"
)
COOKIES = "Veuillez activer les scripts de votre navigateur pour continuer. " * 5


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((DESCRIPTION, CAPTION), DESCRIPTION),
        ((CAPTION, DESCRIPTION), DESCRIPTION),
        ((DESCRIPTION, COOKIES), DESCRIPTION),
        ((DESCRIPTION, ""), DESCRIPTION),
        (("", "Gel des taxes"), "Gel des taxes"),
        ((DESCRIPTION, f"{DESCRIPTION} Le gel coûtera 310 000 $."), f"{DESCRIPTION} Le gel coûtera 310 000 $."),
        (("", ""), ""),
    ],
)
def test_the_fullest_text_is_the_one_that_tells_most_and_never_a_caption(texts, expected):
    assert fullest("Belair gèle les taxes", *texts) == expected


def test_sentences_keep_their_order():
    summary = summarise("Une entente pour les régions", AGREEMENT, "fr")
    places = [AGREEMENT.index(sentence.text) for sentence in sentences(summary)]
    assert places == sorted(places)


def test_sentences_that_carry_the_topic_are_preferred():
    text = (
        "La Ville a tenu une longue séance lundi soir devant 30 personnes.\n"
        "Le budget de 12 M$ a été adopté par 7 voix contre 2.\n"
        "Les travaux de la rue Principale coûteront 3 M$ en 2027.\n"
        "Le conseil a aussi créé un comité d’accueil des réfugiés syriens, sans budget.\n"
    )
    assert "réfugiés" not in summarise("Séance du conseil", text, "fr", limit=150)
    assert "réfugiés" in summarise("Séance du conseil", text, "fr", [reason("réfugiés")], limit=150)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MONTRÉAL — Le maire a signé une entente lundi.", "Le maire a signé une entente lundi."),
        ("(Québec) Le maire a signé une entente lundi.", "Le maire a signé une entente lundi."),
        ("QUÉBEC, le 12 mars 2026 /CNW/ - Le maire a signé une entente.", "Le maire a signé une entente."),
        ("Val-d’Or, le 12 mars 2026 – Le maire a signé une entente.", "Le maire a signé une entente."),
        ("OTTAWA (PC) - Le maire a signé une entente lundi.", "Le maire a signé une entente lundi."),
        ("ANALYSE. Le maire a signé une entente lundi.", "Le maire a signé une entente lundi."),
        ("[AVIS D'EXPERT] Le maire a signé une entente lundi.", "Le maire a signé une entente lundi."),
        ("L’Union (UMQ) a signé une entente lundi.", "L’Union (UMQ) a signé une entente lundi."),
    ],
)
def test_a_dateline_or_a_label_is_left_out(text, expected):
    assert summarise("Titre", text, "fr") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Le maire de Belair annonce la fermeture du pont et...",
        "Le maire de Belair annonce la fermeture du pont […]",
        "Le maire de Belair annonce la fermeture du pont de",
        "annonce la fermeture du pont à compter de lundi.",
        "Photo : Jeanne Roy, La Presse Canadienne",
        "Abonnez-vous à notre infolettre pour ne rien manquer de l’actualité.",
        "Lire aussi : Le pont rouvrira dans deux mois, selon la Ville.",
        "« Le pont fermera lundi, a dit le maire de Belair.",
        "L’article Le pont fermera lundi est apparu en premier sur Le Courrier.",
        "Fermeture du pont lundi",
        "Publié le 24 novembre 2026 à 14 h 30 par la rédaction.",
        "The post Bridge to close appeared first on The Courier.",
    ],
)
def test_a_headline_alone_stays_alone_when_the_rest_says_nothing_whole(text):
    assert summarise("Le pont fermera lundi", text, "fr") == ""


def test_the_title_is_not_repeated():
    text = "Le pont de l’Anse fermera lundi. Un détour de 19 km attend 7 400 automobilistes."
    assert summarise("Le pont de l’Anse fermera lundi", text, "fr") == "Un détour de 19 km attend 7 400 automobilistes."


def test_a_full_stop_left_out_by_the_feed_is_put_back():
    text = "Le maire de Belair a promis de geler les taxes jusqu’en 2029"
    assert summarise("Promesse", text, "fr") == f"{text}."


def test_a_sentence_that_leans_on_another_comes_with_it_or_not_at_all():
    text = (
        "La Ville de Belair gèlera les taxes de 4 200 propriétaires en 2027.\n"
        "Un comité formé de M. Roy étudiera longuement la question des parcs et des sentiers de la région.\n"
        "Il remettra un rapport de 300 pages et 45 recommandations le 3 mars à la ministre Anne Roy.\n"
    )
    summary = summarise("Taxes", text, "fr", limit=170)
    assert "Il remettra" not in summary or "comité formé" in summary
    assert "gèlera" in summary


def test_news_about_journalism_is_no_furniture():
    text = "Ottawa versera 5 M$ pour le journalisme local, et la FPJQ salue cette aide."
    assert summarise("Aide", text, "fr") == text


def test_english_is_summarised_alike():
    text = (
        "OTTAWA — Ottawa will issue 10 per cent fewer permits in 2027, Minister Claire Donovan said Wednesday.\n"
        "Photo: The Canadian Press\n"
        "“We can't plan,” said Marc Plourde of the college association.\n"
        "Read also: Council rejects gondola project\n"
    )
    summary = summarise("Permits cut", text, "en")
    assert summary.startswith("Ottawa will issue 10 per cent fewer permits")
    assert "Canadian Press" not in summary
    assert "gondola" not in summary


PROSE = st.lists(
    st.sampled_from(
        [
            "Le maire Roy a signé une entente de 12 M$ lundi.",
            "Elle durera trois ans.",
            "« Oui », a dit Mme Côté de la STB.",
            "À lire aussi : un pont fermé",
            "Photo : Jeanne Roy",
            "Un titre sans point",
            "La grève touche 40 % des 300 chauffeurs selon la CSN et le SCFP.",
            "Cette phrase est coupée par le fil…",
            "MONTRÉAL — Le conseil a voté.",
        ]
    ),
    max_size=14,
)


@given(PROSE | st.lists(st.text(max_size=60), max_size=6), st.integers(40, 600), st.sampled_from(["fr", "en"]))
def test_any_summary_keeps_its_length_and_quotes_whole_sentences(lines, limit, lang):
    text = "\n".join(lines)
    summary = summarise("Un titre", text, lang, limit=limit)
    assert len(summary) <= limit
    assert len(sentences(summary)) <= AT_MOST + 1
    for sentence in quotable(summary):
        assert sentence.rstrip(".") in text.replace("\n", " ") or sentence in text


def test_a_long_article_is_summarised_in_time():
    began = datetime.now(UTC)
    text = "\n".join(f"Le conseil de Belair a adopté {n} mesures de {n} M$ lundi, selon Mme Roy." for n in range(2_000))
    assert re.search(r"M\$", summarise("Mesures", text, "fr"))
    assert (datetime.now(UTC) - began).total_seconds() < 5
