"""A subscription list becomes its outlines: listparser's only home.

Runs in the parsing process, because listparser takes minutes for a megabyte of categories. Raises
FetchFailed("not_a_list") for what is none.
"""

from typing import Any

import listparser

from bot.errors import FetchFailed
from bot.feeds.parse.document import Outline

_MOST = 5_000  # outlines sent back; who reads them allows fewer


def read_outlines(content: bytes) -> tuple[Outline, ...]:
    """The feeds of an OPML, FOAF or iGoogle list, in order."""
    try:
        feeds: list[Any] = listparser.parse(content).feeds
    except (SyntaxError, ValueError, LookupError, RecursionError) as error:  # lxml's errors are SyntaxErrors
        raise FetchFailed("not_a_list", type(error).__name__) from error
    if not feeds:
        raise FetchFailed("not_a_list")
    return tuple(Outline(feed.url, feed.title, tuple(feed.tags)) for feed in feeds[:_MOST])
