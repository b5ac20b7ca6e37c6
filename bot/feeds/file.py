"""feeds.yaml becomes feed specifications, or the list of everything that is wrong in it.

Written for the people who follow the news: every mistake is told at once, with its line, what is wrong and what to
write instead, in French. One table (`_FEED_KEYS`) says what a feed may hold; the reader and the JSON Schema that
editors use are both made from it. Nothing here guesses: a wrong file gives no feeds at all, and the caller keeps the
one it has.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.errors import ConfigError, Problem
from bot.locales import say
from bot.model import FeedSpec, SourceClass
from bot.text.urls import canonical_url
from bot.written import line_of, nearest, read_tree

_FASTEST = timedelta(minutes=2)
_SLOWEST = timedelta(hours=6)
_POLITE = timedelta(minutes=1)  # polled more often than this, publishers complain; `check` warns
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([1-9]\d{0,5})\s*([smhd])")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_FRENCH_CLASSES = {
    "presse": "press",
    "média": "press",
    "gouvernement": "government",
    "municipalité": "municipal",
    "ville": "municipal",
    "syndicat": "union",
    "patronat": "employer",
    "employeur": "employer",
    "chronique": "opinion",
}
_LANGUAGES = {"fr": "français", "en": "anglais"}


@dataclass(frozen=True, slots=True)
class PollLimits:
    """How often a feed is polled at most and at least, when its line says nothing."""

    fastest: timedelta = _FASTEST
    slowest: timedelta = _SLOWEST


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A feeds.yaml without mistakes; `warnings` do not stop the bot."""

    feeds: tuple[FeedSpec, ...]
    poll: PollLimits = PollLimits()
    warnings: tuple[Problem, ...] = ()


class _Wrong(Exception):
    """One value cannot be used: `what` is wrong with it, and what `mend`s it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True)
class _Key:
    """What one key of the file holds: how its value is read and how an editor describes it."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    required: bool = False


def load_feeds(path: Path) -> FeedFile:
    """The feeds a person wrote. Raises ConfigError with every problem of the file, in the order of its lines."""
    tree = read_tree(path)
    reading = _Reading(str(path))
    limits, feeds = reading.read_file(tree)
    mistakes = tuple(sorted((p for p in reading.problems if not p.warning), key=lambda p: p.line))
    if mistakes:
        raise ConfigError(mistakes)
    return FeedFile(feeds, limits, tuple(sorted(reading.problems, key=lambda p: p.line)))


def read_duration(text: object) -> timedelta:
    """`90s`, `10m`, `1h`, `1d` → timedelta. Raises ValueError with what to write instead."""
    try:
        return _read_duration(text)
    except _Wrong as wrong:
        raise ValueError(f"{wrong.what} ({wrong.mend})") from wrong


def read_address(text: str, language: str) -> str:
    """An http(s) address a feed may have. Raises ValueError with what is wrong and what to write instead."""
    address = text.strip()
    if fault := _fault_of(address):
        raise ValueError(" → ".join(_told(fault, address, language)))
    return address


def read_feed(written: Mapping[str, Any]) -> FeedSpec:
    """One feed from the keys of feeds.yaml. Raises ValueError with what is wrong and what to write instead."""
    values: dict[str, Any] = {}
    for name, key in _FEED_KEYS.items():
        if name not in written:
            if key.required:
                raise ValueError(f"il manque « {name} »")
            continue
        try:
            values[name] = key.read(written[name])
        except _Wrong as wrong:
            raise ValueError(f"« {name} » : {wrong.what} → {wrong.mend}") from wrong
    return FeedSpec(source_class=values.pop("class"), **values)


def feeds_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of feeds.yaml, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Fils que Guetteur surveille",
        "type": "object",
        "additionalProperties": False,
        "required": ["feeds"],
        "properties": {
            "poll": {"description": "À quelle cadence, quand le fil ne le dit pas.", **_object_schema(_POLL_KEYS)},
            "feeds": {"type": "array", "minItems": 1, "items": _object_schema(_FEED_KEYS)},
        },
    }


def _object_schema(keys: Mapping[str, _Key]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, key in keys.items() if key.required],
        "properties": {name: dict(key.schema) for name, key in keys.items()},
    }


@dataclass(slots=True)
class _Reading:
    """One pass over the file, gathering problems."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def read_file(self, tree: Any) -> tuple[PollLimits, tuple[FeedSpec, ...]]:
        if not isinstance(tree, dict):
            self._tell(
                0, "le fichier ne contient pas de fils", "commencez par « feeds: » puis une ligne « - id: … » par fil"
            )
            return PollLimits(), ()
        self._refuse_unknown(tree, ("poll", "feeds"))
        limits = self._read_limits(tree)
        listed = tree.get("feeds")
        if not isinstance(listed, list) or not listed:
            self._tell(
                line_of(tree, "feeds"),
                "« feeds » doit être une liste d’au moins un fil",
                "écrivez « - id: … » sous « feeds: »",
            )
            return limits, ()
        found = [(line, feed) for line, feed in self._read_feeds(listed) if feed]
        self._refuse_twins(found)
        return limits, tuple(feed for _, feed in found)

    def _read_limits(self, tree: Any) -> PollLimits:
        written = tree.get("poll")
        if written is None:
            return PollLimits()
        line = line_of(tree, "poll")
        values = self._read_mapping(written, line, _POLL_KEYS)
        if values is None:
            return PollLimits()
        limits = PollLimits(**values)
        if limits.fastest > limits.slowest:
            self._tell(line, "« fastest » est plus long que « slowest »", "inversez-les")
        self._warn_if_rude(written, "fastest", limits.fastest)
        return limits

    def _read_feeds(self, listed: Any) -> Iterator[tuple[int, FeedSpec | None]]:
        for index, written in enumerate(listed):
            line = line_of(listed, index)
            values = self._read_mapping(written, line, _FEED_KEYS)
            if values is None:
                yield line, None
                continue
            values["source_class"] = values.pop("class")
            feed = FeedSpec(**values)
            if feed.every:
                self._warn_if_rude(written, "every", feed.every)
            yield line, feed

    def _read_mapping(self, written: Any, line: int, keys: Mapping[str, _Key]) -> dict[str, Any] | None:
        """The values of one block, or None when one of them is wrong."""
        if not isinstance(written, dict):
            self._tell(
                line,
                "un bloc « clé: valeur » est attendu",
                "écrivez par exemple " + " ; ".join(f"{key}: …" for key in keys),
            )
            return None
        before = len(self.problems)
        self._refuse_unknown(written, tuple(keys))
        values: dict[str, Any] = {}
        for name, key in keys.items():
            if name not in written:
                if key.required:
                    self._tell(line, f"il manque « {name} »", f"ajoutez « {name}: … » : {key.schema['description']}")
                continue
            try:
                values[name] = key.read(written[name])
            except _Wrong as wrong:
                self._tell(line_of(written, name), f"« {name} » : {wrong.what}", wrong.mend)
        return values if len(self.problems) == before else None

    def _refuse_unknown(self, written: Any, names: tuple[str, ...]) -> None:
        for name in written:
            if name in names:
                continue
            self._tell(line_of(written, name), f"clé inconnue « {name} »", nearest(name, names))

    def _refuse_twins(self, found: list[tuple[int, FeedSpec]]) -> None:
        ids: dict[str, int] = {}
        urls: dict[str, tuple[int, str]] = {}
        for line, feed in found:
            if feed.id in ids:
                self._tell(
                    line,
                    f"l’id « {feed.id} » sert déjà à la ligne {ids[feed.id]}",
                    "donnez-en un autre à l’un des deux",
                )
            ids.setdefault(feed.id, line)
            key = canonical_url(feed.url)
            first, url = urls.setdefault(key, (line, feed.url))
            if first != line and url == feed.url:
                self._tell(line, f"même adresse qu’à la ligne {first}", "supprimez l’un des deux fils")
            elif first != line:
                self._warn(
                    line, f"presque la même adresse qu’à la ligne {first}", "vérifiez que ce sont deux fils différents"
                )

    def _warn_if_rude(self, written: Any, name: str, value: timedelta) -> None:
        if value < _POLITE:
            self._warn(
                line_of(written, name),
                f"« {name} » sous une minute : des sites bloquent les lecteurs pressés",
                "écrivez 1m ou plus",
            )

    def _tell(self, line: int, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, line, what, mend))

    def _warn(self, line: int, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, line, what, mend, warning=True))


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(
            "du texte est attendu", f'mettez des guillemets : "{value}"' if value is not None else "écrivez une valeur"
        )
    if not value.strip():
        raise _Wrong("valeur vide", "écrivez une valeur")
    return str(value).strip()


def _read_id(value: Any) -> str:
    text = _read_text(value)
    if not _SLUG.fullmatch(text):
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64] or "mon-fil"
        raise _Wrong(
            f"« {text} » n’est pas un identifiant (a-z, 0-9 et tirets, 64 au plus)", f"écrivez par exemple {slug}"
        )
    return text


def _read_url(value: Any) -> str:
    text = _read_text(value)
    if fault := _fault_of(text):
        raise _Wrong(*_told(fault, text, "fr"))
    return text


def _fault_of(address: str) -> str:
    """The name of what keeps an address from being a feed's; "" when nothing does."""
    if re.search(r"\s", address) or len(address) > 2_048:
        return "long"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "malformed"
    if parts.scheme not in {"http", "https"}:
        return "scheme"
    if not host:
        return "host"
    return "password" if parts.username is not None or parts.password is not None else ""


def _told(fault: str, address: str, language: str) -> tuple[str, str]:
    """What is wrong with an address, and what mends it."""
    bare = re.sub(r"^(?:feed:)?(?:[a-z]*:)?/*", "", address, flags=re.IGNORECASE)
    return say(language, f"feedlist.address_{fault}"), say(language, f"feedlist.address_mend_{fault}", bare=bare)


def _read_outlet(value: Any) -> str:
    text = _read_text(value)
    if "\n" in text or len(text) > 80:
        raise _Wrong("nom de plus de 80 caractères ou de plusieurs lignes", "écrivez le nom court du média")
    return text


def _read_language(value: Any) -> str:
    text = _read_text(value).lower()
    if text not in _LANGUAGES:
        raise _Wrong(f"langue « {text} » inconnue", "écrivez fr ou en")
    return text


def _read_class(value: Any) -> SourceClass:
    text = _read_text(value).lower()
    try:
        return SourceClass(text)
    except ValueError as error:
        near = _FRENCH_CLASSES.get(text) or next(iter(get_close_matches(text, list(SourceClass), n=1)), None)
        mend = f"écrivez {near}" if near else "classes possibles : " + ", ".join(SourceClass)
        raise _Wrong(f"classe « {text} » inconnue", mend) from error


def _read_duration(value: Any) -> timedelta:
    found = _DURATION.fullmatch(str(value).strip()) if isinstance(value, str) else None
    if not found:
        mend = (
            f"écrivez {value}m pour des minutes"
            if isinstance(value, int) and value > 0
            else "écrivez 90s, 10m, 1h ou 1d"
        )
        raise _Wrong(f"durée « {value} » illisible", mend)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _read_switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"« {value} » n’est ni true ni false", "écrivez true ou false")
    return value


_DURATION_SCHEMA = {"type": "string", "pattern": r"^[1-9]\d{0,5}\s*[smhd]$", "examples": ["90s", "10m", "1h"]}

_FEED_KEYS: Mapping[str, _Key] = {
    "id": _Key(
        _read_id,
        {
            "type": "string",
            "pattern": f"^{_SLUG.pattern}$",
            "description": "nom court qui ne change jamais (a-z, 0-9, tirets)",
        },
        required=True,
    ),
    "url": _Key(
        _read_url,
        {"type": "string", "format": "uri", "pattern": "^https?://", "description": "adresse du fil RSS, Atom ou JSON"},
        required=True,
    ),
    "outlet": _Key(
        _read_outlet,
        {"type": "string", "maxLength": 80, "description": "nom du média, tel que lu par les abonnés"},
        required=True,
    ),
    "language": _Key(
        _read_language, {"enum": list(_LANGUAGES), "description": "langue du fil (fr ou en)"}, required=True
    ),
    "class": _Key(
        _read_class,
        {"enum": [str(kind) for kind in SourceClass], "description": "qui parle : " + ", ".join(SourceClass)},
        required=True,
    ),
    "every": _Key(
        _read_duration,
        {**_DURATION_SCHEMA, "description": "cadence imposée ; sans elle, le robot suit le rythme du fil"},
    ),
    "enabled": _Key(_read_switch, {"type": "boolean", "default": True, "description": "false : le fil reste au repos"}),
}

_POLL_KEYS: Mapping[str, _Key] = {
    "fastest": _Key(_read_duration, {**_DURATION_SCHEMA, "default": "2m", "description": "jamais plus souvent"}),
    "slowest": _Key(_read_duration, {**_DURATION_SCHEMA, "default": "6h", "description": "jamais plus rarement"}),
}


if __name__ == "__main__":  # renews config/feeds.schema.json
    import json
    import sys

    sys.stdout.write(json.dumps(feeds_schema(), ensure_ascii=False, indent=2) + "\n")
