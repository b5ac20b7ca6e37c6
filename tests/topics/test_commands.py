"""explain, evaluate, match and try, as a person or a program uses them."""

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands import topics as commands
from bot.model import Fate, Item, SourceClass, Text
from bot.topics.backtest import Backtest
from bot.topics.backtest import try_term as backtest
from bot.topics.evaluate import Labelled, evaluate
from bot.topics.explain import explain, lacking
from bot.topics.file import load_topics
from bot.topics.match import build_index
from bot.topics.schema import topics_schema, write_schema
from bot.topics.syntax import parse_term

ROOT = Path(__file__).resolve().parents[2]
FILE = """\
lists:
  élu: [maire, échevin]
topics:
  villes:
    names: {fr: Villes, en: Cities}
    emoji: 🏛️
    strong: [conseil municipal, '@élu & budget']
    weak: [taxe]
  travail:
    names: {fr: Travail, en: Work}
    emoji: ⚒️
    strong: [grève]
    against: [étudiant]
    never: [grève de la faim]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "topics.yaml").write_text(FILE, "utf-8")
    return tmp_path


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


# ── match ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_match_answers_each_line_in_order(folder: Path, capsys: pytest.CaptureFixture[str]):
    items = folder / "items.jsonl"
    items.write_text(
        '{"id": 1, "title": "Grève à Longueuil", "lang": "fr", "summary": null}\n\n{"id": "b", "title": "Le soleil"}\n',
        "utf-8",
    )
    assert commands.match(folder, items) == 0
    first, second = lines(capsys.readouterr().out)
    assert first == {
        "id": 1,
        "topics": ["travail"],
        "scores": {"travail": 1.25},
        "why": [{"topic": "travail", "term": "grève", "field": "title", "text": "Grève", "weight": 1.25}],
        "places": [{"name": "Longueuil", "kind": "municipality", "region": "Montérégie"}],
        "lang": "fr",
    }
    assert second == {"id": "b", "topics": [], "scores": {}, "why": [], "places": [], "lang": "fr"}


def test_match_reads_standard_input(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"title": "La gr\\u00e8ve \\ud800"}')))
    assert commands.match(folder, None) == 0
    (answer,) = lines(capsys.readouterr().out)
    assert (answer["id"], answer["topics"]) == (None, ["travail"])


def test_a_bad_line_is_told_with_its_number_and_loses_no_other(folder: Path, capsys: pytest.CaptureFixture[str]):
    items = folder / "items.jsonl"
    bad = [b"non", b"[1]", b'{"id": 3}', b'{"title": "x", "summary": 4}', b"\xff", b"[" * 100_000]
    items.write_bytes(
        b"\n".join([b'{"id": 0, "title": "La gr\\u00e8ve"}', *bad, b'{"id": 7, "title": "La gr\\u00e8ve"}'])
    )
    assert commands.match(folder, items) == 1
    out, err = capsys.readouterr()
    assert [answer["id"] for answer in lines(out)] == [0, 7]
    assert [f"ligne {number} :" in line for number, line in enumerate(err.splitlines(), 2)] == [True] * len(bad)


# ── evaluate ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LABELLED = """\
{"id": "a", "title": "La grève", "labels": ["travail"], "sampling": "whole"}
{"id": "b", "title": "Le conseil municipal", "labels": [], "sampling": "whole"}
{"id": "c", "title": "Une taxe", "labels": ["villes"], "sampling": "random"}
{"id": "d", "title": "Le soleil", "labels": ["villes"], "sampling": "whole-department"}
{"id": "e", "title": "La grève étudiante", "labels": ["travail"], "unsure": true}
"""


def test_evaluate_counts_right_false_and_missed_per_slice(folder: Path, capsys: pytest.CaptureFixture[str]):
    items = folder / "labelled.jsonl"
    items.write_text(LABELLED, "utf-8")
    assert commands.evaluate(folder, items, as_json=True) == 0
    (answer,) = lines(capsys.readouterr().out)
    scores = {(score["slice"], score["topic"]): score for score in answer["scores"]}
    assert {name for name, _ in scores} == {"all", "sure", "pooled", "whole", "random", "whole-department"}
    assert scores["all", "travail"]["recall"] == 0.5
    assert scores["sure", "travail"]["f1"] == 1.0
    pooled = scores["pooled", "villes"]
    assert (pooled["items"], pooled["right"], pooled["false"], pooled["missed"]) == (3, 0, 1, 1)
    assert (pooled["precision"], pooled["recall"], pooled["f1"]) == (0.0, 0.0, 0.0)
    assert scores["random", "travail"]["precision"] == 1.0
    assert [(worst["id"], worst["kind"], worst["terms"]) for worst in answer["worst"]] == [
        ("d", "missed", []),
        ("c", "missed", ["taxe"]),
        ("b", "false", ["conseil municipal"]),
    ]


def test_evaluate_shows_a_table_and_the_worst(folder: Path, capsys: pytest.CaptureFixture[str]):
    items = folder / "labelled.jsonl"
    items.write_text(LABELLED + '{"title": "x"}\n{"title": "x", "labels": [1]}\n', "utf-8")
    assert commands.evaluate(folder, items, as_json=False) == 1
    out, err = capsys.readouterr()
    assert "alertes manquées : 2" in out
    assert "fausses alertes : 1" in out
    assert "Le conseil municipal  ← conseil municipal" in out
    assert all(len(line) <= 80 for line in out.splitlines()[:8])
    assert "ligne 6" in err
    assert "ligne 7" in err


def test_nothing_labelled_is_nothing_wrong(folder: Path):
    index = build_index(load_topics(folder / "topics.yaml"))
    evaluation = evaluate(index, [Labelled("a", Text("Le soleil"), frozenset())])
    assert {tally.f1 for tally in evaluation.tallies} == {1.0}


# ── explain ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_explain_shows_the_words_in_their_sentence(folder: Path):
    index = build_index(load_topics(folder / "topics.yaml"))
    text = Text("Ce soir", "Rien. Le maire présente enfin son budget. Fin.")
    _, (account,) = explain(text, index)
    (evidence,) = account.evidence
    assert evidence.sentence == "Le maire présente enfin son budget."
    assert [evidence.sentence[start:end] for start, end in evidence.marks] == ["maire", "budget"]
    assert account.lacking == ""


@pytest.mark.parametrize(
    ("title", "french", "english"),
    [
        ("Une taxe", "un seul indice : il en faut un autre, ou le même aussi hors du titre", "a single hint"),
        ("La grève étudiante", "il aurait suffi sans «\u00a0étudiant\u00a0»", "without “étudiant”"),
        ("Grève de la faim", "écarté par «\u00a0grève de la faim\u00a0»", "set aside by"),
        ("Un étudiant en grève de la faim", "écarté par «\u00a0grève de la faim\u00a0»", "set aside by “grève"),
    ],
)
def test_explain_says_what_was_lacking_in_both_languages(folder: Path, title: str, french: str, english: str):
    index = build_index(load_topics(folder / "topics.yaml"))
    _, (account,) = explain(Text(title), index)
    assert account.lacking == french
    assert english in lacking(account.verdict, "en")


def test_explain_prints_for_a_person_and_for_a_program(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = Text("Grève à Longueuil", "Une taxe. La grève dure.")
    assert commands.explain(folder, text, as_json=False) == 0
    out = capsys.readouterr().out
    assert "⚒️ Travail — signalé (2,25 pour un seuil de 1,00)" in out
    assert "Villes — non signalé : un seul indice hors du titre" in out
    assert "« La grève dure. »" in out
    assert "📍 Longueuil" in out
    assert commands.explain(folder, text, as_json=True) == 0
    (answer,) = lines(capsys.readouterr().out)
    assert answer["topics"] == ["travail"]
    assert [verdict["flagged"] for verdict in answer["verdicts"]] == [True, False]
    assert commands.explain(folder, Text("Le soleil"), as_json=False) == 0
    assert "Aucun terme trouvé" in capsys.readouterr().out


# ── try ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def item(title: str) -> tuple[Item, Text]:
    found_at = datetime(2026, 3, 10, tzinfo=UTC)
    kept = Item(
        1, "f", "Le Phare", SourceClass.PRESS, "k", "https://e.org", title, "", "", "fr", None, found_at, Fate.NO_TOPIC
    )
    return kept, Text(title)


def test_a_backtest_tells_what_a_term_would_add_and_how_noisily(folder: Path):
    index = build_index(load_topics(folder / "topics.yaml"))
    texts = [("a", Text("La grève du port")), ("b", Text("Le port")), ("c", Text("Le soleil")), ("d", Text("Lune"))]
    result = backtest(parse_term("port"), texts, index)
    assert [(found.thing, found.topics) for found in result.found] == [("a", ("travail",)), ("b", ())]
    assert [found.thing for found in result.added] == ["b"]
    assert (result.read, result.rate) == (4, 0.5)
    assert Backtest(0, ()).rate == 0.0


def test_try_prints_what_would_have_come(folder: Path, capsys: pytest.CaptureFixture[str]):
    items = [item("La grève du port"), item("Le port"), item("Le soleil")]
    assert commands.try_term(folder, "port", items, 2) == 0
    out = capsys.readouterr().out
    assert "2026-03-10  [travail]  Le Phare : La grève du port" in out
    assert "[nouveau]  Le Phare : Le port" in out
    assert "2 contiennent « port » (66.7%, 1.0 par jour), dont 1 que rien ne signale" in out


def test_try_refuses_what_is_no_term(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert commands.try_term(folder, "immigr.*", [], 30) == 1
    assert "écrivez les mots tels quels" in capsys.readouterr().err


# ── schema ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_schema_beside_the_file_is_the_one_we_make(tmp_path: Path):
    write_schema(topics_schema(), tmp_path / "schema.json")
    kept = (ROOT / "config" / "topics.schema.json").read_text("utf-8")
    assert kept == (tmp_path / "schema.json").read_text("utf-8")
    assert "# yaml-language-server: $schema=topics.schema.json" in (ROOT / "config" / "topics.yaml").read_text("utf-8")


def test_the_schema_names_every_group_and_prefix():
    schema = topics_schema()
    assert {"strong", "weak", "against", "never", "aside", "names", "emoji"} <= schema["$defs"]["topic"][
        "properties"
    ].keys()
    assert schema["required"] == ["topics"]
    assert len(schema["$defs"]["term"]["anyOf"]) == 6
