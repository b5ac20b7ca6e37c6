"""What the store says of a chat becomes the screens a subscriber sees, in French or English. Pure.

Short, buttons first, never a dead end: each screen leads on or back. Nothing here reads what a person typed or what a
publisher wrote except as text.
"""

from collections.abc import Sequence
from datetime import date, datetime

from bot.alerts import dates
from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import text
from bot.locales import LANGUAGES, say
from bot.model import Button, Chat, ChatState, Erasure, Standing, Subscriber
from bot.telegram.commands import COMMANDS, spelled
from bot.telegram.doors import Topic
from bot.telegram.reply import Screen, key, lines, page, rows_of
from bot.telegram.rhythm import in_words, listed
from bot.telegram.topic_rhythm import clock_key
from bot.telegram.topic_rhythm import in_words as apart_in_words

LANGUAGE_NAMES = {"fr": "Français", "en": "English"}
NAME = 40  # characters of a topic's name on a button
CLOCKS_AT_MOST = 40  # topics; a keyboard holds a hundred buttons
NAMED = 12  # topics named in a sentence


def label(topic: Topic, language: str) -> str:
    """Emoji and name of a topic."""
    return f"{topic.emoji} {cut_at_word(topic.names.get(language) or topic.names['fr'], NAME)}".strip()


def followed(who: Subscriber, topics: Sequence[Topic]) -> list[Topic]:
    return [topic for topic in topics if topic.id in who.topics]


# Coming in.


def welcome(language: str, topics: Sequence[Topic], who: Subscriber | None) -> Screen:
    """What this is in three lines, topics as buttons, and what choosing one means."""
    first = lines(*(say(language, f"chat.welcome_{line}") for line in (1, 2, 3)))
    body = page(say(language, "chat.welcome_title"), first, say(language, "chat.consent"), say(language, "chat.choose"))
    return Screen(body, (*_topic_keys(language, topics, who), *_doors(language)))


def home(who: Subscriber, topics: Sequence[Topic]) -> Screen:
    """The topics a chat follows, each one press away from the other state."""
    chat = who.chat
    when = in_words(chat)[0] if followed(who, topics) else ""
    body = page(
        say(chat.language, "chat.topics_title"),
        lines(_following(who, topics), when, *_apart(who, topics)),
        _state_line(chat),
    )
    return Screen(body, (*_topic_keys(chat.language, topics, who), *_resume_row(chat), *_doors(chat.language)))


def _following(who: Subscriber, topics: Sequence[Topic]) -> str:
    """The topics by name; by their number when there are many."""
    language = who.chat.language
    mine = [label(topic, language) for topic in followed(who, topics)]
    if not mine:
        return say(language, "chat.following_none")
    if len(mine) > NAMED:
        return say(language, "chat.following_many", n=len(mine))
    return say(language, "chat.following", topics=listed(mine, language))


def _topic_keys(language: str, topics: Sequence[Topic], who: Subscriber | None) -> tuple[tuple[Button, ...], ...]:
    mine = who.topics if who else frozenset()
    return tuple(
        (
            (key(f"✅ {label(topic, language)}", "u", topic.id), *_clock(who, topic, topics))
            if topic.id in mine
            else (key(f"⬜ {label(topic, language)}", "f", topic.id),)
        )
        for topic in topics
    )


def _clock(who: Subscriber | None, topic: Topic, topics: Sequence[Topic]) -> tuple[Button, ...]:
    """When a followed topic comes; left out where a screen could not hold all of them."""
    return (clock_key(who.chat, topic.id),) if who and len(topics) <= CLOCKS_AT_MOST else ()


def _apart(who: Subscriber, topics: Sequence[Topic]) -> tuple[str, ...]:
    """The topics told at hours of their own."""
    return apart_in_words(who.chat, [(topic.id, label(topic, who.chat.language)) for topic in followed(who, topics)])


def _doors(language: str) -> tuple[tuple[Button, ...], ...]:
    """Where else one can go from the home screen."""
    names = ("rhythm", "keywords", "sources", "latest", "search", "status", "help", "privacy", "language")
    return rows_of((key(say(language, f"chat.key_{name}"), "g", name) for name in names), 2)


def _resume_row(chat: Chat) -> tuple[tuple[Button, ...], ...]:
    if chat.state is ChatState.ACTIVE:
        return ()
    return ((key(say(chat.language, "chat.key_resume"), "p", "off"),),)


def _state_line(chat: Chat) -> str:
    return "" if chat.state is ChatState.ACTIVE else say(chat.language, f"chat.state_{chat.state.value}")


def toggled(topic: Topic, language: str, change: str) -> str:
    """The toast after a topic was switched `on` or `off`."""
    return say(language, f"chat.toast_{change}", topic=label(topic, language))


# States.


def paused(who: Subscriber) -> Screen:
    language = who.chat.language
    return Screen(
        page(say(language, "chat.paused_title"), say(language, "chat.paused_text")),
        ((key(say(language, "chat.key_resume"), "p", "off"),), (_home(language),)),
    )


def resumed(who: Subscriber, topics: Sequence[Topic]) -> Screen:
    language = who.chat.language
    if not followed(who, topics):
        return home(who, topics)
    text_ = page(say(language, "chat.resumed_title"), lines(*in_words(who.chat)))
    return Screen(text_, ((key(say(language, "chat.key_pause"), "p", "on"), _home(language)),))


def stopped(who: Subscriber) -> Screen:
    language = who.chat.language
    body = page(
        say(language, "chat.stopped_title"),
        say(language, "chat.stopped_text", start="/start", forget=spelled("forget", language)),
    )
    back, erase = say(language, "chat.key_return"), say(language, "chat.key_forget")
    return Screen(body, ((key(back, "p", "off"), key(erase, "e", "ask")),))


def status(standing: Standing, topics: Sequence[Topic], now: datetime) -> Screen:
    """A chat's own state."""
    who = standing.subscriber
    chat, language = who.chat, who.chat.language
    waiting = say(language, "chat.waiting", n=standing.waiting) if standing.waiting else ""
    if standing.waiting and standing.next_at and chat.state is ChatState.ACTIVE:
        at = dates.moment(max(standing.next_at, now), now, chat.timezone, language)
        waiting = say(language, "chat.waiting_until", n=standing.waiting, moment=at)
    last = standing.last_sent_at
    body = page(
        say(language, "chat.status_title"),
        lines(
            say(language, f"chat.state_{chat.state.value}"),
            _following(who, topics),
            *in_words(chat),
            *_apart(who, topics),
        ),
        lines(
            say(language, "chat.received", n=standing.sent_7_days),
            say(language, "chat.last_sent", moment=dates.moment(last, now, chat.timezone, language)) if last else "",
            waiting,
        ),
    )
    pause = key(say(language, "chat.key_pause"), "p", "on")
    first = ((pause,),) if chat.state is ChatState.ACTIVE else _resume_row(chat)
    return Screen(body, (*first, (key(say(language, "chat.key_refresh"), "g", "status"), _home(language))))


# Language, help, privacy.


def languages(language: str) -> Screen:
    choices = tuple(key(f"{'●' if code == language else '○'} {LANGUAGE_NAMES[code]}", "l", code) for code in LANGUAGES)
    return Screen(page(say(language, "chat.language_title")), (choices, (_home(language),)))


def help_(language: str, operator_lines: Sequence[str] = ()) -> Screen:
    """Every command in a line; for an operator, those of operators too."""
    listed_ = [
        f"{spelled(command.name, language)} — {say(language, f'chat.menu_{command.name}')}" for command in COMMANDS
    ]
    body = page(
        say(language, "chat.help_title"), lines(*listed_), lines(*operator_lines), say(language, "chat.help_hint")
    )
    return Screen(body, ((_home(language),),))


def privacy(language: str) -> Screen:
    """What is kept, why, for how long; and both ways out."""
    kept = lines(*(f"• {say(language, f'chat.privacy_{part}')}" for part in ("kept", "not_kept", "time", "shared")))
    body = page(say(language, "chat.privacy_title"), kept, say(language, "chat.privacy_rights"))
    mine, erase = key(say(language, "chat.key_mydata"), "d"), key(say(language, "chat.key_forget"), "e", "ask")
    return Screen(body, ((mine, erase), (_home(language),)))


def forget_ask(language: str) -> Screen:
    """Asked once."""
    yes, no = key(say(language, "chat.key_forget_yes"), "e", "yes"), key(say(language, "chat.key_cancel"), "g", "home")
    return Screen(page(say(language, "chat.forget_title"), say(language, "chat.forget_text")), ((yes,), (no,)))


def forgotten(language: str, left: Erasure, today: date) -> Screen:
    """Names the backups that still hold the chat, and the day from which none does."""
    title, said = say(language, "chat.forgotten_title"), say(language, "chat.forgotten_text", start="/start")
    if not left.backups or left.gone_on is None:
        return Screen(page(title, said))
    days = listed([dates.day(day, today, language) for day in left.backups], language)
    gone = dates.day(left.gone_on, today, language)
    copies = say(language, "chat.forgotten_backups", n=len(left.backups), days=days, gone=gone)
    return Screen(page(title, said, copies))


# What was not understood or may not be.


def not_understood(language: str, suggestion: str | None = None) -> Screen:
    """A way on for whoever wrote something we do not read."""
    meant = say(language, "chat.did_you_mean", command=spelled(suggestion, language)) if suggestion else ""
    body = lines(
        meant or say(language, "chat.not_understood"), say(language, "chat.try_help", help=spelled("help", language))
    )
    return Screen(body, ((_home(language), key(say(language, "chat.key_help"), "g", "help")),))


def note(language: str, name: str, **values: object) -> Screen:
    """A sentence by itself."""
    return Screen(text(say(language, f"chat.note_{name}", **values)))


def nothing_held(language: str) -> Screen:
    """What a person of whom nothing is kept reads, and the way on."""
    home_key = key(say(language, "chat.key_home"), "g", "home")
    return Screen(text(say(language, "chat.note_no_data")), ((home_key,),))


def hello_group(language: str, title: str, topics: Sequence[Topic]) -> Screen:
    """What a group reads when the bot is added to it."""
    name = clean(title)
    body = page(
        say(language, "chat.group_title", group=name) if name else say(language, "chat.welcome_title"),
        lines(say(language, "chat.welcome_2"), say(language, "chat.welcome_3")),
        say(language, "chat.group_hint"),
    )
    return Screen(body, _topic_keys(language, topics, None))


def _home(language: str) -> Button:
    return key(say(language, "chat.key_home"), "g", "home")
