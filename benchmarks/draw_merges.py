"""Days of news beside the project → a random sample of the merges grouping makes there, to be judged by eye.

Nobody labelled those days: a person reads each pair and counts. The figures of docs/stories.md name the seed they were
read with. Items come two minutes apart, in the order of the file; a merge is an item that joined a story, shown with
the first and the latest item it joined. Needs ../shared/eval/news_days; says so without it.

Run: python benchmarks/draw_merges.py [--seed 2511] [--sample 50]
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from bot.stories.fingerprint import fingerprint
from bot.stories.group import Joined
from bot.stories.window import Window

NEWS = Path(__file__).resolve().parents[2] / "shared" / "eval" / "news_days"
DAYS = ("2024-01-29", "2024-01-30", "2024-02-13")
APART = timedelta(minutes=2)


def merges_of(day: str) -> Iterator[tuple[str, list[str]]]:
    """The title of each item that joined a story, and those that the story held."""
    window, held = Window(), defaultdict[int, list[str]](list)
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for item in json.loads((NEWS / f"news_{day}.json").read_text("utf-8")):
        outlet = urlsplit(item["link"]).netloc
        story, grouping = window.put(fingerprint(item["title"], item["summary"] or "", "fr", outlet, at))
        if isinstance(grouping, Joined):
            yield item["title"], held[story][:]
        held[story].append(item["title"])
        at += APART


def main(seed: int, size: int) -> None:
    if not NEWS.exists():
        print("no days of news beside the project: nothing drawn")
        return
    for day in DAYS:
        merges = list(merges_of(day))
        print(f"{day}: {len(merges)} merges")
        for number, (title, held) in enumerate(Random(f"{seed} {day}").sample(merges, size), start=1):
            print(f"{number:3} {title[:115]}")
            for other in dict.fromkeys((held[0], held[-1])):
                print(f"    < {other[:100]}  [{len(held)}]")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=2511)
    options.add_argument("--sample", type=int, default=50)
    chosen = options.parse_args()
    main(chosen.seed, chosen.sample)
