"""How fast an item is matched at 300, 10,000 and 100,000 terms, and what the index costs; printed as ratios in one run.

Every word is made here by a seeded generator (Zipf-like frequencies, as in any language), so the figures can be had
anywhere and no publisher's text is needed. The rivals are what peers do: a loop of `in`, and one big alternation in
`re`; both only look for letters, without forms, accents, scores or reasons.

    python benchmarks/bench_match.py [--check]      --check: exit code 1 when a promised figure is missed
"""

import gc
import random
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import accumulate

from bot.model import Text
from bot.text.fold import fold
from bot.topics.match import Index, build_index
from bot.topics.syntax import LITTLE_WORDS, Term, parse_term
from bot.topics.topic import Group, Topic, Topics, WeighedTerm

SIZES = (300, 10_000, 100_000)
VOCABULARY = 300_000  # names included
ZIPF = 1.2  # with it 60,000 words hold some 11,000 different ones; those of real headlines and summaries 9,500
ITEMS = 2_000
TITLE, SUMMARY = 10, 50  # words
NAMES = 5_000  # words rarer than this rank are names, brands, places: what people follow
ONSETS = ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "br", "ch", "cr", "gr", "pl", "tr", "qu"]
VOWELS = ["a", "e", "é", "i", "o", "u", "ai", "au", "eu", "ou", "oi", "an", "en", "in", "on"]
ENDINGS = ["", "", "", "s", "e", "es", "r", "t", "tion", "ment", "eur", "ique"]


def make_words(dice: random.Random) -> list[str]:
    """Distinct words, the most frequent first and shortest."""
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = dice.randint(1, 2 + min(3, len(words) // 2_000))
        stem = "".join(dice.choice(ONSETS) + dice.choice(VOWELS) for _ in range(syllables))
        word = stem + dice.choice(ENDINGS)
        if fold(word) not in LITTLE_WORDS:  # a term of nothing else is refused
            words.setdefault(word)
    return list(words)


def make_texts(dice: random.Random, words: Sequence[str]) -> list[Text]:
    weights = list(accumulate((rank + 3) ** -ZIPF for rank in range(len(words))))
    texts = []
    for _ in range(ITEMS):
        drawn = dice.choices(words, cum_weights=weights, k=TITLE + SUMMARY)
        title, summary = " ".join(drawn[:TITLE]).capitalize(), " ".join(drawn[TITLE:])
        texts.append(Text(title, f"{summary.capitalize()}.", lang="fr"))
    return texts


def make_terms(dice: random.Random, words: Sequence[str], count: int, subjects: int = 0) -> list[str]:
    """Terms as people write them: a name, or a name with a common word, a third of them with signs.

    The first `subjects` are of the kind a keyword file holds: words that the news are full of. The rest are what single
    people follow: names, streets, firms.
    """
    found: dict[str, None] = {}
    while len(found) < count:
        ranks = (NAMES // 10, NAMES) if len(found) < subjects else (NAMES, len(words))
        name, other = (words[dice.randrange(*ranks)] for _ in range(2))
        common, little = words[dice.randrange(100, NAMES)], words[dice.randrange(30)]
        shapes = (
            [name] * 2
            + [f"{name} {other}", f"{name} {common}", f"{common} {name}", f"{common} {little} {name}"] * 3
            + [f"{name} ~5 {common}", f"{common} & {name}", f"({name} | {other}) {common}", f'"{name} {other}"'] * 2
        )
        truncated = len(name) > 5 and not dice.randrange(100)
        found.setdefault(f"{name}*" if truncated else dice.choice(shapes))
    return list(found)


def topics_of(terms: Sequence[Term]) -> Topics:
    weighed = tuple(WeighedTerm(term, Group.STRONG, 1.0) for term in terms)
    return Topics((Topic("topic", {"fr": "Sujet", "en": "Topic"}, "", weighed),))


def rate(work: Callable[[Text], object], texts: Sequence[Text], seconds: float = 1.5) -> float:
    """Items a second of processor time, over whole passes that take about `seconds` in all; the best pass counts."""
    for text in texts:  # once before: a bot has met most words
        work(text)
    best = 0.0
    until = time.process_time() + seconds
    while True:
        start = time.process_time()
        for text in texts:
            work(text)
        best = max(best, len(texts) / (time.process_time() - start))
        if time.process_time() > until:
            return best


def naive(terms: Sequence[str]) -> Callable[[Text], object]:
    plain = [re.sub(r'["*&~]|\d', "", term).lower() for term in terms]

    def work(text: Text) -> list[str]:
        whole = f"{text.title}\n{text.summary}".lower()
        return [term for term in plain if term in whole]

    return work


def alternation(terms: Sequence[str]) -> Callable[[Text], object]:
    plain = sorted((re.sub(r'["*&~]|\d', "", term).lower() for term in terms), key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, plain)) + r")\b")
    return lambda text: pattern.findall(f"{text.title}\n{text.summary}".lower())


def measure_build(terms: Sequence[str]) -> tuple[Index, float, float, float]:
    """The index, seconds to parse the terms, seconds to build it, megabytes it holds beside the parsed terms."""
    start = time.process_time()
    topics = topics_of([parse_term(term) for term in terms])
    parsing = time.process_time() - start
    gc.collect()
    gc.freeze()  # what this script holds is not the index's to walk
    start = time.process_time()
    index = build_index(topics)
    building = time.process_time() - start
    gc.collect()
    tracemalloc.start()
    held = build_index(topics)
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del held
    gc.collect()
    gc.freeze()  # nor need it be walked while reading: as a program does once it has started
    return index, parsing, building, megabytes


def measure_adding(index: Index, dice: random.Random, words: Sequence[str]) -> tuple[float, float]:
    """Milliseconds to parse and add one personal keyword to a live index: median, and the slowest of 500."""
    spent = []
    for owner, source in enumerate(make_terms(dice, words, 500)):
        start = time.process_time()
        index.add_personal(owner, parse_term(source))
        spent.append((time.process_time() - start) * 1000)
    return sorted(spent)[len(spent) // 2], max(spent)


def main() -> int:
    dice = random.Random(2026)
    words = make_words(dice)
    texts = make_texts(dice, words)
    terms = make_terms(dice, words, max(SIZES), subjects=min(SIZES))
    ours: dict[int, float] = {}
    print(f"{ITEMS} items of {TITLE + SUMMARY} words, one core")
    print(f"{'terms':>8} {'items/s':>9} {'flagged':>8} {'× loop of in':>13} {'× one regex':>12}")
    for size in SIZES:
        index, parsing, building, megabytes = measure_build(terms[:size])
        ours[size] = rate(index.match, texts)
        flagged = sum(bool(index.match(text).topics) for text in texts) / len(texts)
        few = texts[: max(10, 200_000 // size)]
        loop, regex = rate(naive(terms[:size]), few, 0.5), rate(alternation(terms[:size]), few[:50], 0.5)
        print(f"{size:>8} {ours[size]:>9.0f} {flagged:>8.1%} {ours[size] / loop:>13.1f} {ours[size] / regex:>12.1f}")
    kept = ours[SIZES[-1]] / ours[SIZES[0]]
    median, slowest = measure_adding(index, dice, words)
    print(f"speed kept from {SIZES[0]} to {SIZES[-1]} terms: {kept:.2f} (promised: 0.5)")
    print(
        f"{SIZES[-1]} terms: read in {parsing:.2f} s, index built in {building:.2f} s (promised: 3),"
        f" {megabytes:.0f} MB (promised: 100)"
    )
    print(f"one personal keyword read and added: {median:.3f} ms, the slowest of 500 {slowest:.3f} ms (promised: 1)")
    promised = min(ours.values()) >= 5_000 and kept >= 0.5 and building <= 3 and megabytes <= 100 and median <= 1
    return 0 if promised or "--check" not in sys.argv else 1


if __name__ == "__main__":
    sys.exit(main())
