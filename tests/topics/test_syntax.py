"""A term as written → parsed, or refused with words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales import LANGUAGES
from bot.model import Field
from bot.topics.syntax import Chain, Joint, Kind, TermRefused, Unit, parse_member, parse_term

LISTS = {"élu", "parti municipal", "parti"}


def units(source: str) -> list[tuple[str, str]]:
    term = parse_term(source, LISTS)
    return [(unit.kind.value, unit.key) for chain in term.chains for phrase in chain.phrases for unit in phrase]


def test_plain_words_are_read_like_the_news():
    assert units("l’immigration") == [("form", "immigration")]
    assert units("Travailleur·euse·s étrangers") == units("travailleuses étrangère")
    assert units("élu(e)s municipaux") == units("élues municipales")
    assert units("travailleurs et travailleuses du Québec") == units("travailleur du québec")


def test_capitals_exact_forms_and_truncation_are_told_apart():
    assert units('CSN "Élus" "Marchand" "CAQ" immigr* FTQ-Construction main-d’œuvr*') == [
        ("acronym", "csn"),
        ("named", "élus"),
        ("named", "marchand"),
        ("acronym", "caq"),
        ("truncated", "immigr"),
        ("acronym", "ftq"),
        ("form", "construction"),
        ("form", "main"),
        ("truncated", "oeuvr"),
    ]
    assert units("« élus »") == [("exact", "élus")]


def test_words_bind_before_distance_and_distance_before_sentence():
    term = parse_term("conseil municipal ~4 budget >2 taxe & ville")
    assert [len(chain.phrases) for chain in term.chains] == [3, 1]
    assert term.chains[0].joints == (Joint(4, ordered=False), Joint(2, ordered=True))
    assert len(term.chains[0].phrases[0]) == 2


def test_prefixes_come_in_any_order():
    one = parse_term('fr: title: source:"Le Journal" grève')
    other = parse_term("source:Journal TITLE: EN: grève")
    assert (one.language, one.field, one.outlet) == ("fr", Field.TITLE, ("le", "journal"))
    assert (other.language, other.field, other.outlet) == ("en", Field.TITLE, ("journal",))
    assert one.chains == other.chains == parse_term("grève").chains


def test_choices_hold_phrases_and_whole_lists():
    term = parse_term("(hausse | gel des | @élu) de taxes", LISTS)
    choice = term.chains[0].phrases[0][0]
    assert choice.kind is Kind.CHOICE
    assert [len(phrase) for phrase in choice.choices] == [1, 2, 1]


def test_the_longest_list_name_wins_and_words_may_follow():
    assert units("@parti municipal de Laval")[:1] == [("list", "parti municipal")]
    assert units("@parti de Laval") == [("list", "parti"), ("form", "de"), ("form", "laval")]


def test_the_start_of_a_headline_means_the_title():
    term = parse_term("^maire de Laval")
    assert term.field is Field.TITLE
    assert term.chains[0].phrases[0][0] == Unit(Kind.START)


def test_what_the_person_wrote_is_kept():
    assert parse_term("  Grève “générale”  ").source == "Grève “générale”"


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("", "empty"),
        ("a & ", "empty"),
        ("& ville", "side"),
        ("grève ~5 ~3 ville", "side"),
        ("(| a)", "side"),
        ("de la", "common"),
        ("le", "common"),
        ("x", "common"),
        ("^", "common"),
        ("mot " * 80, "long"),
        ("immigr.*", "regex"),
        ("gr[eè]ve", "regex"),
        ("/grève/", "regex"),
        ("(grève)+", "regex"),
        ("grève AND ville", "operator"),
        ("grève OU ville", "operator"),
        ("-locataire", "negated"),
        ("expulsion !locataire", "negated"),
        ('"grève', "quote"),
        ("grève ~ ville", "within"),
        ("grève ~0 ville", "within"),
        ("grève >99 ville", "within"),
        ("un deux trois quatre cinq six sept huit neuf dix onze douze treize", "words"),
        ("(" + "|".join(f"m{n}" for n in range(61)) + ")", "choices"),
        ("(a & b)", "parenthesis"),
        ("((hausse | gel) | baisse) de taxes", "nested"),
        ("(maire de @élu | ville)", "nested"),
        ("(hausse de taxes", "parenthesis"),
        ("hausse) de taxes", "mark"),
        ("hausse | baisse", "mark"),
        ("maire ^de Laval", "start"),
        ("@inconnue", "list"),
        ("@", "list"),
        ("imm*", "truncation"),
        ("*gration", "truncation"),
        ("immi*tion", "truncation"),
        ("*", "truncation"),
        ("titre: grève", "prefix"),
        ("source:", "source"),
    ],
)
def test_what_can_not_be_understood_is_refused_with_what_to_write_instead(source: str, key: str):
    with pytest.raises(TermRefused) as refused:
        parse_term(source, LISTS)
    assert refused.value.key == key
    for language in LANGUAGES:
        assert refused.value.what(language)
        assert refused.value.mend(language)


def test_a_member_of_a_list_is_a_phrase_or_a_whole_list():
    assert parse_member("to") == parse_member("to")  # a little word may be a member
    assert parse_member("conseiller municipal")[1].key == "municipal"
    assert parse_member("@élu", LISTS) == (Unit(Kind.LIST, "élu"),)


@pytest.mark.parametrize("member", ["a & b", "maire ~5 ville", "(a | b)", "^maire", "maire @élu"])
def test_nothing_else_is_a_member(member: str):
    with pytest.raises(TermRefused, match="membre"):
        parse_member(member, LISTS)


@given(st.text(max_size=320) | st.text(alphabet='ab@()|&~>"^*: 5-!', max_size=40))
def test_any_text_is_parsed_or_refused(source: str):
    try:
        term = parse_term(source, LISTS)
    except TermRefused as error:
        refused = error
    else:
        assert all(isinstance(chain, Chain) and all(chain.phrases) for chain in term.chains)
        return
    assert refused.what("fr") != refused.what("en")
