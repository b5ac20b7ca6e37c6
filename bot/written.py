"""A YAML file a person wrote → its tree, whose every part knows its line; or what is wrong, where, and how to mend it.

Both files of config/ are read with it. YAML 1.2 (`NO` and `on` stay words). ruamel's marks are read here and nowhere
else. Never guesses at a broken file.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from bot.errors import ConfigError, Problem
from bot.locales import say


def read_tree(path: Path, language: str = "fr") -> Any:
    """The tree of a YAML file. Raises ConfigError, in `language`, when it can't be read or is not YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_text("utf-8-sig")
        return YAML(typ="rt").load(text)
    except OSError as error:
        raise _refused(language, path, 0, "unreadable", detail=error.strerror) from error
    except UnicodeDecodeError as error:
        raise _refused(language, path, error.object[: error.start].count(b"\n") + 1, "encoding") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise _refused(language, path, line, _kind_of(error.problem, text, line), detail=error.problem) from error
    except (YAMLError, ValueError, RecursionError) as error:  # the last two: absurd numbers and depths
        raise _refused(language, path, 0, "yaml", detail=error) from error


def _kind_of(problem: object, text: str, line: int) -> str:
    if "duplicate key" in str(problem):
        return "twice"
    return "tab" if any("\t" in row for row in text.split("\n")[max(line - 1, 0) : line]) else "yaml"


def _refused(language: str, path: Path, line: int, key: str, **values: object) -> ConfigError:
    what, mend = say(language, f"written.{key}", **values), say(language, f"written.mend_{key}")
    return ConfigError((Problem(str(path), line, what, mend, language=language),))


def write_tree(tree: Any) -> str:
    """A tree that was read and changed, as text: comments, quotes and order kept."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 120
    out = StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def line_of(tree: Any, key: Any) -> int:
    """The line (from 1) of a key of a mapping or an item of a list; of the whole when it has no such part."""
    try:
        position = tree.lc.data[key]  # line and column of a key or an item
        return int(position[0]) + 1
    except (KeyError, IndexError, TypeError, AttributeError):
        return int(tree.lc.line) + 1 if hasattr(tree, "lc") else 0


def nearest(name: object, known: Iterable[str], language: str = "fr") -> str:
    """What was meant by an unknown name: « vouliez-vous dire … ? », or all that is known."""
    known = tuple(known)
    near = get_close_matches(str(name).lower(), known, n=1, cutoff=0.5)
    if near:
        return say(language, "written.meant", name=near[0])
    return say(language, "written.known", names=", ".join(known))
