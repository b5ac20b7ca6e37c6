"""What a chat chose about outlets and kinds of outlets, and an alert, become the alert as that chat is told it. Pure.

    mute     no alert that only muted sources carry
    prefer   of the outlets that carry a story when it is told, a preferred one speaks, and the others are named after;
             a preferred outlet comes through although its kind is muted

A choice about an outlet weighs more than one about its kind. Who is addressed is decided by the same rules in
`store/deliveries`, in one statement for all chats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from bot.model import Alert, Mention, SourceClass


class SourceChoice(StrEnum):
    MUTE = "mute"
    PREFER = "prefer"


MUTED = 3  # ranks from here on are muted
Choices = Mapping[str, SourceChoice]  # by source, as written below


def outlet_source(outlet: str) -> str:
    """How a choice names an outlet."""
    return f"outlet:{outlet}"


def class_source(source_class: SourceClass) -> str:
    """How a choice names a kind of outlets."""
    return f"class:{source_class.value}"


def as_told(alert: Alert, choices: Choices) -> Alert:
    """The alert with the source this chat prefers speaking; as it was for a chat without choices."""
    mentions = sorted(alert.mentions, key=lambda mention: _rank(mention, choices))
    return _with_first(alert, mentions)


def is_muted(alert: Alert, choices: Choices) -> bool:
    """Whether only sources this chat muted carry the alert."""
    return bool(alert.mentions) and all(_rank(mention, choices) >= MUTED for mention in alert.mentions)


def spoken_by(alert: Alert, outlet: str) -> Alert:
    """The alert with this outlet speaking; as it was when it does not carry the story."""
    return _with_first(alert, sorted(alert.mentions, key=lambda mention: mention.outlet != outlet))


def _with_first(alert: Alert, mentions: Sequence[Mention]) -> Alert:
    if not mentions or mentions[0] is alert.mentions[0]:
        return replace(alert, mentions=tuple(mentions))
    first = mentions[0]
    return replace(
        alert, title=first.title, url=first.url, summary=first.summary, lang=first.lang, mentions=tuple(mentions)
    )


def _rank(mention: Mention, choices: Choices) -> int:
    of_outlet = choices.get(outlet_source(mention.outlet))
    of_class = choices.get(class_source(mention.source_class))
    match of_outlet, of_class:
        case SourceChoice.PREFER, _:
            return 0
        case SourceChoice.MUTE, _:
            return MUTED + 1
        case _, SourceChoice.PREFER:
            return 1
        case _, SourceChoice.MUTE:
            return MUTED
        case _:
            return 2
