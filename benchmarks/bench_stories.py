"""A day of 600 items, and a window of 100,000 → what grouping and summarising an item cost.

Texts are made of words drawn as in news (Zipf), one item in five telling an earlier piece of news in other words, so
that the benchmark needs no one's articles. Times depend on the machine; the ratios of the last lines must stay near 1.
Run: python benchmarks/bench_stories.py
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.stories.fingerprint import Fingerprint, fingerprint
from bot.stories.summary import summarise
from bot.stories.window import Window

START = datetime(2026, 11, 24, tzinfo=UTC)
SYLLABLES = ("ba", "cor", "dal", "fen", "gri", "lom", "mar", "nou", "pel", "quin", "rav", "sol", "tur", "ver", "zan")
VOCABULARY = 30_000
SIZES = (1_000, 10_000, 100_000)
MEASURED = 300

Told = tuple[list[str], list[str]]


def vocabulary(dice: random.Random) -> list[str]:
    return ["".join(dice.choice(SYLLABLES) for _ in range(2 + dice.randrange(3))) for _ in range(VOCABULARY)]


def told(dice: random.Random, count: int) -> Iterator[Told]:
    """Words of titles and leads, a fifth of them about something told shortly before."""
    words = vocabulary(dice)
    past: list[list[str]] = []
    for _ in range(count):
        title = [words[min(VOCABULARY - 1, int(dice.paretovariate(0.35)))] for _ in range(8)]
        lead = [words[min(VOCABULARY - 1, int(dice.paretovariate(0.35)))] for _ in range(18)]
        if past and dice.random() < 0.2:
            title = [*title[:2], *dice.sample(dice.choice(past[-200:]), 6)]
        else:
            past.append(title)
        yield title, lead


def text(item: Told) -> tuple[str, str]:
    title, lead = item
    return f"Le {title[0].title()} {' '.join(title[1:])}", f"{' '.join(lead)} {title[0].title()}, {len(lead)} dollars."


def prints(item: Told, at: datetime) -> Fingerprint:
    title, lead = (frozenset([*words, *("+".join(pair) for pair in pairwise(words))]) for words in item)
    return Fingerprint("outlet", at, title, lead - title, frozenset(item[0][:1]), frozenset(), frozenset())


def a_day(items: list[Told]) -> float:
    """Seconds for all of them, from text to story."""
    texts = [text(item) for item in items]
    began = time.process_time()
    window = Window()
    for number, (title, lead) in enumerate(texts):
        window.put(fingerprint(title, lead, "fr", f"outlet {number % 12}", START + timedelta(minutes=2 * number)))
    return time.process_time() - began


def growing(items: list[Told]) -> list[float]:
    """Milliseconds an item once the window holds each of SIZES items, all within two days."""
    window = Window()
    step = timedelta(hours=40) / len(items)
    costs: list[float] = []
    began = 0.0
    for number, item in enumerate(items):
        if number + MEASURED in SIZES:
            began = time.process_time()
        window.put(prints(item, START + number * step))
        if number + 1 in SIZES:
            costs.append(1000 * (time.process_time() - began) / MEASURED)
    return costs


def main() -> None:
    items = list(told(random.Random(4), SIZES[-1]))
    print(f"600 items grouped in {a_day(items[:600]):.2f} s (must: 2 s)")
    costs = growing(items)
    for size, cost in zip(SIZES, costs, strict=True):
        print(f"window of {size:>7,} items: {cost:.2f} ms an item, {cost / costs[0]:.2f} times the first")
    article = "\n".join(". ".join(text(item)) for item in items[:30])
    began = time.process_time()
    for _ in range(20):
        summarise("Un titre", article, "fr")
    print(f"summary of {len(article):,} characters: {(time.process_time() - began) * 50:.1f} ms")


if __name__ == "__main__":
    main()
