"""Terms against items: every operator, each field's weight, the traps, and what must hold for any text."""

import random
import time
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Field, Matched, Text, Verdict
from bot.topics.match import Index, build_index
from bot.topics.syntax import TermRefused, parse_member, parse_term
from bot.topics.topic import WEIGHTS, Group, Topic, Topics, WeighedTerm

LISTS = {
    "élu": tuple(map(parse_member, ["maire", "mairesse", "conseiller municipal", "échevin"])),
    "ville": tuple(map(parse_member, ["Laval", "Saint-Jean", "Saint-Jean-sur-Richelieu", "Trois-Rivières"])),
    "tout": (parse_member("@élu", {"élu"}), parse_member("préfet")),
}
NAMES = {"fr": "Sujet", "en": "Topic"}


def topics(aside: Iterable[str] = (), **groups: Iterable[str]) -> Topics:
    terms = tuple(
        WeighedTerm(parse_term(source, LISTS), Group(group), WEIGHTS[Group(group)])
        for group, sources in groups.items()
        for source in sources
    )
    shared = tuple(parse_term(source, LISTS) for source in aside)
    return Topics((Topic("sujet", NAMES, "•", terms),), LISTS, shared)


def index(**groups: Iterable[str]) -> Index:
    return build_index(topics(**groups))


def stands(term: str, title: str = "", summary: str = "", **rest: str) -> str | None:
    """The words a strong term is found on, or None."""
    found = index(strong=[term]).match(Text(title, summary, **rest))
    return found.verdicts[0].reasons[0].text if found.verdicts else None


def only(matched: Matched) -> Verdict:
    (verdict,) = matched.verdicts
    return verdict


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "Des travailleurs étrangers temporaires arrivent",
        "Une travailleuse étrangère temporaire témoigne",
        "LES TRAVAILLEURS ETRANGERS TEMPORAIRES",
        "les travailleur·euse·s étranger·ère·s temporaires",
        "les travailleuses et travailleurs étrangers temporaires",
        "d’anciens travailleurs étrangers\u00a0temporaires",
    ],
)
def test_plain_words_match_every_form(text: str):
    assert stands("travailleur étranger temporaire", text)


def test_words_must_stand_in_order_and_side_by_side():
    assert stands("conseil municipal", "Le conseil très municipal") is None
    assert stands("conseil municipal", "Municipal, le conseil") is None


@pytest.mark.parametrize("mark", [" : ", ": ", " ; ", " — ", " – ", " - ", " | ", " ? ", " ! ", "… "])
def test_a_mark_between_two_words_parts_them(mark: str):
    assert stands("ville grève", f"Ma ville{mark}grève au port") is None


@pytest.mark.parametrize("mark", [" ", ", ", "-", "/", " (", " « "])
def test_a_comma_or_a_hyphen_does_not_part_words(mark: str):
    assert stands("ville grève", f"Ma ville{mark}grève")


def test_a_full_stop_parts_words_below_the_title_only_where_a_sentence_ends():
    assert stands("ville grève", summary="Voici la ville. Grève au port.") is None
    assert stands("saint laurent", summary="Le port de St. Laurent ferme.") == "St. Laurent"


def test_an_exact_form_takes_no_other_form_nor_accent():
    assert stands('"élus"', "Les élus votent") == "élus"
    assert stands('"élus"', "Une élue vote") is None
    assert stands('"marché"', "Une longue marche") is None
    assert stands('"congrès"', "LE CONGRES OUVRE") == "CONGRES"


def test_a_capital_in_an_exact_form_counts_except_among_capitals():
    assert stands('"Marchand"', "Le maire Marchand répond") == "Marchand"
    assert stands('"Marchand"', "Un marchand répond") is None
    assert stands('"Marchand"', "MARCHAND RÉPOND") == "MARCHAND"


def test_a_truncated_form_matches_what_begins_so():
    assert stands("immigr*", "Les immigrants") == "immigrants"
    assert stands("immigr*", "L’immigration") == "immigration"
    assert stands("immigr*", "IMMIGRÉES") == "IMMIGRÉES"
    assert stands("immigr*", "Les migrants") is None
    assert stands("immigrat*", "Les immigrants") is None


def test_acronyms_match_in_capitals_only():
    assert stands("CAQ", "La CAQ recule") == "CAQ"
    assert stands("PME", "Des PMEs ferment") == "PMEs"
    assert stands("FTQ", "La F.T.Q. négocie") == "F.T.Q."
    assert stands("SEL", "Du sel de voirie") is None
    assert stands("BIG", "LE BIG BANG DES TAXES") is None
    assert stands("CAQ", "LA CAQ RECULE DANS LES SONDAGES") == "CAQ"


# ── Signs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_near_means_at_most_that_many_words_between_in_either_order():
    assert stands("grève ~3 ville", "Grève dans une autre ville") == "Grève dans une autre ville"
    assert stands("grève ~3 ville", "La ville craint une longue grève")
    assert stands("grève ~2 ville", "Grève dans une autre ville") is None


def test_before_means_in_this_order():
    assert stands("grève >3 ville", "Grève dans une autre ville")
    assert stands("grève >3 ville", "Une ville en grève") is None


def test_chains_of_distances():
    assert stands("maire ~3 grève ~2 port", "Le maire parle de la grève au port")
    assert stands("maire ~3 grève ~2 port", "Le maire parle de la grève et de tout sauf du port") is None


def test_near_words_stand_in_one_sentence_below_the_title():
    assert stands("grève ~5 ville", summary="Fin de la grève. La ville respire.") is None
    assert stands("grève ~5 ville", "Fin de la grève. La ville respire.")


def test_and_means_in_the_same_sentence():
    assert stands("CSQ & certificat*", summary="Rien ici. Le certificat, dit-on, dépend encore de la CSQ. Fin.")
    assert stands("CSQ & certificat*", summary="La CSQ négocie. Le certificat attend.") is None
    assert stands("CSQ & certificat*", "La CSQ négocie. Le certificat attend.")
    assert stands("CSQ & certificat* & grève", "La CSQ et le certificat") is None


def test_choices_and_lists_stand_for_any_member():
    assert stands("(hausse | gel des) taxes", "Le gel des taxes")
    assert stands("(hausse | gel des) taxes", "La hausse, taxes et frais") == "hausse, taxes"
    assert stands("@élu ~2 @ville", "La conseillère municipale de Saint-Jean-sur-Richelieu")
    assert stands("@tout", "Le préfet") == "préfet"
    assert stands("@tout", "L’échevin") == "échevin"
    assert stands("@élu", "Le conseil municipal") is None


def test_every_reading_of_a_list_is_tried():
    assert stands("@ville sur Richelieu", "À Saint-Jean sur Richelieu") == "Saint-Jean sur Richelieu"
    assert stands("(conseil | conseil municipal) municipal", "Le conseil municipal") == "conseil municipal"


def test_choices_with_little_words_are_found_too():
    assert stands("(de | du | des) réfugiés", "Le camp des réfugiés") == "des réfugiés"
    assert stands("(de | pour la) paix", "Un pas pour la paix") == "pour la paix"
    assert stands("(le | la) (maire | de)", "Voici la mairesse") == "la mairesse"
    assert stands("(le | la) (de | du Québec)", "Voici le du Québec") == "le du Québec"


@pytest.mark.parametrize(
    "title",
    [
        "Laval crée une ligne",
        "Itinérance : Laval crée une ligne",
        "Itinérance | Laval crée une ligne",
        "Itinérance – Laval crée une ligne",
        "Un don pour tous les sans-abri de la rive nord ? Laval crée une ligne",
    ],
)
def test_the_start_of_a_headline_may_follow_a_kicker_or_a_question(title: str):
    assert stands("^@ville crée", title) == "Laval crée"


@pytest.mark.parametrize(
    "title", ["On dit que Laval crée une ligne", "Un deux trois quatre cinq six sept : Laval crée"]
)
def test_the_middle_of_a_headline_is_no_start(title: str):
    assert stands("^@ville crée", title) is None


def test_the_start_of_a_headline_is_in_the_title():
    assert stands("^@ville crée", "", "Laval crée une ligne") is None


def test_prefixes_hold_a_term_to_title_language_and_outlet():
    assert stands("title: grève", "", "La grève dure") is None
    assert stands("title: grève", "La grève dure")
    assert stands("fr: grève", "La grève dure", lang="fr")
    assert stands("en: grève", "La grève dure dans la ville", lang="fr") is None
    assert stands('source:"Le Phare" grève', "La grève", source="Le Phare de Laval")
    assert stands('source:"Le Phare" grève', "La grève", source="Phare, le journal") is None
    assert stands('source:"Le Phare" grève', "La grève") is None


# ── Weights ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_strong_term_is_enough_in_title_or_summary_and_needs_company_in_the_body():
    found = index(strong=["grève", "lockout"])
    assert only(found.match(Text("Grève au port"))).score == 1.25
    assert only(found.match(Text("", "Grève au port"))).flagged
    below = only(found.match(Text("", "", "Une grève au port")))
    assert (below.score, below.flagged, below.lacking) == (0.75, False, "topics.lacking_body")
    assert only(found.match(Text("", "", "Une grève, puis un lockout"))).flagged


def test_weak_terms_must_agree():
    found = index(weak=["salaire", "négociation"])
    assert only(found.match(Text("Le salaire, en négociation"))).flagged
    assert only(found.match(Text("", "Le salaire, en négociation"))).flagged
    assert only(found.match(Text("Le salaire", "", "Quel salaire ?"))).flagged
    alone = only(found.match(Text("Le salaire")))
    assert (alone.flagged, alone.lacking) == (False, "topics.lacking_elsewhere")
    outside = only(found.match(Text("", "Le salaire")))
    assert (outside.flagged, outside.lacking) == (False, "topics.lacking_title")
    twice = only(found.match(Text("", "Le salaire", "Quel salaire ?")))
    assert (twice.flagged, twice.lacking) == (False, "topics.lacking_score")


def test_against_lowers_the_score_and_never_vetoes():
    found = index(strong=["grève"], against=["étudiant"], never=["grève de la faim"])
    lowered = only(found.match(Text("Grève étudiante")))
    assert (lowered.score, lowered.flagged, lowered.lacking) == (0.0, False, "topics.lacking_against")
    vetoed = only(found.match(Text("Grève au port", "Une grève de la faim")))
    assert (vetoed.flagged, vetoed.lacking) == (False, "topics.lacking_vetoed")
    assert {reason.group for reason in vetoed.reasons} == {"strong", "never"}
    assert found.match(Text("Un étudiant")).verdicts == ()


def test_a_word_counts_once_for_the_heaviest_term():
    found = index(strong=["conseil municipal"], weak=["municipal", "conseil"])
    verdict = only(found.match(Text("Le conseil municipal")))
    assert [reason.term for reason in verdict.reasons] == ["conseil municipal"]
    assert verdict.score == 1.25


def test_reasons_say_where_and_sum_to_the_score():
    found = index(strong=["grève"], weak=["salaire"], against=["étudiant"])
    text = Text("Les étudiants et la grève", "L’enjeu : le salaire.")
    verdict = only(found.match(text))
    assert sum(reason.weight for reason in verdict.reasons) == pytest.approx(verdict.score)
    for reason in verdict.reasons:
        assert getattr(text, reason.field)[reason.start : reason.end] == reason.text


def test_flagged_topics_come_strongest_first():
    both = Topics(
        tuple(
            Topic(id_, NAMES, "", (WeighedTerm(parse_term("grève"), Group.STRONG, weight),))
            for id_, weight in (("un", 1.0), ("deux", 2.0))
        )
    )
    assert build_index(both).match(Text("La grève")).topics == ("deux", "un")


# ── Set aside ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_set_aside_count_for_no_other_term_but_the_rest_of_the_item_does():
    found = index(strong=["maire", "@tout", "(maire | préfet) de", "le (maire | préfet)"], aside=["Bruno Le Maire"])
    assert found.match(Text("Bruno Le Maire à Paris")).verdicts == ()
    assert only(found.match(Text("Le maire reçoit Bruno Le Maire"))).flagged
    assert only(found.match(Text("Bruno Le Maire reçoit une conseillère municipale"))).flagged


def test_an_aside_of_one_topic_leaves_others_alone():
    strong, aside = (parse_term(term) for term in ("grève", "grève étudiante"))
    two = Topics(
        (
            Topic("un", NAMES, "", (WeighedTerm(strong, Group.STRONG, 1), WeighedTerm(aside, Group.ASIDE, 0))),
            Topic("deux", NAMES, "", (WeighedTerm(strong, Group.STRONG, 1),)),
        )
    )
    assert build_index(two).match(Text("Une grève étudiante")).topics == ("deux",)


def test_an_aside_at_the_top_of_the_file_holds_for_all_topics():
    found = build_index(topics(aside=["chambre & commerce", "grève >2 faim"], strong=["commerce", "grève"]))
    assert found.match(Text("La chambre de commerce")).verdicts == ()
    assert found.match(Text("", "Une grève de la faim")).verdicts == ()
    assert only(found.match(Text("", "Une grève de la faim. La grève des postes."))).flagged


# ── Traps ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("groups", "yes", "no"),
    [
        ({"strong": ["CAQ & certificat"]}, "Le certificat, ou CAQ, tarde", "La CAQ recule dans les sondages"),
        ({"strong": ["CSQ ~4 (sélection | certificat)"]}, "Le certificat de sélection (CSQ)", "La CSQ en grève"),
        ({"strong": ["PEQ"]}, "Le PEQ rouvre", "Un peq sans suite"),
        ({"strong": ["maire"], "aside": ["Bruno Le Maire"]}, "Le maire de Lyon", "Bruno Le Maire à Bercy"),
        ({"strong": ["syndicat"], "aside": ["Union des municipalités"]}, "Un syndicat", "L’Union des municipalités"),
        ({"strong": ["union"], "aside": ["Union des municipalités"]}, "Une union", "L’Union des municipalités"),
        (
            {"strong": ["expulsion"], "never": ["expulsion ~4 locataire"]},
            "Expulsion au pays",
            "L’expulsion d’un locataire",
        ),
        ({"strong": ["migrateur", "migrant"], "never": ["oiseau migrateur"]}, "Des migrants", "Des oiseaux migrateurs"),
        ({"strong": ["grève"], "aside": ["grève étudiante"]}, "La grève du métro", "La grève étudiante"),
        (
            {"strong": ["syndicat"], "aside": ["syndicat de copropriété"]},
            "Le syndicat vote",
            "Le syndicat de copropriété",
        ),
        ({"strong": ["commune"], "aside": ["fosse commune"]}, "La commune vote", "Une fosse commune"),
        ({"strong": ["élu"]}, "Les élu·e·s votent", "L’élan du maire"),
        ({"strong": ["mairie"]}, "À la mairie", "Le maire parle"),
        ({"strong": ["immigration"]}, "L’immigration", "Des immigrants"),
        ({"strong": ["travail"]}, "Le marché du travail", "Des travaux routiers"),
    ],
)
def test_traps(groups: dict[str, list[str]], yes: str, no: str):
    found = index(**groups)
    assert found.match(Text(yes)).topics == ("sujet",)
    assert found.match(Text(no)).topics == ()


def test_page_furniture_never_matches():
    found = index(strong=["grève"])
    text = Text("Le festival ouvre", "La foule est là.\nÀ lire aussi : La grève des postes continue")
    assert found.match(text).verdicts == ()
    assert found.read(text).hits == ()


def test_places_come_with_the_match():
    assert [place.name for place in index(strong=["grève"]).match(Text("Grève à Longueuil")).places] == ["Longueuil"]


# ── Personal keywords ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_personal_keywords_live_in_the_same_index():
    found = index(strong=["grève"])
    found.add_personal(7, parse_term("grève"))
    found.add_personal(8, parse_term("grève"))
    found.add_personal(8, parse_term("grève"))
    found.add_personal(8, parse_term("port & Laval"))
    reading = found.read(Text("Grève au port de Laval", "La grève dure"))
    assert reading.matched.topics == ("sujet",)
    assert [reason.field for reason in reading.personal[7]] == [Field.TITLE, Field.SUMMARY]
    assert {reason.term for reason in reading.personal[8]} == {"grève", "port & Laval"}
    assert found.personal_hits(Text("Le soleil")) == {}


def test_a_removed_keyword_is_no_longer_heard():
    found = index(strong=["grève"])
    for owner in (7, 8):
        found.add_personal(owner, parse_term("grève"))
        found.add_personal(owner, parse_term("port"))
    found.remove_personal(7, parse_term("port"))
    assert set(found.personal_hits(Text("Le port"))) == {8}
    found.remove_personal(8, parse_term("port"))
    found.remove_personal(8, parse_term("port"))
    found.remove_personal(8, parse_term("soleil"))
    assert found.personal_hits(Text("Le port")) == {}
    found.remove_personal(7, parse_term("grève"))
    found.remove_personal(8, parse_term("grève"))
    assert found.match(Text("La grève")).topics == ("sujet",)


def test_what_is_set_aside_for_topics_still_counts_for_people():
    found = build_index(topics(aside=["chambre de commerce"], strong=["commerce"]))
    found.add_personal(7, parse_term("chambre de commerce"))
    reading = found.read(Text("La chambre de commerce"))
    assert (reading.matched.verdicts, set(reading.personal)) == ((), {7})


# ── What holds for anything ───────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.sampled_from(
    ["grève", "ville", "élu", "budget", "de", "la", "CSN", "maire", "immigration", "Laval", "travailleuses", "d’été"]
)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
TERMS = st.one_of(
    PHRASES,
    st.tuples(PHRASES, st.sampled_from([" ~3 ", " >2 ", " & "]), PHRASES).map("".join),
    PHRASES.map(lambda phrase: f'"{phrase}"'),
    st.tuples(PHRASES, PHRASES).map(lambda pair: f"({pair[0]} | {pair[1]})"),
    st.sampled_from(["immigr*", "@élu", "@tout de", "title: grève", "^maire"]),
)
TEXTS = st.builds(
    Text,
    st.lists(WORDS | st.sampled_from([":", ".", "et", "réfugiés"]), max_size=12).map(" ".join) | st.text(max_size=60),
    st.lists(WORDS | st.sampled_from([".", "?"]), max_size=30).map(" ".join) | st.text(max_size=60),
)


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=2, max_size=20) | PHRASES)
def test_a_term_matches_its_own_text(source: str):
    try:
        term = parse_term(source)
    except TermRefused:
        return
    found = build_index(Topics((Topic("sujet", NAMES, "", (WeighedTerm(term, Group.STRONG, 1.0),)),)))
    assert found.match(Text(source)).topics == ("sujet",)


@settings(max_examples=60)
@given(st.lists(TERMS, min_size=1, max_size=12, unique=True), TEXTS, st.randoms())
def test_the_order_of_terms_changes_nothing(sources: list[str], text: Text, dice: random.Random):
    parsed = []
    for source in sources:
        try:
            parsed.append(parse_term(source, LISTS))
        except TermRefused:
            continue
    shuffled = dice.sample(parsed, len(parsed))
    answers = []
    for order in (parsed, shuffled):
        weighed = tuple(WeighedTerm(term, Group.STRONG, 1.0) for term in order)
        found = build_index(Topics((Topic("sujet", NAMES, "", weighed),), LISTS))
        for term in order:
            found.add_personal(7, term)
        reading = found.read(text)
        answers.append((reading.matched, dict(reading.personal)))
    assert answers[0] == answers[1]


@settings(max_examples=60)
@given(st.lists(TERMS, max_size=8), st.text(alphabet=st.characters(codec=None)), st.text(), st.text())
def test_no_text_makes_it_fail(sources: list[str], title: str, summary: str, body: str):
    found = index()
    for source in sources:
        try:
            found.add_personal(7, parse_term(source, LISTS))
        except TermRefused:
            continue
    found.read(Text(title, summary, body, lang="xx", source=title))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(data: bytes):
    found = index(strong=["grève", "immigr*", "CSN & ville", "@élu ~5 @ville"])
    found.read(Text(data.decode("latin-1"), data.decode("utf-8", "surrogateescape"), data.decode("utf-16", "replace")))


@pytest.mark.parametrize(
    "pattern",
    [
        "grève ",
        "maire de la ville ",
        "grève. ",
        "l'",
        "CSN ",
        "BIG LE ",
        "élu et élue ",
        "maire : ",
        "? ",
        "conseiller municipal ",
    ],
)
@pytest.mark.alone
def test_reading_takes_linear_time_whatever_the_text(pattern: str):
    found = build_index(
        topics(
            aside=["maire ~3 grève"],
            strong=[
                "grève ville",
                "maire ~5 ville",
                "CSN & grève",
                "@élu ~30 grève",
                "^maire",
                "BIG",
                "(de | du) la ville",
            ],
            weak=["élu >30 élu", "grève & maire & ville"],
        )
    )

    def seconds(length: int) -> float:
        text = (pattern * length)[:length]
        start = time.process_time()
        found.read(Text(text, text, ""))
        return time.process_time() - start

    short = max(min(seconds(10_000) for _ in range(2)), 0.005)
    assert seconds(100_000) < 40 * short


@pytest.mark.alone
def test_speed_does_not_fall_with_the_number_of_terms():
    """A tenth of what is promised, so that a busy machine does not fail it; the figures are in benchmarks/."""
    text = Text("La ville adopte son budget", "Le conseil a voté hier soir. " * 10)
    spent = []
    for count in (100, 10_000):
        found = index()
        for number in range(count):
            found.add_personal(number, parse_term(f"ville quartier{number}"))
        found.read(text)
        start = time.process_time()
        for _ in range(50):
            found.read(text)
        spent.append(time.process_time() - start)
    assert spent[1] < 10 * spent[0]
