"""The keyword file's keys become a JSON Schema, so that an editor completes and checks it while it is written.

Named in the first line of the file (`# yaml-language-server: $schema=topics.schema.json`). Says the shape only: whether
a term can be understood is for `guetteur check`. Made from the names the reader uses, so that the two can’t part.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bot.locales import LANGUAGES
from bot.model import Field
from bot.topics.file import FILE_KEYS, MOST, PREFIXES, SLUG
from bot.topics.syntax import CHARACTERS_AT_MOST
from bot.topics.topic import FACTORS, THRESHOLD, Group

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_GROUPS: Final = {
    Group.STRONG: "un seul suffit",
    Group.WEAK: "deux doivent s’accorder",
    Group.AGAINST: "abaisse le score",
    Group.NEVER: "met son veto",
    Group.ASIDE: "ces mots, là où ils sont, ne comptent pour aucun autre terme",
}
_EXAMPLES: Final = [
    "travailleur étranger temporaire",
    "immigr*",
    "CSQ & négociation*",
    "@élu ~4 @municipalité",
    "(hausse | gel) de taxes",
]


def topics_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of topics.yaml."""
    number = {"type": "number", "exclusiveMinimum": 0, "maximum": MOST}
    text = {"type": "string", "minLength": 1}
    terms = {"type": "array", "items": {"$ref": "#/$defs/term"}}
    topic = {
        "names": {**_mapping(dict.fromkeys(LANGUAGES, text), LANGUAGES), "description": "le nom dans chaque langue"},
        "emoji": {**text, "description": "un signe devant les alertes du sujet"},
        "threshold": {**number, "default": THRESHOLD, "description": "score à partir duquel un article est signalé"},
        **{group.value: {**terms, "description": said} for group, said in _GROUPS.items()},
    }
    parts = {
        "weights": {
            **_mapping({part.value: {**number, "default": FACTORS[part]} for part in Field}),
            "description": "ce que pèse un terme selon l’endroit",
        },
        "lists": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": ["string", "number"]}},
            "description": "listes nommées, à employer dans un terme : @nom",
        },
        "aside": {**terms, "description": _GROUPS[Group.ASIDE]},
        "topics": {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {f"^{SLUG}$": {"$ref": "#/$defs/topic"}},
            "additionalProperties": False,
        },
    }
    return {
        "$schema": DIALECT,
        "title": "Mots-clés de Guetteur",
        **_mapping({key: parts[key] for key in FILE_KEYS}, ("topics",)),
        "$defs": {"topic": _mapping(topic, ("names", "emoji")), "term": _term(number)},
    }


def write_schema(schema: Mapping[str, Any], path: Path) -> None:
    """Write a schema beside the file it describes."""
    path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _term(number: Mapping[str, Any]) -> dict[str, Any]:
    """A text, or one text under its key and a weight."""
    text = {"type": ["string", "number"], "maxLength": CHARACTERS_AT_MOST}
    keyed = [_mapping({key: text, "weight": number}, (key,)) for key in ("term", *PREFIXES)]
    return {"anyOf": [{**text, "examples": _EXAMPLES}, *keyed]}


def _mapping(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
