"""Summaries of feeds as they really come: every sentence whole, the publisher's own, and about the news.

Runs on the captures beside the project (../shared/feeds/news), and is skipped without them.
"""

import re
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import FetchFailed
from bot.feeds.parse.read import read_document
from bot.stories.summary import AT_MOST, summarise
from bot.text.language import language
from bot.text.sentences import sentences
from bot.text.tokens import words_of

NEWS = Path(__file__).resolve().parents[3] / "shared" / "feeds" / "news"
LIMIT = 400
# Written apart from the program's own lists, so that a hole in those shows.
FURNITURE = re.compile(
    r"infolettre|newsletter|abonnez|subscribe to our|lire aussi|à lire également|read more|read also|lire la suite|lire l.article"
    r"|cliquez|click here|apparu en premier|appeared first|tous droits|all rights reserved|https?:|photo ?:|crédit ?:|© ?\d"
    r"|suivez-nous|follow us|partagez cet|share this|cookies pour|publicité$|commentaires? \(|facebook\.com",
    re.IGNORECASE,
)
WHOLE = re.compile(r"[«“\"'‘(]?\s*[A-ZÀ-ÖØ-ÞŒ0-9].*[.!?](?:[\s»”\"’')]*)$", re.DOTALL)


def entries():
    for path in sorted(NEWS.rglob("*")):
        # The same feeds polled eleven times: two of the polls say what all do.
        if path.is_file() and (path.parent.parent.name != "fr-poll" or path.name < "2024-01-26T02"):
            with suppress(FetchFailed):  # some captures are pages
                yield from read_document(path.read_bytes(), "", "https://example.org/").entries


def wrong(entry):
    text = max(entry.summary, entry.body, key=len)
    lang = language(sum(word.leaning for word in words_of(f"{entry.title} {text[:2000]}")), entry.language)
    summary = summarise(entry.title, text, lang, limit=LIMIT)
    found = sentences(summary)
    if len(summary) > LIMIT or len(found) > AT_MOST + 1:
        yield f"too long: {summary}"
    flat = re.sub(r"\s+", " ", text)
    for sentence in found:
        if FURNITURE.search(sentence.text):
            yield f"furniture: {sentence.text}"
        if not WHOLE.match(sentence.text) or re.search(r"(?:…|\.\.\.|\[…\])$", sentence.text):
            yield f"cut: {sentence.text}"
        if sentence.text.count("«") != sentence.text.count("»"):
            yield f"a quotation is cut: {sentence.text}"
        if re.sub(r"\s+", " ", sentence.text).removesuffix(".") not in flat:
            yield f"not the publisher's: {sentence.text}"


@pytest.mark.skipif(not NEWS.exists(), reason="needs the captures beside the project")
def test_summaries_of_real_feeds_hold_whole_sentences_and_no_furniture():
    seen = 0
    problems = []
    for entry in entries():
        seen += 1
        problems += wrong(entry)
    assert problems == []
    assert seen > 2_000
