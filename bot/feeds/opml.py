"""A subscription list (OPML, http://opml.org/spec2.opml) becomes feed specifications, and back.

What other readers export comes in: at most 1 MiB and 500 feeds, no entity is expanded, no address is fetched. What we
export carries class and language as categories, so that it comes back as it was, save for the ids.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from bot.errors import ConfigError, FetchFailed, Problem
from bot.feeds.file import read_address
from bot.feeds.parse import Outline, Parser
from bot.locales import say
from bot.model import FeedSpec, SourceClass
from bot.text.html import one_line

LARGEST = 1024 * 1024
MOST_FEEDS = 500
_LONGEST_OUTLET = 80


async def read_opml(
    content: bytes, file: str, language: str, parser: Parser, taken: Collection[str] = ()
) -> tuple[FeedSpec, ...]:
    """The feeds of a subscription list, in order; `language` for those that do not say, ids free of those `taken`.

    Raises ConfigError with every problem, told in `language`: too large, no list, too many feeds, addresses that
    cannot be fetched.
    """
    if len(content) > LARGEST:
        raise _refused(file, language, "large")
    try:
        outlines = await parser.outlines(content)
    except FetchFailed as error:
        raise _refused(file, language, "none") from error
    return to_feeds(outlines, file, language, taken)


def to_feeds(
    outlines: Sequence[Outline], file: str, language: str, taken: Collection[str] = ()
) -> tuple[FeedSpec, ...]:
    """The outlines as feed specifications. Raises ConfigError with every outline that cannot be one."""
    if len(outlines) > MOST_FEEDS:
        raise _refused(file, language, "many", n=len(outlines), most=MOST_FEEDS)
    problems: list[Problem] = []
    ids = set(taken)
    specs = []
    for outline in outlines:
        title = one_line(outline.title, _LONGEST_OUTLET)
        try:
            url = read_address(outline.url, language)
        except ValueError as error:
            what = say(language, "feedlist.list_address", name=title or outline.url[:60], why=error)
            problems.append(Problem(file, 0, what, language=language))
            continue
        title = title or urlsplit(url).hostname or url
        tags = {tag.strip().lower() for tag in outline.tags}
        spec = FeedSpec(free_id(title, ids), url, title, _language(tags) or language, _class(tags))
        ids.add(spec.id)
        specs.append(spec)
    if problems:
        raise ConfigError(tuple(problems))
    return tuple(specs)


def write_opml(feeds: Sequence[FeedSpec]) -> bytes:
    """The feeds as OPML 2.0."""
    outlines = "".join(
        f'    <outline type="rss" text={quoteattr(feed.outlet)} title={quoteattr(feed.outlet)}'
        f" xmlUrl={quoteattr(feed.url)} category={quoteattr(f'{feed.source_class},{feed.language}')}/>\n"
        for feed in feeds
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n  <head><title>Guetteur</title></head>\n'
        f"  <body>\n{outlines}  </body>\n</opml>\n"
    ).encode()


def _refused(file: str, language: str, key: str, **values: object) -> ConfigError:
    what, mend = say(language, f"feedlist.list_{key}", **values), say(language, f"feedlist.list_mend_{key}")
    return ConfigError((Problem(file, 0, what, mend, language=language),))


def free_id(title: str, ids: Collection[str]) -> str:
    """A slug of the title that no other feed has."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", title.lower()) if not unicodedata.combining(one))
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].rstrip("-") or "fil"
    numbered = (f"{slug}-{n}" for n in range(2, len(ids) + 3))
    return slug if slug not in ids else next(one for one in numbered if one not in ids)


def _language(tags: Collection[str]) -> str | None:
    return next((tag for tag in ("fr", "en") if tag in tags), None)


def _class(tags: Collection[str]) -> SourceClass:
    return next((kind for kind in SourceClass if kind in tags), SourceClass.PRESS)
