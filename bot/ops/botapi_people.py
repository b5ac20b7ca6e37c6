"""What a person does at the phone becomes an update, and what the bot sends becomes an inbox to read.

The human side of the stand-in Bot API server: people, groups and channels say, press, block and look. It holds what a
phone shows and nothing the bot could not send; everything the bot does comes through the wire (`botapi`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.ops.botapi_photo import check_photo

ADMINISTRATORS = ("creator", "administrator")


class Wire(Protocol):
    """What the people's side needs of the server."""

    def queue(self, **update: Any) -> int: ...
    def next_message_id(self) -> int: ...
    def seconds(self) -> int: ...
    def new_file(self, name: str, data: bytes) -> str: ...
    async def until(self, seen: Callable[[], bool], seconds: float = 10) -> None: ...


@dataclass(slots=True)
class Key:
    """A button under a message, as the person sees it."""

    message: "Posted"
    label: str
    data: str = ""
    url: str = ""


@dataclass(slots=True)
class Posted:
    """A message in a chat; an edit changes it in place, as on a phone."""

    room: "Room"
    message_id: int
    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)
    keyboard: list[list[dict[str, Any]]] = field(default_factory=list)
    thread_id: int = 0
    silent: bool = False
    preview: dict[str, Any] = field(default_factory=dict)
    reply_to: int = 0
    document: tuple[str, bytes] | None = None
    photo: bytes = b""  # PNG
    edits: int = 0
    from_bot: bool = True
    at: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> list[Key]:
        return [
            Key(self, key["text"], key.get("callback_data", ""), key.get("url", ""))
            for row in self.keyboard
            for key in row
        ]

    def key(self, words: str) -> Key:
        """The button whose label holds `words`."""
        for key in self.keys:
            if words in key.label:
                return key
        raise LookupError(f"no button « {words} » among {[key.label for key in self.keys]}")

    def show(self) -> str:
        """The message as text, buttons underneath."""
        rows = ["  ".join(f"[ {key['text']} ]" for key in row) for row in self.keyboard]
        return "\n".join([self.text, *rows])


@dataclass(slots=True)
class Room:
    """A chat of any kind. `members` gives each person's status; `rights` False: the bot may not write."""

    id: int
    kind: str  # private, group, supergroup, channel
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    messages: dict[int, Posted] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None  # what every send answers: blocked, kicked …
    moved_to: int = 0
    username: str = ""
    posts: bool = True  # in a channel, whether the bot may post

    @property
    def inbox(self) -> list[Posted]:
        """What the bot wrote here, oldest first."""
        return [message for message in self.messages.values() if message.from_bot]

    def as_chat(self) -> dict[str, Any]:
        named = {"title": self.title, "username": self.username}
        return {"id": self.id, "type": self.kind} | {name: value for name, value in named.items() if value}


@dataclass(slots=True)
class Press:
    """A button pressed: `toast` is what the bot answered, None while it has not."""

    toast: str | None = None
    alert: bool = False


@dataclass(slots=True)
class Search:
    """What a person typed after the bot's name: `results` is what the bot offered, None while it has not."""

    results: list[dict[str, Any]] | None = None
    further: str = ""
    button: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    """Somebody with a phone; `home` is the private chat with the bot, which has the person's id."""

    id: int
    name: str
    language: str
    wire: Wire
    home: Room
    presses_made: dict[str, Press] = field(default_factory=dict)
    searches_made: dict[str, Search] = field(default_factory=dict)

    @property
    def inbox(self) -> list[Posted]:
        return self.home.inbox

    def as_user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}

    def says(self, text: str, room: Room | None = None, **extra: Any) -> Posted:
        """Types a message; `extra` adds or replaces fields of the Bot API's Message (forwarded, anonymous …)."""
        room = room or self.home
        message = Posted(
            room,
            self.wire.next_message_id(),
            text,
            from_bot=False,
            at=self.wire.seconds(),
            extra={"from": self.as_user()},
        )
        message.extra |= extra
        room.messages[message.message_id] = message
        self.wire.queue(message=as_message(message))
        return message

    def uploads(self, name: str, data: bytes, room: Room | None = None) -> Posted:
        """Sends a file."""
        unique = self.wire.new_file(name, data)
        document = {"file_id": unique, "file_unique_id": unique, "file_name": name, "file_size": len(data)}
        return self.says("", room, document=document)

    def presses(self, key: Key) -> Press:
        return self.forges(key.data, key.message)

    def forges(self, data: str, message: Posted) -> Press:
        """Presses a button that may not be there: a modified client can send any data."""
        press = Press()
        number = f"{self.id}{len(self.presses_made):06d}"
        self.presses_made[number] = press
        query = {"id": number, "from": self.as_user(), "chat_instance": str(message.room.id), "data": data}
        self.wire.queue(callback_query=query | {"message": as_message(message)})
        return press

    def searches(self, words: str, offset: str = "", **extra: Any) -> Search:
        """Types the bot's name and `words` in some chat (#inlinequery)."""
        search = Search()
        number = f"{self.id}7{len(self.searches_made):06d}"
        self.searches_made[number] = search
        self.wire.queue(
            inline_query={"id": number, "from": self.as_user(), "query": words, "offset": offset, "chat_type": "group"}
            | extra
        )
        return search

    def blocks(self) -> None:
        """Stops the bot: it hears of it, and every later send is refused."""
        self.home.refusal = (403, "Forbidden: bot was blocked by the user")
        self.changes_bot(self.home, "member", "kicked")

    def unblocks(self) -> None:
        self.home.refusal = None
        self.changes_bot(self.home, "kicked", "member")

    def changes_bot(self, room: Room, before: str, after: str) -> None:
        """Adds, removes or restricts the bot somewhere: a `my_chat_member` update (#chatmemberupdated)."""
        self.wire.queue(
            my_chat_member={
                "chat": room.as_chat(),
                "from": self.as_user(),
                "date": self.wire.seconds(),
                "old_chat_member": as_member(BOT_USER, before),
                "new_chat_member": as_member(BOT_USER, after),
            }
        )

    async def hears(self, count: int = 1, seconds: float = 10) -> list[Posted]:
        """Waits until the private inbox holds `count` messages. Raises TimeoutError."""
        await self.wire.until(lambda: len(self.inbox) >= count, seconds)
        return self.inbox


BOT_USER = {"id": 7000, "is_bot": True, "first_name": "Guetteur", "username": "guetteur_bot"}

_ADMIN_RIGHTS = (
    *("can_be_edited", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
    *("can_delete_stories", "can_send_welcome_messages"),
)
_SENDING_RIGHTS = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    *("can_react_to_messages", "can_edit_tag"),
)


def as_member(user: dict[str, Any], status: str, posts: bool | None = None) -> dict[str, Any]:  # noqa: FBT001 (a field)
    """A ChatMember of the Bot API with every field its status demands (#chatmember). `posts`: in channels alone."""
    member: dict[str, Any] = {"user": user, "status": status}
    if status == "administrator":
        member |= dict.fromkeys(_ADMIN_RIGHTS, True) | {"is_anonymous": False}
    if status == "administrator" and posts is not None:
        member["can_post_messages"] = posts
    if status == "restricted":
        member |= dict.fromkeys(_SENDING_RIGHTS, False) | {"is_member": True, "until_date": 0}
    if status == "creator":
        member["is_anonymous"] = False
    if status == "kicked":
        member["until_date"] = 0
    return member


def as_message(posted: Posted) -> dict[str, Any]:
    """A Message of the Bot API (#message)."""
    message: dict[str, Any] = {
        "message_id": posted.message_id,
        "date": posted.at,
        "chat": posted.room.as_chat(),
        "text": posted.text,
    }
    if posted.from_bot:
        message["from"] = BOT_USER
    if posted.text.startswith("/"):
        command = posted.text.split(maxsplit=1)[0]
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
    if posted.entities:
        message["entities"] = posted.entities
    if posted.keyboard:
        message["reply_markup"] = {"inline_keyboard": posted.keyboard}
    if posted.thread_id:
        message |= {"message_thread_id": posted.thread_id, "is_topic_message": True}
    if posted.document:
        name = posted.document[0]
        message["document"] = {"file_id": name, "file_unique_id": name, "file_name": name}
    if posted.photo:
        width, height = check_photo(posted.photo)
        name = f"photo{posted.message_id}-{posted.edits}"
        message["photo"] = [{"file_id": name, "file_unique_id": name, "width": width, "height": height}]
    if posted.document or posted.photo:  # what is written under a file is its caption
        message["caption"] = message.pop("text")
        message["caption_entities"] = message.pop("entities", [])
    message |= posted.extra
    if not message.get("text"):
        message.pop("text", None)
    return message
