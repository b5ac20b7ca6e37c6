"""The bytes of a body become a Document: feedparser's only home.

Runs in the parsing process. feedparser is called on bytes with its sanitizer and its link resolver off: they are the
two parts that a hostile feed can make quadratic, and our text has no markup left for them. A body that is no feed
raises FetchFailed: "empty", "html_page", "not_a_feed", or "parser_failed" where feedparser itself gave up.
"""

import io
import re
import time
import warnings
from calendar import timegm
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from bot.errors import FetchFailed
from bot.feeds.memory import Hints
from bot.feeds.parse.charset import to_text, to_xml
from bot.feeds.parse.cut import Cut, cut
from bot.feeds.parse.document import (
    LONGEST_NAME,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    MOST_CATEGORIES,
    OLDEST,
    Document,
)
from bot.feeds.parse.jsonfeed import looks_like_json, read_json
from bot.model import Entry
from bot.text.html import html_to_text, one_line
from bot.text.urls import absolute_url

_BLANK = b"\x00\t\n\r\x0b\x0c \xef\xbb\xbf\xfe\xff"
_HTML = re.compile(rb"^\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_SKIP = re.compile(rb"<skip(Hours|Days)>(.{0,2000}?)</skip", re.DOTALL | re.IGNORECASE)
_SKIPPED = re.compile(rb"<(?:hour|day)>\s*(\w+)\s*</", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FRENCH_MONTHS = {
    "jan": "jan", "fév": "feb", "fev": "feb", "mar": "mar", "avr": "apr", "mai": "may", "juin": "jun", "juil": "jul",
    "aoû": "aug", "aou": "aug", "sep": "sep", "oct": "oct", "nov": "nov", "déc": "dec", "dec": "dec",
}  # fmt: skip
_FRENCH_DATE = re.compile(
    r"^(?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*\.?,?\s+)?(\d{1,2}(?:er)?)\s+("
    + "|".join(_FRENCH_MONTHS)
    + r")[a-zéû]*\.?\s+(\d{4})"
    r"(?:[,\s]+(?:à\s+)?(\d{1,2})\s*[:h]\s*(\d{2})(?::(\d{2}))?)?\s*(.*)$",
    re.IGNORECASE,
)


def read_document(content: bytes, content_type: str, base_url: str, known: str = "") -> Document:
    """The document that a body is, with its entries; see the module for what it raises."""
    document, entries = open_document(content, content_type, base_url, known)
    read = tuple(entries)
    return replace(document, entries=read, total=document.total + len(read))


def open_document(
    content: bytes, content_type: str, base_url: str, known: str = ""
) -> tuple[Document, Iterator[Entry]]:
    """The document without its entries (`total` counts those left out), and the entries, read as they are asked for."""
    if not content.strip(_BLANK):
        raise FetchFailed("empty")
    if looks_like_json(content, content_type):
        document = read_json(to_text(content, content_type), base_url, known)
        return replace(document, entries=(), total=document.total - len(document.entries)), iter(document.entries)
    part = cut(to_xml(content, content_type), known)
    first, *rest = part.slices
    parsed = _parse(first, base_url)
    if not parsed.get("version") and not parsed["entries"] and not part.left_out:
        raise FetchFailed("html_page" if _HTML.search(content[:8_192]) else "not_a_feed")

    def entries() -> Iterator[Entry]:
        for one in parsed["entries"]:
            yield _entry(one, base_url)
        for xml in rest:
            for one in _parse(xml, base_url)["entries"]:
                yield _entry(one, base_url)

    return _document(parsed, first, part, base_url), entries()


def _document(parsed: Any, xml: bytes, part: Cut, base_url: str) -> Document:
    feed = parsed["feed"]
    return Document(
        entries=(),
        total=part.left_out,
        blocks=part.blocks,
        version=parsed.get("version") or "",
        title=one_line(_text(feed, "title"), LONGEST_TITLE),
        link=absolute_url(_text(feed, "link"), base_url),
        language=_language(_text(feed, "language")),
        hints=_hints(feed, xml),
        hub=_link(feed, "hub", base_url),
        self_url=_link(feed, "self", base_url),
        next_url=_link(feed, "next", base_url),
    )


def _parse(xml: bytes, base_url: str) -> Any:
    """What feedparser makes of bytes in a stream: given bare bytes, it would first try to open a file of that name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return feedparser.parse(
                io.BytesIO(xml),
                agent="-",
                response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base_url},
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    except MemoryError:
        raise
    except Exception as error:  # feedparser raises whatever its input makes it stumble on
        raise FetchFailed("parser_failed", type(error).__name__) from error


def _entry(raw: Any, base_url: str) -> Entry:
    contents = [str(part.get("value") or "") for part in raw.get("content") or ()]
    summary, body = _text(raw, "summary"), max(contents, key=len, default="")
    if summary == body and contents:
        summary = ""  # feedparser copies a lone content into the summary
    return Entry(
        title=one_line(_text(raw, "title"), LONGEST_TITLE),
        link=absolute_url(_text(raw, "feedburner_origlink") or _text(raw, "link"), base_url),
        guid=_text(raw, "id").strip() or None,
        summary=html_to_text(summary, LONGEST_SUMMARY),
        body=html_to_text(body),
        published_at=_instant(raw),
        language=_language(_text(raw, "language") or _text(raw.get("title_detail") or {}, "language")),
        author=one_line(_text(raw, "author"), LONGEST_NAME),
        categories=_categories(raw),
    )


def _text(raw: Any, name: str) -> str:
    """A value as feedparser stored it, without the detours of its own dictionary."""
    value = dict.get(raw, name)
    return value if isinstance(value, str) else ""


def _categories(raw: Any) -> tuple[str, ...]:
    terms = [tag.get("label") or tag.get("term") or "" for tag in (raw.get("tags") or ())[:MOST_CATEGORIES]]
    return tuple(dict.fromkeys(filter(None, (one_line(term, LONGEST_NAME) for term in terms))))


def _instant(raw: Any) -> datetime | None:
    """When the publisher says it came out; None for no date, an unreadable or an impossible one."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        parts = dict.get(raw, name)
        if parts:
            try:
                at = datetime.fromtimestamp(timegm(parts), UTC)
            except (ValueError, OverflowError, OSError):
                continue
            return at if at >= OLDEST else None
    return None


def _language(tag: str) -> str | None:
    """The primary part of a tag ("fr-CA" → "fr"); None for what is no language tag."""
    primary = re.match(r"[a-z]{2,3}(?=$|[-_])", tag.strip().lower())
    return primary[0] if primary else None


def _link(feed: Any, rel: str, base_url: str) -> str | None:
    for link in feed.get("links") or ():
        if link.get("rel") == rel:
            return absolute_url(link.get("href"), base_url)
    return None


def _hints(feed: Any, xml: bytes) -> Hints:
    """RSS 2.0 <ttl>, skipHours and skipDays, and the syndication module's updatePeriod over updateFrequency."""
    asked = []
    ttl = _text(feed, "ttl").strip()
    if ttl.isdecimal():
        asked.append(timedelta(minutes=int(ttl[:6])))
    period = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    if period:
        times = _text(feed, "sy_updatefrequency").strip()
        asked.append(period / max(int(times[:4]) if times.isdecimal() else 1, 1))
    skipped: dict[bytes, list[str]] = {b"hours": [], b"days": []}
    for block in _SKIP.finditer(xml[:100_000]):
        skipped[block[1].lower()] += [found.decode("utf-8", "replace").lower() for found in _SKIPPED.findall(block[2])]
    return Hints(
        ttl=max(asked, default=timedelta(0)) or None,
        skip_hours=tuple(
            sorted({int(hour) % 24 for hour in skipped[b"hours"] if hour.isdecimal() and int(hour[:4]) <= 24})
        ),
        skip_days=tuple(sorted({_DAYS.index(day) for day in skipped[b"days"] if day in _DAYS})),
    )


def _read_french_date(text: str) -> time.struct_time | None:
    """`mar., 29 mars 2022 10:00:00 -0400` and `29 mars 2022 à 10 h 00`, which RFC 822 parsers do not know."""
    found = _FRENCH_DATE.match(text.strip())
    if not found:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    clock = f"{hour or 0}:{minute or 0}:{second or 0} {zone or 'GMT'}"
    english = f"{day.removesuffix('er')} {_FRENCH_MONTHS[month.lower()]} {year} {clock}"
    parsed: time.struct_time | None = feedparser.datetimes.rfc822._parse_date_rfc822(english)  # noqa: SLF001 (no public name)
    return parsed


feedparser.registerDateHandler(_read_french_date)
feedparser.api.PREFERRED_XML_PARSERS.clear()  # libxml2's driver is never there: expat at once, without looking for it
