"""A press on a topic's clock becomes a rhythm in which that topic has its own hours; and the screen to choose.

A topic follows the rhythm of its chat until somebody says otherwise. The presses are those of `rhythm`, on a rhythm of
the topic's own; the quiet of the chat holds for all. Every button says the state it leads to. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.locales import say
from bot.model import Button, Chat, Rhythm, TopicRhythm
from bot.telegram import rhythm as whole
from bot.telegram.reply import Screen, key, lines, page, rows_of

SAME = "same"
WHEN = frozenset({"now", "digest", "weekly", "add", "drop", "day"})  # presses that say when, of all of a rhythm's


def own_rhythm(rhythm: Rhythm, topic: str) -> Rhythm | None:
    """When a topic is told, where the chat chose it apart from the rest."""
    found = next((other for other in rhythm.topics if other.topic == topic), None)
    return Rhythm(found.digest_hours, found.digest_weekdays) if found else None


def rhythm_after(rhythm: Rhythm, topic: str, args: tuple[str, ...]) -> Rhythm | None:
    """The chat's rhythm a press on a topic leads to; None when its arguments mean nothing."""
    others = tuple(other for other in rhythm.topics if other.topic != topic)
    if args == (SAME,):
        return replace(rhythm, topics=others)
    own = whole.rhythm_after(own_rhythm(rhythm, topic) or Rhythm(), args) if args and args[0] in WHEN else None
    if own is None:
        return None
    return replace(rhythm, topics=(*others, TopicRhythm(topic, own.digest_hours, own.digest_weekdays)))


def clock_key(chat: Chat, topic: str) -> Button:
    """The button beside a topic: when it comes, if not with the rest."""
    own = own_rhythm(chat.rhythm, topic)
    mode = f" {say(chat.language, f'chat.key_{_mode(own)}')}" if own else ""
    return key(f"⏰{mode}", "t", topic)


def in_words(chat: Chat, named: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """A line for each topic told apart from the rest; `named`: topics followed, with their names."""
    owns = ((name, own_rhythm(chat.rhythm, topic)) for topic, name in named)
    return tuple(whole.when_words(own, chat.language, "apart", topic=name) for name, own in owns if own)


def topic_screen(chat: Chat, topic: str, name: str, now: datetime) -> Screen:
    """When one topic comes."""
    language, own = chat.language, own_rhythm(chat.rhythm, topic)
    shown = own or chat.rhythm
    same = key(whole.radio(own is None, say(language, "chat.key_same")), "t", topic, SAME)
    modes = tuple(
        key(whole.radio(own is not None and _mode(own) == mode, say(language, f"chat.key_{mode}")), "t", topic, mode)
        for mode in ("now", "digest", "weekly")
    )
    finer = whole.hour_keys(own, language, "t", topic) if own else ()
    when = whole.when_words(shown, language)
    body = page(
        say(language, "chat.topic_rhythm_title", topic=name),
        lines(when, say(language, "chat.topic_same") if own is None else ""),
        whole.clock(chat, now),
    )
    return Screen(body, (*rows_of((same,), 1), modes, *finer, (key(say(language, "chat.key_back"), "g", "home"),)))


def _mode(rhythm: Rhythm) -> str:
    if not rhythm.digest_hours:
        return "now"
    return "weekly" if rhythm.digest_weekdays else "digest"
