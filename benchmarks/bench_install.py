"""What `make run` installs → its size a package; and what an import and a command cost, beside an interpreter's start.

    .venv/bin/python benchmarks/bench_install.py

Sizes are of what requirements.lock installs, without the tools of the developers (MiB on disk, .pyc files included).
Times are the best of five fresh processes, as ratios to `python -c pass` in the same run.
"""

import subprocess
import sys
import time
from importlib.metadata import distribution
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.supply import packages

ROUNDS = 5
SHOWN = 10
MIB = 1024 * 1024
STARTS = (
    ("guetteur --help", ("-m", "bot", "--help")),
    ("guetteur check", ("-m", "bot", "check")),
    ("import bot.app", ("-c", "import bot.app")),
    ("import bot.talk (aiogram)", ("-c", "import bot.talk")),
)


def size_of(name: str) -> int:
    """Bytes on disk of an installed package's files."""
    found = distribution(name)
    paths = (Path(str(found.locate_file(file))) for file in found.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


def best(arguments: tuple[str, ...]) -> float:
    """Seconds of the quickest of some fresh processes."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run((sys.executable, *arguments), check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    sizes = sorted(((size_of(one.name), one.name) for one in packages()), reverse=True)
    print(f"{len(sizes)} packages, {sum(size for size, _ in sizes) / MIB:.0f} MiB")
    for size, name in sizes[:SHOWN]:
        print(f"  {name:24} {size / MIB:6.1f} MiB")
    bare = best(("-c", "pass"))
    print(f"\npython -c pass {bare * 1000:.0f} ms")
    for title, arguments in STARTS:
        took = best(arguments)
        print(f"  {title:26} {took * 1000:6.0f} ms, {took / bare:.0f} times")


if __name__ == "__main__":
    main()
