"""Both languages say the same things, every key the code uses is there, and none is there for nothing."""

import ast
import re
import string
from pathlib import Path

import pytest

from bot.locales import LANGUAGES, catalogue, say

BOT = Path(__file__).resolve().parents[2] / "bot"
KEYS = sorted({*catalogue("fr"), *catalogue("en")})
MESSAGES = [key for key in KEYS if key.startswith(("chat.", "admin."))]
ROOMS = {key.partition(".")[0] for key in KEYS}


def variants(text):
    return [text] if isinstance(text, str) else list(text.values())


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def named_in_code():
    """Keys written whole, and patterns for those with a part filled in at run time."""
    whole, patterns = set(), set()
    for file in BOT.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
        composed = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        pieces = {id(part) for node in composed for part in node.values}
        whole |= {
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and id(node) not in pieces and is_key(str(node.value))
        }
        patterns |= {pattern for node in composed if (pattern := as_pattern(node)).partition(r"\.")[0] in ROOMS}
    return whole, patterns


def as_pattern(composed):
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[^.]+" for part in composed.values
    )


def is_key(text):
    room, dot, name = text.partition(".")
    return bool(dot) and room in ROOMS and re.fullmatch(r"[a-z0-9_]+", name) is not None and name not in SUFFIXES


SUFFIXES = {"toml", "py", "yaml", "json", "id"}  # file names and columns


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_key_with_the_same_shape_and_placeholders(key):
    french, english = (catalogue(language).get(key) for language in LANGUAGES)
    assert french is not None, "absent in French"
    assert english is not None, "absent in English"
    asked = {name for text in variants(french) for name in placeholders(text)}
    for text in (french, english):
        if isinstance(text, dict):
            assert set(text) == {"one", "many"}
        for variant in variants(text):
            assert variant.strip() == variant
            assert placeholders(variant) | {"n"} == asked | {"n"}  # « un seul » may leave the number out


def test_every_key_named_in_the_code_exists():
    whole, _ = named_in_code()
    assert sorted(key for key in whole if key not in catalogue("fr")) == []


def test_every_pattern_in_the_code_finds_keys():
    _, patterns = named_in_code()
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, key) for key in KEYS)] == []


@pytest.mark.parametrize("room", ["chat", "admin"])
def test_no_key_of_the_conversation_is_there_for_nothing(room):
    whole, patterns = named_in_code()
    mine = [key for key in KEYS if key.startswith(f"{room}.")]
    assert [key for key in mine if key not in whole and not any(re.fullmatch(p, key) for p in patterns)] == []


@pytest.mark.parametrize("key", MESSAGES)
def test_french_is_set_as_a_quebec_newsroom_sets_it(key):
    for text in variants(catalogue("fr")[key]):
        plain = re.sub(r"\{[^}]*\}", "x", text)
        assert plain.count("«\u00a0") == plain.count("«")
        assert plain.count("\u00a0»") == plain.count("»")
        assert plain.count("\u00a0:") == plain.count(":") - plain.count("://")
        assert not re.search(r"\s[?!;]", plain), "no space before ? ! ; in Québec"
        assert not re.search(r"\d (?:h|min|heures|minutes|\$|%)", plain), "a plain space after a number"


@pytest.mark.parametrize("key", MESSAGES)
def test_apostrophes_are_typographic_in_both_languages(key):
    assert not any("'" in text for language in LANGUAGES for text in variants(catalogue(language)[key]))


def test_a_plural_follows_its_language():
    assert say("fr", "chat.received", n=0).startswith("0 alerte reçue")
    assert say("en", "chat.received", n=0).startswith("0 alerts")
    assert say("fr", "chat.received", n=2).startswith("2 alertes")
    assert say("en", "chat.received", n=1).startswith("1 alert ")
