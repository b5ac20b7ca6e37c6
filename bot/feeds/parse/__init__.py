"""The bytes of a body become a document of entries, in a process of their own that may be killed.

    bytes → text (charset) → unseen blocks only (cut) → feedparser, or the JSON Feed reader → Document

Subscription lists and article pages go the same way. `Parser` is the door; the rest runs in the child. feedparser
lives in `read`, listparser in `outlines`, and nowhere else.
"""

from bot.feeds.parse.document import Document, Outline
from bot.feeds.parse.pool import ParseLimits, Parser

__all__ = ["Document", "Outline", "ParseLimits", "Parser"]
