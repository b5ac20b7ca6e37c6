"""A thumb pressed under an alert, and the one that stood there, become the person's opinion. Pure.

One opinion a person and alert: the other thumb changes it, the same thumb again withdraws it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GOOD: Final = 1
BAD: Final = -1
NONE: Final = 0
SLIP: Final = timedelta(seconds=2)  # the same thumb again, sooner than this, is a finger that slipped


@dataclass(frozen=True, slots=True)
class Opinion:
    """`value`: GOOD or BAD."""

    value: int
    at: datetime


def opinion_after(before: Opinion | None, pressed: int, now: datetime) -> int:
    """GOOD, BAD, or NONE when the press withdraws the opinion given earlier."""
    if before is None or before.value != pressed or now - before.at < SLIP:
        return pressed
    return NONE
