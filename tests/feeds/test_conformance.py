"""Every capture and every conformance file, through the real parsing process: no crash, no hang, no entry lost."""

import io
from pathlib import Path

import feedparser
import pytest

from bot.errors import FetchFailed
from bot.feeds.parse import Parser

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "feeds"


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captures are not beside the project")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:feedparser")
async def test_every_file_gives_the_entries_that_feedparser_counts_in_it():
    files = sorted(file for folder in ("odd", "news") for file in (CAPTURES / folder).rglob("*") if file.is_file())
    assert len(files) > 700
    feeds = 0
    async with Parser() as parser:
        for file in files:
            content = file.read_bytes()
            expected = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
            try:
                document = await parser.parse(content, "", "https://journal.example/fil.xml")
            except FetchFailed as failed:
                assert failed.cause in {"not_a_feed", "html_page", "empty"}, file  # noqa: PT017
                assert (expected.entries, expected.get("version") or "") == ([], ""), file
                continue
            feeds += 1
            assert len(document.entries) == document.total == len(expected.entries), file
            assert document.version == (expected.get("version") or ""), file
    assert feeds > 700
