"""An update becomes a visit: who asks what, where, in which language, with which rights; or None when nobody may ask.

Everything that is not a plain message or a press by a person is refused here, in one place: forwarded commands, edits,
bots, channel posts, messages sent in the name of a channel. An operator is known by a numeric id in the settings and by
nothing else (names change hands, and an anonymous administrator is nobody). Pure: rights in a group, which only
Telegram knows, are asked later, and only for what needs them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from aiogram.types import CallbackQuery, InaccessibleMessage, InlineQuery, Message, Update, User

from bot.changes import Rights, Role
from bot.locales import LANGUAGES
from bot.model import ChatKind, Subscriber
from bot.telegram import callback
from bot.telegram.commands import Typed, read_command, read_word

UNKNOWN = "unknown"  # a command we do not have
WORDS = "words"  # a person writes in plain words
OUTDATED = "outdated"  # a button that is not, or no longer, ours
UPLOAD = "upload"  # an admin sends a file
INLINE = "inline"  # a person looks for something to share in another chat
MIGRATED = "migrated"  # a group became a supergroup
ARGUMENT_AT_MOST = 2048


@dataclass(frozen=True, slots=True)
class House:
    """Whose house it is: operators by numeric id, the bot's own name, the language for who speaks neither of ours.

    `by_approval`: a stranger comes in when an operator says so (GUETTEUR_ACCESS=approval).
    """

    operators: Collection[int]
    username: str
    language: str
    by_approval: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """`asked`: a command's name, a button's verb, or one of the names above. `args`: what came with it.

    `anonymous`: an administrator who hides behind the group. `role`: of the person, by their number. `who`: what the
    store knows of the chat.
    """

    asked: str
    args: tuple[str, ...]
    chat_id: int
    kind: ChatKind
    title: str
    thread_id: int
    person_id: int
    anonymous: bool
    role: Role | None
    language: str
    who: Subscriber | None
    now: datetime

    @property
    def argument(self) -> str:
        return self.args[0] if self.args else ""

    @property
    def operator(self) -> bool:
        """Somebody with a role, whichever."""
        return self.role is not None

    @property
    def private(self) -> bool:
        return self.kind is ChatKind.PRIVATE


def chat_of(update: Update) -> int:
    """The chat an update is about, 0 for none: updates of one chat are handled in their order."""
    event = update.message or update.my_chat_member
    if event:
        return event.chat.id
    if update.callback_query and update.callback_query.message:
        return update.callback_query.message.chat.id
    if update.inline_query:
        return update.inline_query.from_user.id  # their own chat with us, wherever they type
    return 0


def person_of(update: Update) -> int:
    """The person who writes or presses, by number; 0 for nobody one can be sure of."""
    if update.callback_query:
        return update.callback_query.from_user.id
    if update.inline_query:
        return update.inline_query.from_user.id
    message = update.message
    return message.from_user.id if message and message.from_user and message.sender_chat is None else 0


def visit_of(update: Update, who: Subscriber | None, house: House, now: datetime, rights: Rights) -> Visit | None:
    """Who asks what; None for what is not listened to."""
    if rights.banned:
        return None
    role = Role.OWNER if person_of(update) in house.operators else rights.role
    if update.message:
        return _said(update.message, who, house, now, role)
    if update.callback_query:
        return _pressed(update.callback_query, who, house, now, role)
    if update.inline_query:
        return _sought(update.inline_query, who, house, now, role)
    return None


def kind_of(chat_type: str) -> ChatKind:
    return {"private": ChatKind.PRIVATE, "channel": ChatKind.CHANNEL}.get(chat_type, ChatKind.GROUP)


def _said(message: Message, who: Subscriber | None, house: House, now: datetime, role: Role | None) -> Visit | None:
    kind = kind_of(message.chat.type)
    anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    asked = _asked(message, kind, house.username, role if kind is ChatKind.PRIVATE else None)
    if asked is None or kind is ChatKind.CHANNEL:
        return None
    if message.forward_origin or message.via_bot or (message.sender_chat and not anonymous):
        return None
    person = message.from_user
    if not anonymous and (person is None or person.is_bot) and asked.name != MIGRATED:
        return None
    person_id = person.id if person and not anonymous else 0
    return Visit(
        asked=asked.name or UNKNOWN,
        args=((asked.argument if asked.name else asked.word)[:ARGUMENT_AT_MOST],),
        chat_id=message.chat.id,
        kind=kind,
        title=message.chat.title or "",
        thread_id=_thread(message),
        person_id=person_id,
        anonymous=anonymous,
        role=role,
        language=_language(who, person, house),
        who=who,
        now=now,
    )


def _asked(message: Message, kind: ChatKind, username: str, role: Role | None) -> Typed | None:
    """The command of a message; in private, plain words are listened to as well, and commands of a person's role."""
    if message.migrate_to_chat_id:
        return Typed(MIGRATED, "", str(message.migrate_to_chat_id))
    if message.document and role:
        return Typed(UPLOAD, "")
    text = (message.text or "").replace("\0", "")
    command = read_command(text, username, role)
    if command or kind is not ChatKind.PRIVATE:
        return command
    if text.startswith("/"):
        return None  # another bot's
    return read_word(text) or Typed(WORDS, "", text.strip())


def _pressed(
    query: CallbackQuery, who: Subscriber | None, house: House, now: datetime, role: Role | None
) -> Visit | None:
    if query.message is None or query.from_user.is_bot:
        return None
    press = callback.read(query.data or "") or callback.Press(OUTDATED)
    chat = query.message.chat
    return Visit(
        asked=press.verb,
        args=press.args,
        chat_id=chat.id,
        kind=kind_of(chat.type),
        title=chat.title or "",
        thread_id=_thread(query.message),
        person_id=query.from_user.id,
        anonymous=False,
        role=role,
        language=_language(who, query.from_user, house),
        who=who,
        now=now,
    )


def _sought(query: InlineQuery, who: Subscriber | None, house: House, now: datetime, role: Role | None) -> Visit | None:
    if query.from_user.is_bot:
        return None
    return Visit(
        asked=INLINE,
        args=(query.query.replace("\0", "")[:ARGUMENT_AT_MOST], query.offset),
        chat_id=query.from_user.id,
        kind=ChatKind.PRIVATE,
        title="",
        thread_id=0,
        person_id=query.from_user.id,
        anonymous=False,
        role=role,
        language=_language(who, query.from_user, house),
        who=who,
        now=now,
    )


def _language(who: Subscriber | None, person: User | None, house: House) -> str:
    """What the chat chose, else the phone's language, else the house's."""
    if who:
        return who.chat.language
    code = ((person.language_code if person else None) or "").partition("-")[0].lower()
    return code if code in LANGUAGES else house.language


def _thread(message: Message | InaccessibleMessage) -> int:
    """The forum topic a message stands in; 0 for General, and for a mere chain of replies."""
    if isinstance(message, InaccessibleMessage) or not message.is_topic_message:
        return 0
    return message.message_thread_id or 0
