"""Furniture of pages is blanked, an article's own sentences are not, and no character moves."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.boilerplate import cut_boilerplate, is_boilerplate_line, marker_cut

FURNITURE = (
    "RECOMMANDÉS POUR VOUS",
    "Recommandés pour vous",
    "Vous aimerez aussi",
    "Dans la même catégorie",
    "Dans la même catégorie :",
    "À lire aussi",
    "À lire aussi : Débrayage surprise au dépôt municipal",
    "À lire aussi — Débrayage surprise au dépôt municipal",
    "Lire aussi : Le caucus choisit sa cheffe",
    "Lire également | Le caucus choisit sa cheffe",
    "À voir aussi",
    "Voir aussi : dix photos de la tempête",
    "Publicité",
    "PUBLICITÉ",
    "Suivez-nous sur Facebook",
    "Abonnez-vous à notre infolettre pour ne rien manquer des affaires municipales",
    "Inscrivez-vous à notre infolettre.",
    "Recevez nos manchettes chaque matin dans votre boîte courriel",
    "Infolettre",
    "12 commentaires",
    "Aucun commentaire",
    "Commentaires (7)",
    "Laisser un commentaire",
    "Par Jeanne Roy, La Presse Canadienne",
    "Par Jeanne Roy",
    "Par Jeanne Roy et Paul Côté",
    "Par Jeanne Roy – Initiative de journalisme local",
    "Jeanne Roy, Initiative de journalisme local, affaires municipales",
    "Texte de Jeanne Roy, journaliste aux affaires municipales",
    "Avec La Presse canadienne",
    "Avec des informations de l’Agence France-Presse",
    "La Presse Canadienne",
    "Photo : Jeanne Roy",
    "Crédit photo : Ville de Boisvert",
    "(Photo : courtoisie)",
    "Photo courtoisie de la Municipalité",
    "Image : Archives municipales",
    "© 2026 Les Éditions du Bas. Tous droits réservés",
    "Tous droits réservés",
    "Partager sur Facebook",
    "Partagez",
    "Imprimer cet article",
    "Temps de lecture : 3 minutes",
    "4 min de lecture",
    "Publié le 3 mars 2026 à 14 h 30",
    "Mis à jour le 3 mars 2026",
    "Nous utilisons des témoins pour améliorer votre expérience",
    "Tout accepter les témoins",
    "Accueil > Actualités > Municipal > Travail",
    "Accueil",
    "Lire la suite",
    "En savoir plus",
    "Retour en haut",
    "Recommended for you",
    "Related stories",
    "Read more: City workers walk off the job",
    "Read also: City workers walk off the job",
    "Advertisement",
    "By Jean King, The Canadian Press",
    "Photo by Jean King",
    "Sign up for our newsletter",
    "Subscribe to keep reading about city hall",
    "Follow us on Instagram",
    "3 comments",
    "Leave a comment",
    "This website uses cookies to improve your experience",
    "Home | News | City Hall",
    "5 min read",
    "Updated on March 3, 2026",
    "Skip to main content",
)

ARTICLE = (
    "Par ailleurs, la Ville de Boisvert adopte son budget.",
    "Avec ce règlement, le conseil interdit le stationnement de nuit.",
    "Accueil des réfugiés : les organismes réclament des fonds",
    "Selon La Presse Canadienne, la ministre de l’Immigration a démissionné.",
    "Le syndicat a confirmé l’entente à La Presse Canadienne lundi matin, avant le vote.",
    "Photographes et caméramans déclenchent une grève.",
    "Image de marque : la Ville dépense 200 000 $",
    "Publicité trompeuse : la mairesse demande des comptes",
    "Recherche de main-d’œuvre : les usines de la région à bout de souffle",
    "Nous utilisons moins d’eau, dit le maire.",
    "Publié en 2019, le rapport recommandait de fusionner les deux municipalités.",
    "Le conseil a pris 12 commentaires en note avant de voter.",
    "Related companies will lay off 200 workers.",
    "Most read the agreement before they voted.",
    "Home care workers walk off the job.",
    "By next spring, the city will have a new council.",
    "No comment was made by the union.",
    "Share of newcomers in the regions grows.",
    "Search for a missing worker ends",
    "Tous les employés seront rappelés au travail.",
    "Aucun partage des coûts n’est prévu avec la MRC.",
    "Partager les coûts du service d’incendie : deux villages s’entendent",
    "Recevez-vous assez de travailleurs étrangers ? demande l’élu.",
    "Sur le même sujet que lors du dernier conseil, les citoyens se sont divisés.",
)


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_told_as_a_line_and_blanked_inside_a_text(line):
    assert is_boilerplate_line(line)
    text = f"Le conseil se réunit ce soir.\n{line}"
    assert cut_boilerplate(text) == "Le conseil se réunit ce soir.\n" + " " * len(line)


@pytest.mark.parametrize("sentence", ARTICLE)
def test_a_sentence_of_the_article_stays(sentence):
    assert not is_boilerplate_line(sentence)
    text = f"Première phrase du texte.\n{sentence}\nDernière phrase du texte."
    assert cut_boilerplate(text) == text


def test_everything_after_recommended_articles_goes():
    text = (
        "La Ville signe une entente.\n\nRECOMMANDÉS POUR VOUS\nGrève au port : l’employeur répond.\n"
        "Les permis de travail fermés sont contestés."
    )
    kept = cut_boilerplate(text)
    assert kept.split() == ["La", "Ville", "signe", "une", "entente."]
    assert text[: marker_cut(text)] == "La Ville signe une entente.\n\n"


def test_recommended_articles_are_found_in_a_text_without_line_breaks():
    text = "La Ville signe une entente pour les régions RECOMMANDÉS POUR VOUS Grève au port Permis de travail"
    assert cut_boilerplate(text).rstrip() == "La Ville signe une entente pour les régions"
    text = "La Ville signe une entente. Recommandés pour vous Grève au port Permis de travail"
    assert cut_boilerplate(text).rstrip() == "La Ville signe une entente."
    assert marker_cut(text) == text.index("Recommandés")


def test_cards_under_a_marker_go_and_the_article_goes_on():
    text = (
        "Le maire a parlé.\nÀ lire aussi\nGrève des cols bleus\nUn permis de travail refusé\n"
        "Le conseil votera mardi.\nÀ lire aussi : Lock-out au port\nLe budget suivra."
    )
    assert cut_boilerplate(text).split("\n") == [
        "Le maire a parlé.",
        " " * len("À lire aussi"),
        " " * len("Grève des cols bleus"),
        " " * len("Un permis de travail refusé"),
        "Le conseil votera mardi.",
        " " * len("À lire aussi : Lock-out au port"),
        "Le budget suivra.",
    ]


def test_an_advertisement_takes_no_line_of_the_article_along():
    text = "Le maire a parlé.\nPublicité\nIntertitre du texte\nLe conseil votera mardi."
    assert cut_boilerplate(text) == text.replace("Publicité", " " * len("Publicité"))


@pytest.mark.parametrize(
    "sentence",
    [
        "Cet article Grève ! Et après ? Le maire répond est apparu en premier sur Le Courrier du Bas.",
        "L’article Grève : le maire répond est apparu en premier sur Le Courrier du Bas.",
        "The post Strike at city hall appeared first on The Lower News.",
    ],
)
def test_the_sentence_that_repeats_the_title_goes(sentence):
    text = f"Le conseil votera mardi. {sentence}"
    assert cut_boilerplate(text).rstrip() == "Le conseil votera mardi."
    assert len(cut_boilerplate(text)) == len(text)


def test_read_more_at_the_end_of_a_summary_goes_alone():
    assert cut_boilerplate("Le conseil a voté hier… Lire la suite »").rstrip() == "Le conseil a voté hier…"
    assert cut_boilerplate("Council voted [...] Read more").rstrip() == "Council voted [...]"


def test_a_text_without_furniture_is_the_same_object():
    text = "Le conseil votera mardi. Les citoyens attendent."
    assert cut_boilerplate(text) is text


WORDS = st.sampled_from(
    [*FURNITURE, *ARTICLE, "\n", ". ", " ", "À", "est apparu en premier sur", "Cet article", "…", "»"]
)


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join), st.lists(WORDS).map("\n".join)))
def test_any_text_keeps_its_length_its_lines_and_its_other_characters(text):
    kept = cut_boilerplate(text)
    assert len(kept) == len(text)
    assert all(after in (before, " ") for before, after in zip(text, kept, strict=True))
    assert [at for at, char in enumerate(kept) if char == "\n"] == [at for at, char in enumerate(text) if char == "\n"]
    assert 0 <= marker_cut(text) <= len(text)
    assert not kept[marker_cut(text) :].strip()


@pytest.mark.parametrize(
    "seed",
    ["Par A", "appeared first on ", "cet article ", "\n", " ", "...", "À lire aussi\n", "presse canadienne, ", "©("],
)
@pytest.mark.alone
def test_the_time_grows_with_the_length_and_no_faster(seed):
    def seconds(times: int) -> float:
        text = seed * times
        started = time.perf_counter()
        cut_boilerplate(text)
        return time.perf_counter() - started

    seconds(100)
    short = min(seconds(2_000) for _ in range(3))
    assert seconds(20_000) < 60 * short + 0.05
