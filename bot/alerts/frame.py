"""How a message was laid out ⇄ the JSON that is kept of it for a day, so that it can be said again with more outlets.

A frame holds what was decided when the message was sent: for whom, in which words of time, which alerts in which order
and how much of each. Drawn again (`render.draw`) with the same alerts it gives the same message, whatever the chat has
chosen since; with a story that grew, the same message with one more outlet. It holds no word of an
article.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Detail(StrEnum):
    """How much a message says of each alert."""

    WHOLE = "whole"  # one alert alone
    SENTENCE = "sentence"  # several, each with the beginning of its summary
    TITLE = "title"  # several, titles alone


@dataclass(frozen=True, slots=True)
class Part:
    """The deliveries shown under one topic, in order."""

    topic: str
    delivery_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """`speakers`: the outlet that speaks in each delivery shown. `head`: why several alerts come together, "" for none.

    `hidden`: deliveries that the message settles and only counts. `goes_on`: the first topic began in the last message.
    `plain`: without entities. `said_at`: aware UTC, the instant as of which times are said.
    """

    language: str
    timezone: str
    said_at: datetime
    detail: Detail
    parts: tuple[Part, ...]
    speakers: tuple[str, ...] = ()
    head: str = ""
    hidden: tuple[int, ...] = ()
    goes_on: bool = False
    plain: bool = False
    silent: bool = False

    @property
    def shown(self) -> tuple[int, ...]:
        return tuple(delivery_id for part in self.parts for delivery_id in part.delivery_ids)

    @property
    def delivery_ids(self) -> tuple[int, ...]:
        """Every delivery the message settles."""
        return self.shown + self.hidden

    def to_json(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "timezone": self.timezone,
            "said_at": self.said_at.isoformat(),
            "detail": self.detail.value,
            "parts": [{"topic": part.topic, "delivery_ids": part.delivery_ids} for part in self.parts],
            "speakers": self.speakers,
            "head": self.head,
            "hidden": self.hidden,
            "goes_on": self.goes_on,
            "plain": self.plain,
            "silent": self.silent,
        }


def from_json(stored: Mapping[str, Any]) -> Frame:
    """What `Frame.to_json` gave."""
    return Frame(
        language=stored["language"],
        timezone=stored["timezone"],
        said_at=datetime.fromisoformat(stored["said_at"]),
        detail=Detail(stored["detail"]),
        parts=tuple(Part(part["topic"], tuple(part["delivery_ids"])) for part in stored["parts"]),
        speakers=tuple(stored["speakers"]),
        head=stored["head"],
        hidden=tuple(stored["hidden"]),
        goes_on=stored["goes_on"],
        plain=stored["plain"],
        silent=stored["silent"],
    )
