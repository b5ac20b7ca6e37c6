"""A call to the Bot API becomes what Telegram's own checks say of it: the text with its entities, or a refusal.

The rules of the stand-in server: HTML style (core.telegram.org/bots/api#html-style), 4096 UTF-16 units after entities
parsing (#sendmessage), 64 bytes of callback data (#inlinekeyboardbutton), and the limits of the FAQ ("My bot is hitting
limits"): 30 messages a second in all, one a second a chat with short bursts, 20 a minute a group. It must never be
kinder than the real server where our program could get it wrong.
"""

import html
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
CALLBACK_BYTES = 64
TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>[^<>]*)>|(?P<stray><)")
ATTRIBUTE = re.compile(r"""([A-Za-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
ENTITY_OF = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}


class Refused(Exception):
    """What the real server answers with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def read_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and its entities from Telegram HTML. Raises Refused with "can't parse entities"."""
    text = ""
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int, dict[str, Any]]] = []
    at = 0
    for tag in TAG.finditer(source):
        text += _unescape(source[at : tag.start()])
        at = tag.end()
        offset = len(source[: tag.start()].encode())
        if tag["stray"]:
            raise bad(f'can\'t parse entities: Unsupported start tag "" at byte offset {offset}')
        name = tag["name"].lower()
        if not tag["end"]:
            open_tags.append((name, units(text), _opened(name, tag["attributes"], offset)))
            continue
        if not open_tags:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        opened, start, entity = open_tags.pop()
        if opened != name:
            raise bad(
                f"can't parse entities: Unmatched end tag at byte offset {offset}, "
                f'expected "</{opened}>", found "</{name}>"'
            )
        if units(text) > start:
            entities.append({**entity, "offset": start, "length": units(text) - start})
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\"")
    text += _unescape(source[at:])
    return text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _opened(name: str, attributes: str, offset: int) -> dict[str, Any]:
    """The entity a start tag opens."""
    found = {key.lower(): a or b or c for key, a, b, c in ATTRIBUTE.findall(attributes)}
    if name not in ENTITY_OF:
        raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
    entity: dict[str, Any] = {"type": ENTITY_OF[name]}
    if name == "a":
        entity["url"] = html.unescape(found.get("href", ""))
    if name == "blockquote" and "expandable" in found:
        entity["type"] = "expandable_blockquote"
    return entity


def _unescape(piece: str) -> str:
    """Only the four named entities and numbers are known; an unknown one stays as it is written."""
    return re.sub(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);", lambda found: html.unescape(found[0]), piece)


def check_text(given: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The text of sendMessage or editMessageText and its entities; surrounding blanks go, as on the real server."""
    source = str(given.get("text", ""))
    mode = str(given.get("parse_mode", "")).lower()
    if mode not in {"", "html"}:
        raise bad("unsupported parse_mode")
    text, entities = read_html(source) if mode else (source, list(given.get("entities") or []))
    blank = units(text) - units(text.lstrip())
    text = text.strip()
    if not text:
        raise bad("message text is empty")
    if units(text) > TEXT_UNITS:
        raise bad("message is too long")
    moved = [{**entity, "offset": max(0, entity["offset"] - blank)} for entity in entities]
    return text, [entity for entity in moved if entity["offset"] < units(text)]


def check_caption(given: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The text under a file and its entities; there may be none (#sendphoto)."""
    if not given.get("caption"):
        return "", []
    text, entities = check_text({**given, "text": given["caption"]})
    if units(text) > CAPTION_UNITS:
        raise bad("message caption is too long")
    return text, entities


def check_buttons(markup: Mapping[str, Any] | None) -> list[list[dict[str, Any]]]:
    """The rows of an inline keyboard. Raises Refused for data over 64 bytes or an address that is none."""
    rows: list[list[dict[str, Any]]] = list((markup or {}).get("inline_keyboard", []))
    if sum(map(len, rows)) > 100:
        raise bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")).strip():
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_BYTES:
            raise bad("BUTTON_DATA_INVALID")
        if "url" in button and not re.match(r"(https?|tg)://[^\s/]+\.?[^\s]*$", str(button["url"])):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
        if "callback_data" not in button and "url" not in button:
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return rows


def read_value(key: str, value: str) -> Any:
    """Form fields carry objects, lists and booleans as JSON; everything else is text."""
    if key not in {"text", "caption"} and (value[:1] in "{[" or value in {"true", "false"}):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


@dataclass(slots=True)
class Limits:
    """Telegram's pace, enforced as strictly as the FAQ words it; `trips` counts the 429s given."""

    per_second: int = 30
    chat_burst: int = 4
    group_per_minute: int = 20
    trips: int = 0
    everything: deque[float] = field(default_factory=deque)
    chats: dict[int, tuple[float, float]] = field(default_factory=dict)  # tokens left, and when that was
    groups: dict[int, deque[float]] = field(default_factory=dict)

    def admit(self, chat_id: int, now: float) -> None:
        """Counts one message to a chat at `now` (seconds). Raises Refused 429; a refused message counts for nothing."""
        groups = self.groups.setdefault(chat_id, deque()) if chat_id < 0 else deque()
        _forget(self.everything, now - 1)
        _forget(groups, now - 60)
        left, since = self.chats.get(chat_id, (float(self.chat_burst), now))
        left = min(float(self.chat_burst), left + now - since)
        wait = 0.0
        if len(self.everything) >= self.per_second:
            wait = self.everything[0] + 1 - now
        if left < 1 - 1e-6:  # seconds are floats
            wait = max(wait, 1 - left)
        if len(groups) >= self.group_per_minute:
            wait = max(wait, groups[0] + 60 - now)
        if wait > 0:
            self.trips += 1
            seconds = max(1, round(wait + 0.5))
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        self.everything.append(now)
        groups.append(now)
        self.chats[chat_id] = (left - 1, now)


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
