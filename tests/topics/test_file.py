"""topics.yaml → topics, or everything that is wrong in it with its line."""

from pathlib import Path

import pytest

from bot.errors import ConfigError, Problem
from bot.model import Field, Text
from bot.topics.file import load_topics
from bot.topics.match import build_index
from bot.topics.topic import Group

GOOD = """\
weights: {title: 2, body: 0.5}
lists:
  élu: [maire, échevin]
  tous: ['@élu', préfet]
aside: [Bruno Le Maire]
topics:
  villes:
    names: {fr: Villes, en: Cities}
    emoji: 🏛️
    threshold: 1.5
    strong:
      - conseil municipal
      - {term: '@tous ~4 @municipalité', weight: 0.8}
      - fr: mairie
      - 911
    weak: [budget]
    against: [police]
    never: [nécrologie]
    aside: [transports en commun]
"""


def load(tmp_path: Path, text: str | bytes):
    file = tmp_path / "topics.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_topics(file)


def problems(tmp_path: Path, text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    return refused.value.problems


def topic(terms: str) -> str:
    return f"topics:\n  villes:\n    names: {{fr: Villes, en: Cities}}\n    emoji: x\n    {terms}\n"


def test_a_good_file_is_read_whole(tmp_path: Path):
    topics = load(tmp_path, GOOD)
    (villes,) = topics.topics
    assert (villes.id, villes.names["en"], villes.emoji, villes.threshold) == ("villes", "Cities", "🏛️", 1.5)
    assert [(term.term.source, term.group, term.weight) for term in villes.terms] == [
        ("conseil municipal", Group.STRONG, 1.0),
        ("@tous ~4 @municipalité", Group.STRONG, 0.8),
        ("fr: mairie", Group.STRONG, 1.0),
        ("911", Group.STRONG, 1.0),
        ("budget", Group.WEAK, 0.5),
        ("police", Group.AGAINST, 1.0),
        ("nécrologie", Group.NEVER, 0.0),
        ("transports en commun", Group.ASIDE, 0.0),
    ]
    assert villes.terms[1].line == 13
    assert dict(topics.factors) == {Field.TITLE: 2.0, Field.SUMMARY: 1.0, Field.BODY: 0.5}
    assert topics.warnings == ()
    assert build_index(topics).match(Text("L’échevin de Longueuil")).topics == ("villes",)


def test_no_and_on_stay_words(tmp_path: Path):
    (villes,) = load(tmp_path, topic("strong: [NO, grève, yes man]")).topics
    assert [term.term.source for term in villes.terms] == ["NO", "grève", "yes man"]


def test_every_problem_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path):
    text = """\
weights: {titre: 2, title: zéro}
lists:
  élu: []
  boucle: ['@boucle']
  tirée: [maire & ville]
  texte: maire
topics:
  Villes:
    names: {fr: Villes}
    emoji: ''
    threshold: -1
    storng: [x]
    strong:
      - immigr.*
      - [a, b]
      - {term: grève, weight: true}
      - {term: a, fr: b}
      - '@rien'
    weak: budget
    aside: null
"""
    told = problems(tmp_path, text)
    assert [problem.line for problem in told] == sorted(problem.line for problem in told)
    assert {(problem.line, problem.what) for problem in told} == {
        (1, "clé inconnue « titre »"),
        (1, "« title » doit être un nombre plus grand que 0, de 100 au plus"),
        (3, "une liste contient au moins un terme"),
        (4, "la liste « boucle » se contient elle-même"),
        (5, "« maire & ville » : un membre d'une liste est fait de mots, ou d'une autre liste entière"),
        (6, "une liste contient au moins un terme"),
        (8, "« Villes » ne convient pas comme nom de sujet"),
        (9, "il manque « en »"),
        (10, "il manque « emoji »"),
        (11, "« threshold » doit être un nombre plus grand que 0, de 100 au plus"),
        (12, "clé inconnue « storng »"),
        (14, "« immigr.* » : les expressions régulières ne sont pas acceptées"),
        (15, "un terme est un texte, ou un texte et son poids"),
        (16, "« weight » doit être un nombre plus grand que 0, de 100 au plus"),
        (17, "un terme est un texte, ou un texte et son poids"),
        (18, "« @rien » : la liste « @rien » n'existe pas"),
        (19, "« weak » doit être une liste de termes"),
    }
    assert all(problem.mend and problem.file == "topics.yaml" for problem in told)
    assert "strong" in next(problem.mend for problem in told if problem.line == 12)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("topics: {}", 1, "aucun sujet"),
        ("lists: {a: [b]}", 1, "un bloc « clé: valeur » est attendu"),
        ("", 0, "un bloc « clé: valeur » est attendu"),
        ("- a\n- b", 0, "un bloc « clé: valeur » est attendu"),
        ("topics:\n  villes: rien", 2, "un bloc « clé: valeur » est attendu"),
        ("topics:\n  villes:\n    emoji: x\n    strong: [a b]", 2, "il manque « names »"),
        (topic("weak: []"), 2, "le sujet « villes » n'a aucun terme"),
        (topic("strong: [grève, Grèves]\n    against: [grève]"), 6, "« grève » est déjà dans « strong »"),
        ("lists: {municipalité: [Laval]}\n" + topic("strong: ['@municipalité']"), 1, "existe déjà"),
        ("topics:\n  a: 1\n  a: 2", 3, "clé écrite deux fois"),
        ("topics:\n  - @élu", 2, "YAML illisible"),
        ("topics: [a", 1, "YAML illisible"),
        (b"topics:\n  caf\xe9: 1", 2, "caractère qui n'est pas de l'UTF-8"),
        ("a: !!int x", 0, "YAML illisible"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str | bytes, line: int, what: str):
    told = problems(tmp_path, text)
    assert any(problem.line == line and what in problem.what for problem in told), told


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(ConfigError, match="illisible"):
        load_topics(tmp_path / "topics.yaml")


def test_lists_that_lead_to_one_another_are_refused(tmp_path: Path):
    told = problems(
        tmp_path, "lists:\n  a: ['@b']\n  b: [x y, '@c']\n  c: ['@b', '@d']\n  d: [z]\n" + topic("strong: ['@a']")
    )
    assert {problem.line for problem in told} == {3, 4}


def test_what_does_no_harm_is_a_warning(tmp_path: Path):
    topics = load(tmp_path, "lists:\n  a: [maire, Maires]\n" + topic("strong: [grève, grèves, '\"grève\"']"))
    assert [(problem.line, problem.warning) for problem in topics.warnings] == [(2, True), (2, True), (7, True)]
    assert "fait double emploi" in topics.warnings[0].what + topics.warnings[1].what


def test_the_projects_own_file_is_good():
    topics = load_topics(Path(__file__).resolve().parents[2] / "config" / "topics.yaml")
    assert [topic.id for topic in topics.topics] == ["immigration", "municipalities", "labour"]
