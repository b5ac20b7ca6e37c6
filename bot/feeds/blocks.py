"""What was read of a feed becomes what the parser may leave out of it next time.

Everything known, except that a feed is read whole once a month: the seen-marks of items that it still lists are renewed
then, so that they outlive any retention. Pure.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.feeds.memory import FeedMemory
from bot.feeds.parse.document import Document

WHOLE_EVERY = timedelta(days=30)


def known_blocks(memory: FeedMemory, now: datetime) -> str:
    """The `known` of `Parser.parse`; "" when the whole feed is due to be read."""
    recent = memory.whole_at is not None and now - memory.whole_at < WHOLE_EVERY
    return memory.blocks if recent else ""


def remember_blocks(memory: FeedMemory, document: Document, now: datetime) -> FeedMemory:
    """The memory after `document` was read, whole or in part."""
    whole = len(document.entries) == document.total
    return replace(memory, blocks=document.blocks, whole_at=now if whole else memory.whole_at)
