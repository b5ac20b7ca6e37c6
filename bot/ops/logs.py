"""Events and other libraries' records → log lines in JSON or text, without a token, a chat id or a word of a person.

Everything is formatted in one place, tracebacks included, and the redactor is the last step before the line is written,
so that nothing reaches a file around it. A chat becomes a keyed hash: its lines can be told from another's, and nobody
who has only the log can find the chat. Must never log what a person typed.
"""

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from bot.events import (
    AlertSkipped,
    ConfigDiffers,
    ConfigRefused,
    DeliveryDied,
    DeliveryPostponed,
    DeliveryUncertain,
    Event,
    FeedFailed,
    FeedPolled,
    HubFailed,
    LoopFailed,
    ThreadLost,
    TokenRefused,
    TokenTaken,
)

HIDDEN: Final = "[…]"
CHAT_KEYS: Final = frozenset({"chat_id", "user_id", "person_id", "from_id", "to_chat_id", "sender_chat_id"})
PERSON_KEYS: Final = frozenset({"text", "caption", "username", "first_name", "last_name", "phone_number"})

WORDY: Final = ("apscheduler", "aiogram.event", "aiohttp.access", "alembic", "watchfiles")  # a line for every nothing

_TOKEN: Final = re.compile(r"\d{6,}(?::|%3A)[\w-]{30,}", re.IGNORECASE)  # of a bot, as BotFather gives it
_USERINFO: Final = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_PARAMETER: Final = re.compile(r"(?i)\b([\w-]*(?:token|secret|password|passwd|key|signature|sig|auth)=)[^&\s'\"]+")
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]{8,}")
_CHAT: Final = re.compile(  # chat_id=5, 'chat': {'id': 5}, user 5; and a supergroup or channel wherever it stands
    r"(?i)(?P<name>\b(?:\w+_)?(?:chat|user|person|from|sender)(?:[ _]?id)?['\"]?\s*[:=]\s*(?:\{['\"]id['\"]:\s*)?"
    r"|\b(?:chat|user)(?: id)? )(?P<id>-?\d{3,})|(?P<group>-100\d{8,})"
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def configure(
    style: Literal["json", "text"],
    key: bytes | None = None,
    known_secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Sends every record of this process to `stream` (standard error), one line each (tracebacks follow in text).

    `key`: of the chats' hash, 64 bytes at most; a random one for this process when not given. `known_secrets`: hidden
    wherever they stand. May be called again: the latest call holds.
    """
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    redactor = partial(redact, key or secrets.token_bytes(16), tuple(filter(None, known_secrets)))
    formatter = ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            lambda _logger, _method, event: redactor(event),
            _json_line if style == "json" else _text_line,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in WORDY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*before, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def log_event(event: Event) -> None:
    """One line for a fact: its name in snake case and its fields; durations in seconds, of many items their sum."""
    values = {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
    error = values.pop("error", None)
    if isinstance(event, FeedPolled):
        values["match_seconds"] = round(sum(event.match_seconds), 6)
    name = _CAMEL.sub("_", type(event).__name__).lower()
    structlog.get_logger("guetteur").log(_level(event), name, exc_info=error, **values)


def redact(key: bytes, known_secrets: Iterable[str], event: Mapping[str, Any]) -> dict[str, Any]:
    """`event` with chats hashed, people's words hidden and secrets cut out of every text, however deep."""
    return {name: _redacted(key, known_secrets, name, value) for name, value in event.items()}


def chat_hash(key: bytes, chat_id: int | str) -> str:
    """What stands for a chat in a log: ten hexadecimal digits that only the holder of `key` can make."""
    return "chat-" + blake2b(str(chat_id).encode(), key=key, digest_size=5).hexdigest()


def _redacted(key: bytes, known_secrets: Iterable[str], name: str, value: Any) -> Any:
    if name in PERSON_KEYS:
        return HIDDEN
    if name in CHAT_KEYS and value is not None:
        return chat_hash(key, value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(inner): _redacted(key, known_secrets, str(inner), kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(key, known_secrets, "", kept) for kept in value]
    return _redacted_text(key, known_secrets, str(value))


def _redacted_text(key: bytes, known_secrets: Iterable[str], text: str) -> str:
    for secret in known_secrets:
        text = text.replace(secret, HIDDEN)
    text = _TOKEN.sub(HIDDEN, text)
    text = _USERINFO.sub(HIDDEN, text)
    text = _PARAMETER.sub(rf"\1{HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    return _CHAT.sub(lambda found: (found["name"] or "") + chat_hash(key, found["id"] or found["group"]), text)


def _level(event: Event) -> int:
    match event:
        case TokenRefused() | LoopFailed():
            return logging.ERROR
        case (
            FeedFailed()
            | HubFailed()
            | DeliveryUncertain()
            | DeliveryDied()
            | ThreadLost()
            | TokenTaken()
            | ConfigDiffers()
            | ConfigRefused()
        ):
            return logging.WARNING
        case FeedPolled(new_items=0) | AlertSkipped() | DeliveryPostponed():
            return logging.DEBUG
        case _:
            return logging.INFO


def _plain(value: object) -> object:
    return round(value.total_seconds(), 3) if isinstance(value, timedelta) else value


def _json_line(_logger: object, _method: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def _text_line(_logger: object, _method: str, event: EventDict) -> str:
    """`time level name key=value …`; what could break or colour the terminal is shown as its escape."""
    trace = event.pop("exception", "")
    head = (event.pop(name, "") for name in ("timestamp", "level", "event"))
    event.pop("logger", None)
    line = " ".join((*map(_shown, head), *(f"{name}={_quoted(value)}" for name, value in event.items())))
    return "\n".join((line, *map(_shown, trace.splitlines())))


def _shown(value: object) -> str:
    text = str(value)
    return text if text.isprintable() else repr(text)[1:-1]


def _quoted(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and " " not in text else repr(text)
