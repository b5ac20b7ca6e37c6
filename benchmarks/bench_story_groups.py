"""Labelled groups beside the project → how many of their pairs `guetteur stories` finds, and which it must not.

Group by group and all items at once, and each half of the groups by itself: figures that held in one half only would be
luck. Needs ../shared/eval/stories_dev.jsonl; says so without it.
Run: python benchmarks/bench_story_groups.py
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.commands.stories import stories

LABELLED = Path(__file__).resolve().parents[2] / "shared" / "eval" / "stories_dev.jsonl"
CLOSE = ("same-report", "near", "identical-title")

Group = dict[str, Any]


def grouped(items: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Item → story, through the command."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "items.jsonl"
        file.write_text("\n".join(map(json.dumps, items)), "utf-8")
        with redirect_stdout(io.StringIO()) as told:
            stories(file)
    return {line["id"]: line["story"] for line in map(json.loads, told.getvalue().splitlines())}


def count(groups: Sequence[Group], stories_of: Callable[[Group], dict[str, int]]) -> str:
    pairs: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for group in groups:
        level = "look-alikes" if group["same"] is None else "close" if group["same"] in CLOSE else group["same"]
        of = stories_of(group)
        for one, other in combinations(group["items"], 2):
            pairs[level] += 1
            found[level] += of[one["id"]] == of[other["id"]]
    return ", ".join(f"{level} {found[level]} of {pairs[level]}" for level in sorted(pairs))


def main() -> None:
    if not LABELLED.exists():
        print("no labelled groups beside the project: nothing measured")
        return
    groups = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    everything = grouped(list({item["id"]: item for group in groups for item in group["items"]}.values()))
    print("pairs put into one story (look-alikes must be 0)")
    print(f"group by group: {count(groups, lambda group: grouped(group['items']))}")
    print(f"all at once:    {count(groups, lambda _: everything)}")
    print(f"even groups:    {count(groups[::2], lambda group: grouped(group['items']))}")
    print(f"odd groups:     {count(groups[1::2], lambda group: grouped(group['items']))}")


if __name__ == "__main__":
    main()
