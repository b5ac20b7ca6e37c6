"""A JSON Feed (https://www.jsonfeed.org/version/1.1/) becomes a Document; feedparser 6 reads none.

Tolerant as readers must be: numbers for ids, one author or several, missing titles. Wrong types are skipped.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.errors import FetchFailed
from bot.feeds.parse.cut import fingerprint, read_prints
from bot.feeds.parse.document import (
    LONGEST_NAME,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    MOST_CATEGORIES,
    OLDEST,
    Document,
)
from bot.model import Entry
from bot.text.html import html_to_text, one_line, tidy_text
from bot.text.urls import absolute_url


def looks_like_json(content: bytes, content_type: str) -> bool:
    """By its first character; the content type only decides that an array or a number is a failed JSON Feed."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" or "json" in content_type.lower()


def read_json(text: str, base_url: str, known: str = "") -> Document:
    """The document, without the items whose fingerprints `known` holds. Raises FetchFailed("not_a_feed")."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FetchFailed("not_a_feed", "JSON") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not str(feed.get("version", "")).startswith("https://jsonfeed.org/"):
        raise FetchFailed("not_a_feed", "JSON")
    items = [item for item in items if isinstance(item, dict)]
    prints = [fingerprint(json.dumps(item, sort_keys=True).encode()) for item in items]
    named = [str(item.get("id") or item.get("url") or number) for number, item in enumerate(items)]
    whole = len(set(named)) < len(named)  # ids that repeat show themselves only in the whole document
    before = frozenset() if whole else read_prints(known)
    entries = tuple(_entry(item, base_url) for item, mark in zip(items, prints, strict=True) if mark not in before)
    hubs = [hub.get("url") for hub in _listed(feed, "hubs") if isinstance(hub, dict)]
    return Document(
        entries=entries,
        total=len(items),
        blocks="" if whole else "".join(prints),
        version="json1",
        title=one_line(_text(feed, "title"), LONGEST_TITLE),
        link=absolute_url(_text(feed, "home_page_url"), base_url),
        language=_text(feed, "language").partition("-")[0].lower() or None,
        hub=absolute_url(hubs[0], base_url) if hubs and isinstance(hubs[0], str) else None,
        self_url=absolute_url(_text(feed, "feed_url"), base_url),
        next_url=absolute_url(_text(feed, "next_url"), base_url),
    )


def _entry(item: Mapping[str, Any], base_url: str) -> Entry:
    body = html_to_text(_text(item, "content_html")) or tidy_text(_text(item, "content_text"))
    name = item.get("id")
    return Entry(
        title=one_line(_text(item, "title"), LONGEST_TITLE),
        link=absolute_url(_text(item, "url") or _text(item, "external_url"), base_url),
        guid=str(name).strip()[:4_096] or None if isinstance(name, str | int | float) else None,
        summary=html_to_text(_text(item, "summary"), LONGEST_SUMMARY),
        body=body,
        published_at=_instant(_text(item, "date_published")) or _instant(_text(item, "date_modified")),
        language=_text(item, "language").partition("-")[0].lower() or None,
        author=_author(item),
        categories=tuple(
            one_line(tag, LONGEST_NAME) for tag in _listed(item, "tags")[:MOST_CATEGORIES] if isinstance(tag, str)
        ),
    )


def _author(item: Mapping[str, Any]) -> str:
    authors = [*_listed(item, "authors"), item.get("author")]
    return one_line(
        ", ".join(_text(author, "name") for author in authors if isinstance(author, dict))[:LONGEST_NAME],
        LONGEST_NAME,
    )


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at >= OLDEST else None


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _listed(values: Mapping[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []
