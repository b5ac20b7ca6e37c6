"""A broadcast becomes the message each chat reads, and the screen with a bar that the admin watches. Pure.

The text is the admin's own, so links in it stay links; what cannot be seen is taken out. Nothing in it is markup.
"""

from typing import Final

from bot.alerts.rich import Rich, bold, joined, text
from bot.changes import Broadcast, BroadcastState
from bot.locales import say
from bot.model import Button, Message

UNITS: Final = 2_000  # of a text: under what is read of a command (telegram/visit)
BAR: Final = 12  # signs of the bar
_JOINER: Final = "\u200d"  # joins the parts of an emoji


def written(typed: str) -> str:
    """What may be sent of what was typed: lines of visible characters."""
    kept = "".join(char for char in typed if char in {"\n", _JOINER} or char.isprintable())
    return "\n".join(line.rstrip() for line in kept.strip().split("\n"))


def draw_broadcast(broadcast: Broadcast) -> Message:
    """What a chat reads."""
    body = text(broadcast.text)
    return Message(body.html, body.plain)


def draw_progress(broadcast: Broadcast) -> Message:
    """What the admin watches: a bar while it goes, the counts, and a way to stop."""
    language, state = broadcast.language, broadcast.state
    gone = broadcast.total - broadcast.waiting
    counts = [
        say(language, "admin.cast_sent", n=broadcast.sent),
        say(language, "admin.cast_failed", n=broadcast.failed) if broadcast.failed else "",
        say(language, "admin.cast_uncertain", n=broadcast.uncertain) if broadcast.uncertain else "",
    ]
    body = joined(
        "\n\n",
        (
            bold(text(say(language, f"admin.cast_{state.value}"))),
            text(f"{bar(gone, broadcast.total)} {gone} / {broadcast.total}"),
            joined("\n", map(text, counts)),
        ),
    )
    stop = Button(say(language, "admin.key_cast_stop"), data=f"dc1:{broadcast.id}")
    home = Button(say(language, "admin.key_state"), data="o1:state")
    row: tuple[Button, ...] = (stop,) if state is BroadcastState.SENDING else (home,)
    return Message(body.html, body.plain, (row,))


def bar(done: int, total: int) -> str:
    """▓▓▓▓░░░░"""
    full = BAR if total == 0 else BAR * done // total
    return "▓" * full + "░" * (BAR - full)


def preview(broadcast: Broadcast) -> Rich:
    """The text as it will be read, under a line that says it is not sent yet."""
    title = bold(text(say(broadcast.language, "admin.cast_preview", n=broadcast.waiting)))
    return joined("\n\n", (title, text(broadcast.text), text(say(broadcast.language, "admin.cast_hint"))))
