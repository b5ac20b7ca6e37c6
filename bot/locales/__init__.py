"""A key and values become a sentence in French (the reference) or English.

Catalogues are TOML files, one per room of the conversation, `locales/<language>/<room>.toml`; a key is written
`room.name`. A value is a text with `{placeholders}`, or a table `{ one = "…", many = "…" }` chosen by the value `n`
(French: 0 and 1 are singular; English: 1 alone. Source: Unicode CLDR plural rules). A parity test holds both
languages to the same keys and placeholders. Unknown languages read French.
"""

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("fr", "en")
Catalogue = dict[str, str | dict[str, str]]


@cache
def catalogue(language: str) -> Catalogue:
    """Every key of one language; read once."""
    folder = files(__package__) / language
    found: Catalogue = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            room = file.name.removesuffix(".toml")
            for key, text in tomllib.loads(file.read_text("utf-8")).items():
                found[f"{room}.{key}"] = text
    return found


def language_of(code: str | None) -> str:
    """The catalogue for a language tag as Telegram or a browser gives it ("en-CA" → "en"); French otherwise."""
    primary = (code or "").partition("-")[0].lower()
    return primary if primary in LANGUAGES else LANGUAGES[0]


def say(language: str, key: str, **values: object) -> str:
    """The sentence of `key`. KeyError when the key does not exist: a test proves every key used does."""
    text = catalogue(language_of(language))[key]
    if isinstance(text, dict):
        text = text[_plural(language_of(language), values.get("n", 0))]
    return text.format(**values) if values else text


def known(language: str, key: str) -> bool:
    """Whether the catalogue has `key`; for causes that a newer version may have stored."""
    return key in catalogue(language_of(language))


def _plural(language: str, count: object) -> str:
    """French counts in the plural from two on: « 1,5 point »."""
    number = count if isinstance(count, int | float) else 0
    singular = abs(number) < 2 if language == "fr" else number == 1
    return "one" if singular else "many"
