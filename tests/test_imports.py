"""Every file of the project → what it imports and holds, against the rules of docs/architecture.md.

Imports run one way, a library has one home, a module says in its first line what becomes what, and nothing of the
machine it was written on stays in it.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# A room imports itself and the levels before its own. Where part of a room stands apart, the longer name counts. The
# words, and the two halves of the composition root, may name each other.
LEVELS = (
    ("model", "changes", "events", "errors", "settings", "locales"),
    ("text", "written"),
    ("topics",),
    ("stories",),
    ("alerts",),
    ("feeds", "store", "telegram", "ops"),
    ("config",),
    ("loops",),
    ("app", "talk", "pages"),
    ("commands", "ops.demo", "ops.playground"),
    ("__main__",),
)
TOGETHER = (LEVELS[0], ("app", "talk", "pages"), ("ops.demo", "ops.playground"))
HOMES = {
    "aiogram": ("telegram",),
    "aiosqlite": ("store",),
    "alembic": ("store",),
    "apscheduler": ("app",),
    "asyncpg": ("store",),
    "feedparser": ("feeds.parse",),
    "matplotlib": ("ops.picture.worker",),
    "prometheus_client": ("ops.metrics",),
    "pydantic_settings": ("settings",),
    "ruamel": ("written",),
    "sqlalchemy": ("store",),
    "structlog": ("ops.logs",),
    "tenacity": ("feeds.fetch", "telegram"),
    "trafilatura": ("stories",),
    "typer": ("__main__",),
    "watchfiles": ("app",),
}
TALKERS = ("bot.telegram", "bot.talk")  # what `run` and `demo` load when they speak to Telegram

# Written in pieces, so that this file keeps the rule it holds.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
MACHINE = re.compile(r"(?<![\w.~/-])/(?:wo" + r"rk|ro" + r"ot|Us" + r"ers)/\w")
REGISTRY = re.compile("|".join(("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", "anaconda" + r"\.org")))
NOT_OURS = frozenset({"data", "build", "__pycache__"})


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Dotted name and tree of each Python file."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield dotted, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """What a file imports, wherever in it; `from bot.text import fold` is bot.text.fold."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports name the whole path"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, part: str) -> bool:
    return f"{module}.".startswith(f"bot.{part}.")


def place(module: str) -> tuple[int, str] | None:
    """Level and name of the room a module of ours is in; None for the package itself."""
    found = [(len(room), level, room) for level, rooms in enumerate(LEVELS) for room in rooms if within(module, room)]
    return max(found)[1:] if found else None


def files() -> Iterator[tuple[Path, str]]:
    """Every text file of the project with what it says."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in {".ci", ".env.example"} for part in parts[:-1])
        ours = not hidden and not NOT_OURS & set(parts[:1]) and "__pycache__" not in parts
        if ours and path.is_file() and path.name != ".git":  # a file in a linked work tree
            try:
                yield path.relative_to(ROOT), path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def test_every_module_belongs_to_a_room():
    assert [name for name, _ in modules("bot") if place(name) is None and name != "bot"] == []


def test_imports_run_one_way_from_words_to_the_command_line():
    wrong = []
    for name, tree in modules("bot"):
        here = place(name)
        for imported in imports(tree):
            there = place(imported)
            if here is None or there is None or there == here:
                continue
            if any(here[1] in rooms and there[1] in rooms for rooms in TOGETHER):
                continue
            if there[0] >= here[0]:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_a_library_is_imported_in_its_home_alone():
    assert [
        f"{name} imports {imported}"
        for name, tree in modules("bot")
        for imported in imports(tree)
        if (homes := HOMES.get(imported.partition(".")[0])) and not any(within(name, home) for home in homes)
    ] == []


def test_every_library_that_is_asked_for_is_used():
    unseen = {"aiosqlite", "asyncpg", "lxml_html_clean", "tzdata"}  # drivers, and what others need and do not ask for
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {re.split(r"[~=<>\[ ]", line)[0].replace("-", "_") for line in project["dependencies"]} - unseen
    used = {imported.partition(".")[0] for _, tree in modules("bot") for imported in imports(tree)}
    assert {name for name in asked if name.partition(".")[0] not in used} == set()


def test_nothing_but_what_talks_to_telegram_loads_the_telegram_library():
    names = [
        name
        for name, _ in modules("bot")
        if not name.startswith(TALKERS) and "migrations" not in name and name != "bot.__main__"
    ]
    code = f"import sys; [__import__(name) for name in {names!r}]; sys.exit('aiogram' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr or "something imports aiogram"


def test_a_module_says_first_what_becomes_what():
    silent = []
    for name, tree in modules("bot", "benchmarks"):
        first = tree.body[0] if tree.body else None
        told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and first.lineno == 1
        if not told or not str(first.value.value).split("\n")[0].strip():
            silent.append(name)
    assert silent == []


def test_nothing_is_left_for_later():
    assert [str(path) for path, text in files() if UNFINISHED.search(text)] == []


def test_nothing_of_the_machine_it_was_written_on_or_of_a_package_registry_stays():
    assert [str(path) for path, text in files() if MACHINE.search(text)] == []
    assert [str(path) for path, text in files() if REGISTRY.search(text)] == []
