"""Forty items → the summary, the feed's description, the lead and LexRank, held to the same criteria.

Items: the thirty pages of tests/stories/pages, and ten articles of a full-text feed beside the project (../shared),
left out where it is absent. All but the description read the article as `stories/article` extracts it. The
description is made as WordPress feeds make it: the first 55 words of the page's text and "[…]".

Criteria, each a share of the items: **whole** (only whole sentences), **clean** (no furniture: byline, dateline,
caption, card, credit), **short** (≤ 400 characters), **facts** (of those listed in facts.json for the page: who, how
much, how many); and the mean number of distinct checkable facts (money, percentages, figures, dates, acronyms,
names). Run: python benchmarks/bench_summaries.py
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.feeds.parse.read import read_document
from bot.stories.article import extract_article
from bot.stories.facts import facts
from bot.stories.quotable import is_furniture, words
from bot.stories.summary import summarise
from bot.text.html import html_to_text
from bot.text.sentences import sentences

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "tests" / "stories" / "pages"
FULL_TEXT = ROOT.parent / "shared" / "feeds" / "news" / "other" / "next_inpact_full.xml"
LIMIT = 400
WHOLE = re.compile(r"[«“\"'‘(]?\s*[A-ZÀ-ÖØ-ÞŒ0-9].*[.!?](?:[\s»”\"’')]*)$", re.DOTALL)
DATELINE = re.compile(r"^(?:\([A-ZÉ][^)]{2,40}\)|[A-ZÉÀ’' -]{4,40}(?:,[^—–]{0,40})?\s[—–-]) ")


@dataclass(frozen=True, slots=True)
class Item:
    title: str
    text: str  # the article, a paragraph a line
    page: str  # all that the page says
    lang: str
    asked: tuple[str, ...]  # facts that a summary should tell


def items() -> list[Item]:
    asked = json.loads((PAGES / "facts.json").read_text("utf-8"))
    found = []
    for path in sorted(PAGES.glob("*.html")):
        content = path.read_bytes()
        article = extract_article(content, "https://courrier.example/")
        page = html_to_text(content.decode().partition("</title>")[2])
        lang = "fr" if b'lang="fr"' in content else "en"
        found.append(Item(article.title, article.text, page, lang, tuple(asked[path.name])))
    if FULL_TEXT.exists():
        entries = read_document(FULL_TEXT.read_bytes(), "", "https://example.org/").entries
        texts = ((entry.title, max(entry.summary, entry.body, key=len)) for entry in entries[:10])
        found += [Item(title, text, text, "fr", ()) for title, text in texts]
    return found


def ours(item: Item) -> str:
    return summarise(item.title, item.text, item.lang, limit=LIMIT)


def description(item: Item) -> str:
    told = item.page.split()
    return " ".join(told[:55]) + (" […]" if len(told) > 55 else "")


def lead(item: Item) -> str:
    return item.text.partition("\n")[0]


def lexrank(item: Item) -> str:
    """Erkan and Radev 2004: the sentences most like the others, by the stationary distribution of their cosines."""
    told = [sentence.text for sentence in sentences(item.text)][:60]
    bags = [Counter(sorted(words(sentence))) for sentence in told]
    spread = Counter(word for bag in bags for word in bag)
    weighed = [{word: count * math.log(len(bags) / spread[word] + 1) for word, count in bag.items()} for bag in bags]
    norms = [math.sqrt(sum(value**2 for value in bag.values())) or 1 for bag in weighed]
    links = [
        [
            sum(value * other.get(word, 0) for word, value in one.items()) / (norm * other_norm)
            for other, other_norm in zip(weighed, norms, strict=True)
        ]
        for one, norm in zip(weighed, norms, strict=True)
    ]
    rank = [1 / len(told)] * len(told)
    for _ in range(40):
        rank = [
            0.15 / len(told) + 0.85 * sum(rank[j] * links[j][i] / (sum(links[j]) or 1) for j in range(len(told)))
            for i in range(len(told))
        ]
    chosen: list[int] = []
    for place in sorted(range(len(told)), key=lambda place: -rank[place]):
        if len(chosen) < 3 and sum(len(told[one]) + 1 for one in (*chosen, place)) - 1 <= LIMIT:
            chosen.append(place)
    return " ".join(told[place] for place in sorted(chosen))


METHODS: dict[str, Callable[[Item], str]] = {
    "our summary": ours,
    "feed's description": description,
    "lead": lead,
    "LexRank": lexrank,
}


def is_whole(summary: str) -> bool:
    found = [sentence.text for sentence in sentences(summary)]
    return bool(found) and all(WHOLE.match(text) and not re.search(r"(?:…|\[…\])$", text) for text in found)


def is_clean(summary: str) -> bool:
    return not DATELINE.match(summary) and not any(is_furniture(sentence.text) for sentence in sentences(summary))


def main() -> None:
    told = items()
    print(f"{len(told)} items")
    print("| | whole | clean | short | facts asked | distinct facts | mean characters |")
    print("|---|---|---|---|---|---|---|")
    for name, method in METHODS.items():
        summaries = [method(item) for item in told]
        asked = [fact in text for item, text in zip(told, summaries, strict=True) for fact in item.asked]
        shares = (
            sum(map(is_whole, summaries)) / len(told),
            sum(map(is_clean, summaries)) / len(told),
            sum(len(text) <= LIMIT for text in summaries) / len(told),
            sum(asked) / len(asked),
        )
        distinct = sum(len({fact.key for fact in facts(text)}) for text in summaries) / len(told)
        cells = [f"{share:.0%}" for share in shares] + [
            f"{distinct:.1f}",
            f"{sum(map(len, summaries)) / len(told):.0f}",
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
