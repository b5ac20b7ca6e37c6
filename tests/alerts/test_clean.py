import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.alerts.clean import JOINER, clean, cut_at_sentence, cut_at_word, typeset, units
from tests.alerts.samples import HOSTILE

CLICKABLE = re.compile(r"(?<!\w)[@/#$]\w")


@pytest.mark.parametrize("sign", ["@maire", "/start", "#greve", "$CAD"])
def test_a_word_that_telegram_would_make_clickable_is_only_a_word(sign):
    assert clean(f"Voici {sign} et ({sign})") == f"Voici {sign[0]}{JOINER}{sign[1:]} et ({sign[0]}{JOINER}{sign[1:]})"


@pytest.mark.parametrize("plain", ["et/ou", "90 km/h", "n° 5", "C# et C", "50 $", "courriel@ville.example", "8/10"])
def test_the_same_signs_inside_words_and_numbers_stay_as_they_are(plain):
    assert clean(plain) == plain


def test_a_mention_hidden_behind_invisible_characters_is_found_all_the_same():
    assert clean("@\u200bmaire \u2060/\ufeffstart") == f"@{JOINER}maire /{JOINER}start"


def test_bidirectional_and_control_characters_cannot_reorder_or_break_a_line():
    assert clean("avant\u202eeriart\u202c\u2066 \x00après\r\n\tfin\u2028\u0085.") == "avanteriart après fin ."


def test_a_pile_of_combining_marks_is_cut_and_accents_stay():
    assert clean("e\u0301te\u0301") == "été"
    assert clean("a" + "\u0335" * 50) == "a" + "\u0335" * 3


def test_emoji_made_of_several_parts_stay_whole():
    assert clean("👩‍👩‍👧 🏳️‍🌈 🇨🇦") == "👩‍👩‍👧 🏳️‍🌈 🇨🇦"


@pytest.mark.parametrize(
    "blank", ["", "\u200b", "\u2800\u3164", "\ufeff \u00ad", "\ud800", "\ue000", "\uffff", "\ufdd0"]
)
def test_what_cannot_be_seen_is_nothing(blank):
    assert clean(blank) == ""


@given(HOSTILE)
@example("\u200d@a")
@example("🛂\u200d/start")
def test_cleaned_text_is_one_visible_line_without_anything_to_click_and_cleaning_it_again_changes_nothing(value):
    cleaned = clean(value)
    assert clean(cleaned) == cleaned
    assert not CLICKABLE.search(cleaned)
    assert cleaned == " ".join(cleaned.split())
    allowed = {JOINER, "\u200d"}
    assert all(
        unicodedata.category(char)[0] != "C" or char in allowed or unicodedata.category(char) == "Cn"
        for char in cleaned
    )
    cleaned.encode()


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Grève : non !", "Grève\u00a0: non\u00a0!"),
        ("Qui ? Quoi ; où", "Qui\u00a0? Quoi\u00a0; où"),
        ("«mot» et « mot »", "«\u00a0mot\u00a0» et «\u00a0mot\u00a0»"),
        ("643 000 $ et 12 %", "643\u00a0000\u00a0$ et 12\u00a0%"),
        ("à 14h30 ou 7 h", "à 14\u00a0h\u00a030 ou 7\u00a0h"),
        ("https://journal.example/a?b=1:2", "https://journal.example/a?b=1:2"),
        ("ratio 3:1", "ratio 3:1"),
        ("voir :-)", "voir\u00a0:-)"),
        ("en 2026 150 villes", "en 2026 150 villes"),
        ("1 250 000 habitants", "1\u00a0250\u00a0000 habitants"),
        ("À 87% et 500$, lisez a5%20b", "À 87\u00a0% et 500\u00a0$, lisez a5%20b"),
    ],
)
def test_french_is_set_as_a_newsroom_sets_it(typed, printed):
    assert typeset(typed, "fr") == printed


def test_english_is_left_as_it_is():
    assert typeset("A «b» : 643 000 $ ?", "en") == "A «b» : 643 000 $ ?"


@given(HOSTILE)
def test_setting_type_changes_nothing_but_spaces(value):
    def bare(text):
        return "".join(text.split())

    assert bare(typeset(clean(value), "fr")) == bare(clean(value))
    once = typeset(clean(value), "fr")
    assert typeset(once, "fr") == once


@given(st.text())
def test_units_are_utf_16_code_units(value):
    assert units(value) == len(value.encode("utf-16-le", "surrogatepass")) // 2


def test_a_text_too_long_is_cut_after_a_whole_sentence():
    text = "La première phrase dit tout, selon M. Roy. La deuxième en dit trop pour tenir ici."
    assert cut_at_sentence(text, 60) == "La première phrase dit tout, selon M. Roy."
    assert cut_at_sentence(text, 200) == text


def test_a_first_sentence_too_long_by_itself_is_cut_after_a_word():
    assert cut_at_sentence("Une phrase, sans fin ni point, qui dure", 21) == "Une phrase, sans fin…"
    assert cut_at_word("Une phrase, sans fin", 13) == "Une phrase…"
    assert cut_at_word("Mot entier ensuite", 11) == "Mot entier…"


def test_a_word_without_end_is_cut_anyway():
    assert cut_at_word("a" * 50, 10) == "a" * 9 + "…"
    assert cut_at_word("🛂" * 50, 10) == "🛂" * 4 + "…"


@given(HOSTILE, st.integers(2, 500))
def test_a_cut_text_is_within_its_limit(value, limit):
    assert units(cut_at_word(clean(value), limit)) <= limit
    assert units(cut_at_sentence(clean(value), limit)) <= limit
