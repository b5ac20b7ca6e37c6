"""Every cause the code names → a sentence in both languages."""

import ast
from pathlib import Path

import pytest

from bot.locales import LANGUAGES, known, say

BOT = Path(__file__).resolve().parents[2] / "bot"
# What holds a cause, and which argument it is.
HOLDERS = {
    "FetchFailed": 0,
    "HttpRefused": 0,
    "NotReceived": 0,
    "AnswerLost": 0,
    "ChatGone": 0,
    "CannotParse": 0,
    "ThreadGone": 0,
    "Refused": 0,
    "Unauthorised": 0,
    "Dropped": 1,
    "Postponed": 2,
}


def causes():
    """Literal causes, with the file that names each; the stand-in for Telegram's server speaks for itself."""
    for path in sorted(BOT.rglob("*.py")):
        if path.name.startswith("botapi"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            place = HOLDERS.get(name)
            given = node.args[place] if place is not None and len(node.args) > place else None
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value, path.relative_to(BOT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_the_code_names_is_said_in_words(language):
    assert [(cause, str(path)) for cause, path in causes() if not known(language, f"cause.{cause}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_to_wait_that_is_put_together_is_said_in_words_too(language):
    for cause in ("digest", "quiet_hours", "day_off", "ceiling", "paused", "blocked", "migrated", "crash"):
        assert known(language, f"cause.{cause}")


def test_the_code_names_causes():
    assert len({cause for cause, _ in causes()}) > 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cause_is_one_sentence(language):
    from bot.locales import catalogue

    for key in catalogue(language):
        if key.startswith("cause."):
            sentence = say(language, key)
            assert sentence[0].isupper()
            assert sentence.endswith(".")
