"""What is not in config/ becomes files in a folder, and such a folder becomes rows again: export and import.

    feeds.yaml, topics.yaml   both files with what admins changed written in: to be put in place by a person
    feeds.opml                the feeds, for other readers
    overlay.json              what admins changed, to be laid over the files elsewhere
    people.json               subscribers and their choices; only when asked for, readable by its owner alone

Nothing that exists is written over, and nobody's data is written unless `people` is said.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bot.changes import CONFIG_KINDS, Change, ChangeKind
from bot.config import load_config, merge, merged_files
from bot.errors import ConfigError, Problem
from bot.feeds.opml import write_opml
from bot.settings import Settings

OVERLAY, PEOPLE = "overlay.json", "people.json"
NOBODY = 0  # who brought an overlay in: no person of Telegram has this number
With = Literal["nobody", "people"]


def export(settings: Settings, folder: Path, of: With) -> int:
    """Writes the files; 1 and nothing when one is there already."""
    files = asyncio.run(_gather(settings, of))
    taken = [folder / name for name in files if (folder / name).exists()]
    if taken:
        raise ConfigError(tuple(Problem(str(file), 0, "existe déjà", "choisissez un autre dossier") for file in taken))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write(folder / name, content, 0o600 if name == PEOPLE else 0o644)
    except OSError as error:
        raise ConfigError((Problem(str(folder), 0, str(error.strerror), "choisissez un autre dossier"),)) from error
    print("\n".join(str(folder / name) for name in files))
    return 0


def import_(settings: Settings, folder: Path, of: With) -> int:
    """Brings in overlay.json, and people.json when asked; what is there already stays. Says how much was new."""
    changes = _read_overlay(folder / OVERLAY)
    people = _read(folder / PEOPLE) if of == "people" else []
    changed, added = asyncio.run(_bring_in(settings, changes, people))
    print(f"{changed} changements et {added} abonnés apportés (le reste y était déjà)")
    return 0


async def _gather(settings: Settings, of: With) -> dict[str, bytes]:
    from bot.store import changes, people
    from bot.store.database import open_database
    from bot.store.migrate import upgrade

    async with open_database(settings.database_url.get_secret_value()) as database:
        await upgrade(database)
        async with database.snapshot() as conn:
            overlay = await changes.overlay(conn)
            subscribers = await people.every_subscriber(conn) if of == "people" else None
    config = merge(load_config(settings.config_dir), overlay)
    merged = merged_files(settings.config_dir, config)
    standing = [{"kind": one.kind.value, "subject": one.subject, "after": one.after} for one in overlay]
    files = {name: text.encode() for name, text in merged.items()}
    files |= {"feeds.opml": write_opml(config.feeds.feeds), OVERLAY: _json(standing)}
    return files if subscribers is None else {**files, PEOPLE: _json(subscribers)}


async def _bring_in(settings: Settings, wanted: list[Change], subscribers: list[Mapping[str, Any]]) -> tuple[int, int]:
    """One transaction: all of it, or none."""
    from bot.store import changes, people
    from bot.store.database import open_database
    from bot.store.migrate import upgrade

    async with open_database(settings.database_url.get_secret_value()) as database:
        await upgrade(database)
        async with database.write() as conn:
            act = await changes.record(conn, NOBODY, "imported", wanted, datetime.now(UTC))
            added = await people.add_subscribers(conn, subscribers)
    return len(act.changes) if act else 0, added


def _read_overlay(file: Path) -> list[Change]:
    try:
        read = [Change(ChangeKind(one["kind"]), str(one["subject"]), dict(one["after"])) for one in _read(file)]
    except (KeyError, TypeError, ValueError) as error:
        raise _not_ours(file) from error
    if any(one.kind not in CONFIG_KINDS for one in read):
        raise _not_ours(file)
    return read


def _not_ours(file: Path) -> ConfigError:
    what = "ce ne sont pas des changements de « guetteur export »"
    return ConfigError((Problem(str(file), 0, what, "donnez le dossier qu’il a écrit"),))


def _read(file: Path) -> list[Any]:
    try:
        read = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError((Problem(str(file), 0, str(error.strerror), "donnez le dossier d’un export"),)) from error
    except ValueError as error:
        raise ConfigError((Problem(str(file), 0, f"pas du JSON : {error}"),)) from error
    if not isinstance(read, list):
        raise ConfigError((Problem(str(file), 0, "une liste est attendue"),))
    return read


def _json(values: object) -> bytes:
    return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()


def _write(file: Path, content: bytes, mode: int) -> None:
    """Made with its mode, so that nobody can read it in between, and never over something."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(content)
