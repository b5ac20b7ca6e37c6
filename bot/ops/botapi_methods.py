"""A method of the Bot API and its parameters become what the stand-in server holds and answers.

One function a method, as core.telegram.org/bots/api describes it; Refused is what the real server would say. They only
touch the state of `BotApi`; the wire and its faults are not their business.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession

from bot.ops.botapi_people import ADMINISTRATORS, BOT_USER, Posted, Room, as_member, as_message
from bot.ops.botapi_photo import check_photo
from bot.ops.botapi_rules import Refused, bad, check_buttons, check_caption, check_text

if TYPE_CHECKING:
    from bot.ops.botapi import BotApi


BOT_ID = int(str(BOT_USER["id"]))


def _room(api: BotApi, given: Mapping[str, Any]) -> Room:
    """The chat that is written to. Raises Refused as Telegram does."""
    asked = str(given.get("chat_id") or 0)
    named = (room.id for room in api.rooms.values() if room.username and f"@{room.username}".lower() == asked.lower())
    try:
        room = api.rooms[next(named, 0) or int(asked)]
    except (KeyError, ValueError):
        raise bad("chat not found") from None
    if room.moved_to:
        raise Refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=room.moved_to,
        )
    if room.refusal:
        raise Refused(*room.refusal)
    thread = int(given.get("message_thread_id") or 0)
    if thread and thread not in room.threads:
        raise bad("message thread not found")
    return room


def _post(api: BotApi, given: Mapping[str, Any], text: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    room = _room(api, given)
    keyboard = check_buttons(given.get("reply_markup"))
    if api.limits:
        api.limits.admit(room.id, api.clock())
    posted = Posted(
        room,
        api.next_message_id(),
        text,
        entities,
        keyboard,
        thread_id=int(given.get("message_thread_id") or 0),
        silent=bool(given.get("disable_notification")),
        preview=given.get("link_preview_options") or {},
        reply_to=int((given.get("reply_parameters") or {}).get("message_id", 0)),
        document=given.get("document"),
        photo=given["photo"][1] if given.get("photo") else b"",
        at=api.seconds(),
    )
    room.messages[posted.message_id] = posted
    return as_message(posted)


def _posted(api: BotApi, given: Mapping[str, Any], what: str) -> Posted:
    posted = _room(api, given).messages.get(int(given.get("message_id") or 0))
    if posted is None:
        raise bad(f"message to {what} not found")
    if not posted.from_bot:
        raise bad(f"message can't be {what}ed" if what == "edit" else "message can't be deleted")
    return posted


async def _get_me(_api: BotApi, _given: Mapping[str, Any]) -> Any:
    return BOT_USER | {"can_join_groups": True, "can_read_all_group_messages": False}


async def _get_updates(api: BotApi, given: Mapping[str, Any]) -> Any:
    if api.webhook:
        raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
    api.poller += 1
    mine = api.poller
    api.beat()  # another one that waits learns that it is not alone
    _confirm(api, int(given.get("offset") or 0) - 1)
    allowed = given.get("allowed_updates") or []
    limit = int(given.get("limit") or 100)
    deadline = time.monotonic() + int(given.get("timeout") or 0)
    while True:
        due = [update for update in api.updates if update["update_id"] > api.confirmed]
        due = [update for update in due if not allowed or any(kind in update for kind in allowed)]
        left = deadline - time.monotonic()
        if due or left <= 0:
            return due[:limit]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(api.pulse.wait(), left)
        if mine != api.poller:
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )


def _confirm(api: BotApi, update_id: int) -> None:
    if update_id > api.confirmed:
        api.confirmed = update_id
        api.beat()


async def _send_message(api: BotApi, given: Mapping[str, Any]) -> Any:
    _room(api, given)  # the real server looks at the chat after the text; either refusal is right
    text, entities = check_text(given)
    return _post(api, given, text, entities)


async def _send_document(api: BotApi, given: Mapping[str, Any]) -> Any:
    if not given.get("document"):
        raise bad("there is no document in the request")
    return _post(api, given, *check_caption(given))


async def _send_photo(api: BotApi, given: Mapping[str, Any]) -> Any:
    if not isinstance(given.get("photo"), tuple):
        raise bad("there is no photo in the request")
    check_photo(given["photo"][1])
    return _post(api, given, *check_caption(given))


async def _edit_media(api: BotApi, given: Mapping[str, Any]) -> Any:
    """A text, or a photo, becomes a photo (#editmessagemedia)."""
    posted, media = _posted(api, given, "edit"), given.get("media")
    if not isinstance(media, dict) or media.get("type") != "photo" or not isinstance(media.get("media"), tuple):
        raise bad("can't parse input media JSON object")
    check_photo(media["media"][1])
    text, entities = check_caption(media)
    posted.keyboard = check_buttons(given.get("reply_markup"))
    posted.text, posted.entities, posted.photo = text, entities, media["media"][1]
    posted.edits += 1
    return as_message(posted)


async def _edit_text(api: BotApi, given: Mapping[str, Any]) -> Any:
    posted = _posted(api, given, "edit")
    if posted.photo or posted.document:
        raise bad("there is no text in the message to edit")
    text, entities = check_text(given)
    keyboard = check_buttons(given.get("reply_markup"))
    if (text, entities, keyboard) == (posted.text, posted.entities, posted.keyboard):
        raise _not_modified()
    posted.text, posted.entities, posted.keyboard = text, entities, keyboard
    posted.edits += 1
    return as_message(posted)


async def _edit_markup(api: BotApi, given: Mapping[str, Any]) -> Any:
    posted = _posted(api, given, "edit")
    keyboard = check_buttons(given.get("reply_markup"))
    if keyboard == posted.keyboard:
        raise _not_modified()
    posted.keyboard = keyboard
    posted.edits += 1
    return as_message(posted)


async def _delete_message(api: BotApi, given: Mapping[str, Any]) -> Any:
    posted = _posted(api, given, "delete")
    del posted.room.messages[posted.message_id]
    return True


async def _answer_callback(api: BotApi, given: Mapping[str, Any]) -> Any:
    number = str(given.get("callback_query_id", ""))
    press = next((who.presses_made[number] for who in api.people.values() if number in who.presses_made), None)
    if press is None or press.toast is not None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = str(given.get("text") or "")
    if len(text) > 200:
        raise bad("MESSAGE_TOO_LONG")
    press.toast, press.alert = text, bool(given.get("show_alert"))
    return True


async def _answer_inline(api: BotApi, given: Mapping[str, Any]) -> Any:
    """Refuses what the real server refuses: too many, twins, nameless or unreadable results (#answerinlinequery)."""
    number = str(given.get("inline_query_id", ""))
    search = next((who.searches_made[number] for who in api.people.values() if number in who.searches_made), None)
    if search is None or search.results is not None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    results = list(given.get("results") or [])
    names = [str(result.get("id", "")) for result in results]
    if len(results) > 50 or len(set(names)) < len(names):
        raise bad("RESULTS_TOO_MUCH" if len(results) > 50 else "RESULT_ID_DUPLICATE")
    if not all(1 <= len(name.encode()) <= 64 for name in names):
        raise bad("RESULT_ID_INVALID")
    for result in results:
        if not str(result.get("title") or "").strip():
            raise bad("ARTICLE_TITLE_EMPTY")
        content = dict(result["input_message_content"])
        text, entities = check_text({**content, "text": content["message_text"]})
        result["said"] = {"text": text, "entities": entities}
    if len(str(given.get("next_offset") or "").encode()) > 64:
        raise bad("NEXT_OFFSET_INVALID")
    search.further, search.button = str(given.get("next_offset") or ""), dict(given.get("button") or {})
    search.results = results
    return True


async def _set_commands(api: BotApi, given: Mapping[str, Any]) -> Any:
    scope = given.get("scope") or {"type": "default"}
    commands = list(given.get("commands") or [])
    for command in commands:
        name, description = str(command["command"]), str(command["description"])
        if not (name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and len(name) <= 32):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    place = f"{scope['type']}:{scope['chat_id']}" if "chat_id" in scope else str(scope["type"])
    api.commands[place, str(given.get("language_code") or "")] = commands
    return True


async def _delete_commands(api: BotApi, given: Mapping[str, Any]) -> Any:
    return await _set_commands(api, {**given, "commands": []})


async def _set_webhook(api: BotApi, given: Mapping[str, Any]) -> Any:
    api.webhook = str(given.get("url") or "")
    if api.pusher:
        api.pusher.cancel()
        api.pusher = None
    if api.webhook:
        api.poller += 1
        api.pusher = asyncio.create_task(_push(api, str(given.get("secret_token") or "")))
    return True


async def _delete_webhook(api: BotApi, _given: Mapping[str, Any]) -> Any:
    return await _set_webhook(api, {})


async def _get_webhook(api: BotApi, _given: Mapping[str, Any]) -> Any:
    waiting = sum(update["update_id"] > api.confirmed for update in api.updates)
    return {"url": api.webhook, "has_custom_certificate": False, "pending_update_count": waiting}


async def _push(api: BotApi, secret: str) -> None:
    """Posts each update until it is answered 2xx, in order (#setwebhook)."""
    async with ClientSession(headers={"X-Telegram-Bot-Api-Secret-Token": secret}) as session:
        while True:
            due = next((update for update in api.updates if update["update_id"] > api.confirmed), None)
            if due is None:
                await api.pulse.wait()
                continue
            try:
                async with session.post(api.webhook, json=due) as answer:
                    if answer.ok:
                        _confirm(api, due["update_id"])
                        continue
            except ClientError:
                pass  # the bot is away: Telegram tries again
            await asyncio.sleep(0.1)


async def _get_member(api: BotApi, given: Mapping[str, Any]) -> Any:
    room, number = _room(api, given), int(given.get("user_id") or 0)
    posts = room.posts if room.kind == "channel" else None
    ours = room.members.get(BOT_ID, "administrator")
    if number == BOT_ID:
        return as_member(BOT_USER, ours, posts)
    if room.kind == "channel" and ours not in ADMINISTRATORS:
        raise bad("member list is inaccessible")
    if number not in api.people:
        raise bad("PARTICIPANT_ID_INVALID")
    return as_member(api.people[number].as_user(), room.members.get(number, "member"))


async def _get_admins(api: BotApi, given: Mapping[str, Any]) -> Any:
    members = _room(api, given).members
    return [
        as_member(api.people[number].as_user(), status)
        for number, status in members.items()
        if status in ADMINISTRATORS
    ]


async def _get_chat(api: BotApi, given: Mapping[str, Any]) -> Any:
    gifts = dict.fromkeys(("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"), True)
    gifts["gifts_from_channels"] = True
    said = _room(api, given).as_chat() | {"accent_color_id": 0, "max_reaction_count": 11}
    return said | {"accepted_gift_types": gifts}


async def _get_file(api: BotApi, given: Mapping[str, Any]) -> Any:
    unique = str(given.get("file_id"))
    if unique not in api.files:
        raise bad("invalid file_id")
    return {"file_id": unique, "file_unique_id": unique, "file_path": unique}


async def _do_nothing(_api: BotApi, _given: Mapping[str, Any]) -> Any:
    return True


def _not_modified() -> Refused:
    return bad(
        "message is not modified: specified new message content and reply markup are exactly the same as a current "
        "content and reply markup of the message"
    )


METHODS: dict[str, Callable[[BotApi, Mapping[str, Any]], Awaitable[Any]]] = {
    "getme": _get_me,
    "getupdates": _get_updates,
    "sendmessage": _send_message,
    "senddocument": _send_document,
    "sendphoto": _send_photo,
    "editmessagemedia": _edit_media,
    "editmessagetext": _edit_text,
    "editmessagereplymarkup": _edit_markup,
    "deletemessage": _delete_message,
    "answercallbackquery": _answer_callback,
    "answerinlinequery": _answer_inline,
    "setmycommands": _set_commands,
    "deletemycommands": _delete_commands,
    "setwebhook": _set_webhook,
    "deletewebhook": _delete_webhook,
    "getwebhookinfo": _get_webhook,
    "getchatmember": _get_member,
    "getchatadministrators": _get_admins,
    "getchat": _get_chat,
    "getfile": _get_file,
    "sendchataction": _do_nothing,
    "setmydescription": _do_nothing,
    "setmyshortdescription": _do_nothing,
}
