"""feeds.yaml as people write it: read, or refused with every mistake at once."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.feeds.file import PollLimits, feeds_schema, load_feeds, read_duration
from bot.model import FeedSpec, SourceClass

CONFIG = Path(__file__).resolve().parents[2] / "config"

GOOD = """\
# yaml-language-server: $schema=feeds.schema.json
poll: {fastest: 2m, slowest: 6h}
feeds:
  - id: gazette
    url: https://gazette.example/rss.xml
    outlet: La Gazette
    language: fr
    class: press
    every: 10m
  - {id: union, url: "http://union.example/feed", outlet: "98.5", language: en, class: union, enabled: false}
"""


def read(tmp_path, text):
    file = tmp_path / "feeds.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_feeds(file)


def problems(tmp_path, text):
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, text)
    return refused.value.problems


def test_a_good_file_becomes_feeds(tmp_path):
    file = read(tmp_path, GOOD)
    assert file.poll == PollLimits(timedelta(minutes=2), timedelta(hours=6))
    assert file.feeds == (
        FeedSpec(
            "gazette", "https://gazette.example/rss.xml", "La Gazette", "fr", SourceClass.PRESS, timedelta(minutes=10)
        ),
        FeedSpec("union", "http://union.example/feed", "98.5", "en", SourceClass.UNION, None, enabled=False),
    )
    assert file.warnings == ()


def test_a_file_without_poll_has_the_usual_limits(tmp_path):
    text = GOOD.replace("poll: {fastest: 2m, slowest: 6h}\n", "")
    assert read(tmp_path, text).poll == PollLimits(timedelta(minutes=2), timedelta(hours=6))


def test_every_mistake_is_told_at_once_with_its_line_and_its_remedy(tmp_path):
    found = problems(
        tmp_path,
        """\
poll:
  fastest: 10
  slowst: 6h
feed: []
feeds:
  - id: La Gazette
    url: ftp://gazette.example/rss.xml
    outlet: La Gazette
    langage: fr
    class: presse
  - id: b
    url: https://moi:secret@b.example/
    outlet: 98.5
    language: french
    class: union
    every: soon
    enabled: NON
  - une ligne
  - id: b
    url: https://c.example/
    outlet: C
    language: fr
    class: union
  - id: b
    url: https://c.example/
    outlet: C
    language: fr
    class: union
""",
    )
    told = [(p.line, p.what, p.mend) for p in found]
    assert [line for line, _, _ in told] == [2, 3, 4, 6, 6, 7, 9, 10, 12, 13, 14, 16, 17, 18, 24, 24]
    text = "\n".join(map(str, found))
    for words in (
        "écrivez 10m pour des minutes",
        "vouliez-vous dire « slowest » ?",
        "vouliez-vous dire « feeds » ?",
        "écrivez par exemple la-gazette",
        "écrivez https://gazette.example/rss.xml",
        "vouliez-vous dire « language » ?",
        "il manque « language »",
        "écrivez press",
        "retirez ce qui précède « @ »",
        'mettez des guillemets : "98.5"',
        "écrivez fr ou en",
        "écrivez 90s, 10m, 1h ou 1d",
        "écrivez true ou false",
        "un bloc « clé: valeur » est attendu",
        "sert déjà à la ligne 19",
        "même adresse qu’à la ligne 19",
    ):
        assert words in text
    assert "secret" not in text
    assert str(found[0]).startswith(str(tmp_path / "feeds.yaml") + ", ligne 2 : ")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://", "sans nom de site"),
        ("https://a.example/a b", "espace"),
        ("https://a.example:99999999/", "mal formée"),
        ("https://[::1/", "mal formée"),
        ("feed://a.example/x", "écrivez https://a.example/x"),
        ("file:///etc/passwd", "seules les adresses http"),
        ("https://a.example/" + "x" * 2_100, "2 048"),
        ("''", "valeur vide"),
        ("null", "écrivez une valeur"),
    ],
)
def test_an_address_that_cannot_be_fetched_is_refused(tmp_path, url, what):
    [problem] = problems(tmp_path, GOOD.replace("https://gazette.example/rss.xml", url))
    assert problem.line == 5
    assert what in str(problem)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "ne contient pas de fils"),
        ("- a\n", 0, "ne contient pas de fils"),
        ("poll: {fastest: 2m}\n", 1, "liste d’au moins un fil"),
        ("feeds: []\n", 1, "liste d’au moins un fil"),
        ("poll: vite\n" + GOOD.partition("\n")[2].partition("\n")[2], 1, "un bloc « clé: valeur »"),
        ("feeds:\n\t- id: a\n", 2, "tabulation"),
        ("feeds:\n  - id: 'a\n", 3, "YAML illisible"),
        ("feeds:\n  - id: a\n    id: b\n", 3, "clé écrite deux fois"),
        (b"feeds:\n  - id: caf\xe9\n", 2, "UTF-8"),
        (GOOD.replace("fastest: 2m", "fastest: 7h"), 2, "inversez-les"),
        (GOOD.replace("outlet: La Gazette", "outlet: " + "x" * 81), 6, "80 caractères"),
        (GOOD.replace("class: press", "class: zzz"), 8, "classes possibles : press, government"),
    ],
)
def test_a_file_of_the_wrong_shape_says_where_and_why(tmp_path, text, line, words):
    [problem] = problems(tmp_path, text)
    assert problem.line == line
    assert words in str(problem)


def test_a_missing_file_is_a_problem_not_a_crash(tmp_path):
    with pytest.raises(ConfigError, match="fichier illisible"):
        load_feeds(tmp_path / "absent.yaml")


def test_a_hurried_cadence_is_allowed_with_a_warning(tmp_path):
    file = read(tmp_path, GOOD.replace("every: 10m", "every: 20s").replace("fastest: 2m", "fastest: 30s"))
    assert file.feeds[0].every == timedelta(seconds=20)
    assert [(w.line, w.warning) for w in file.warnings] == [(2, True), (9, True)]


def test_nearly_the_same_address_twice_is_a_warning(tmp_path):
    file = read(tmp_path, GOOD.replace("http://union.example/feed", "http://www.gazette.example/rss.xml?utm_source=x"))
    [warning] = file.warnings
    assert (warning.line, "ligne 4" in warning.what) == (10, True)


def test_yes_and_no_stay_words(tmp_path):
    file = read(tmp_path, GOOD.replace("outlet: La Gazette", "outlet: NO"))
    assert file.feeds[0].outlet == "NO"


def test_a_shared_block_is_read_through_its_anchor(tmp_path):
    text = """\
feeds:
  - &base {id: a, url: https://a.example/, outlet: A, language: fr, class: press}
  - {<<: *base, id: b, url: https://b.example/}
"""
    assert [feed.id for feed in read(tmp_path, text).feeds] == ["a", "b"]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("1h", 3600), ("2 d", 172_800)])
def test_a_duration_reads_as_written(text, seconds):
    assert read_duration(text) == timedelta(seconds=seconds)


@given(
    st.text(max_size=8).filter(lambda text: text.strip()[-1:] not in set("smhd"))
    | st.integers()
    | st.none()
    | st.floats()
)
def test_anything_else_is_no_duration(value):
    with pytest.raises(ValueError, match="écrivez"):
        read_duration(value)


YAML_PIECES = st.lists(
    st.sampled_from([*"-:{}[]&*!|>%@`?#,'\"", "\n", "  ", "a", "<<", "feeds:", "1e9", ".inf", "~", "é", "\x00"])
)


@settings(deadline=None)
@given(st.binary(max_size=100) | YAML_PIECES.map(lambda pieces: "".join(pieces).encode()))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load_feeds(file)
    assert all(p.what and p.mend for p in refused.value.problems)


def test_the_schema_for_editors_is_current():
    assert json.loads((CONFIG / "feeds.schema.json").read_text("utf-8")) == feeds_schema(), (
        "run: python -m bot.feeds.file > config/feeds.schema.json"
    )


def test_the_file_we_ship_is_right_and_names_its_schema():
    file = load_feeds(CONFIG / "feeds.yaml")
    assert file.warnings == ()
    assert (CONFIG / "feeds.yaml").read_text("utf-8").startswith("# yaml-language-server: $schema=feeds.schema.json\n")
    assert len({feed.outlet for feed in file.feeds}) >= 30
    assert {feed.source_class for feed in file.feeds} == set(SourceClass)
    assert {feed.language for feed in file.feeds} == {"fr", "en"}
