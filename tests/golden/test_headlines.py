"""The golden set: what a desk would want of each of these headlines. Changing the file or the matcher loses none silently.

`headlines.tsv` holds headlines of our own writing, a topic letter each (I, M, L), and the traps of the trade.
"""

from functools import cache
from pathlib import Path

import pytest

from bot.model import Text
from bot.topics.file import load_topics
from bot.topics.match import Index, build_index

HERE = Path(__file__).resolve().parent
LETTERS = {"I": "immigration", "M": "municipalities", "L": "labour"}


@cache
def index() -> Index:
    return build_index(load_topics(HERE.parents[1] / "config" / "topics.yaml"))


def headlines():
    for number, line in enumerate((HERE / "headlines.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            letters, lang, title, summary = line.split("\t")
            yield pytest.param(letters, lang, title, summary, id=f"{number}")


@pytest.mark.parametrize(("letters", "lang", "title", "summary"), list(headlines()))
def test_a_headline_gets_the_topics_a_desk_wants(letters, lang, title, summary):
    expected = {LETTERS[letter] for letter in letters.strip("-")}
    found = index().match(Text(title, summary, lang=lang))
    reasons = [
        f"{verdict.topic} {verdict.score}: "
        + ", ".join(f"{r.term} ← « {r.text} » {r.weight:+}" for r in verdict.reasons)
        for verdict in found.verdicts
    ]
    assert set(found.topics) == expected, f"{title}\n" + "\n".join(reasons)


@pytest.mark.parametrize(("letters", "lang", "title", "summary"), list(headlines()))
def test_the_language_of_a_headline_need_not_be_told(letters, lang, title, summary):
    told = index().match(Text(title, summary, lang=lang))
    untold = index().match(Text(title, summary))
    assert set(told.topics) == set(untold.topics)


def test_the_set_is_large_and_bilingual():
    rows = [param.values for param in headlines()]
    assert len(rows) >= 150
    assert sum(lang == "en" for _, lang, _, _ in rows) >= 50
    assert sum(letters == "-" for letters, *_ in rows) >= 50
