"""What a browser does on the page → what a person does at the phone, and the chat back as data.

    GET  /<key>/                     the page; its script and style beside it
    GET  /<key>/room?version=N       the chat as JSON, or 204 when nothing changed since N
    GET  /<key>/photo/<message>      the picture of a message
    POST /<key>/say {text}           /<key>/press {message, row, column}           /<key>/news {}

The key is drawn for each start and stands in the address; the host asked for must be the loopback address (a name made
to lead here is refused: DNS rebinding) and a POST must come from the page itself. The page builds its elements from
text and entities, and the policy lets it run its own script alone. Must never listen beyond this machine.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from aiohttp import web

from bot.locales import LANGUAGES, say
from bot.ops.botapi_people import Person, Posted
from bot.ops.html import Html, document, tag
from bot.ops.keys import same

LONGEST_TEXT = 4096
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
FILES = {"page.js": "text/javascript", "page.css": "text/css"}


@dataclass(slots=True)
class Play:
    """One visit. `turn` lets the next news appear, and returns once the feeds that hold it are ready to be read."""

    person: Person
    turn: Callable[[int], Awaitable[None]]
    moments: int
    moment: int = 1
    count: int = 0  # of rooms that differed
    seen: list[Any] = field(default_factory=list)

    def room(self) -> dict[str, Any]:
        """The chat as the page draws it."""
        messages = [_shown(one) for one in self.person.home.messages.values()]
        pressed = self.person.presses_made.values()
        toasts = [{"text": press.toast, "alert": press.alert} for press in pressed if press.toast]
        return {"messages": messages, "toasts": toasts, "moment": self.moment, "moments": self.moments}

    def version(self, room: dict[str, Any]) -> int:
        """The number of the room as it is now; another one whenever it changed."""
        if not self.seen or self.seen[-1] != room:
            self.seen = [*self.seen[-1:], room]
            self.count += 1
        return self.count


def play_routes(play: Play, key: str, language: str) -> tuple[web.AbstractRouteDef, ...]:
    """The page and what it asks."""

    async def page(request: web.Request) -> web.Response:
        asked = request.query.get("lang", "")
        return _answer(draw_page(asked if asked in LANGUAGES else language), "text/html")

    async def part(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return _answer((files(__package__) / name).read_text("utf-8"), FILES[name])

    async def room(request: web.Request) -> web.Response:
        seen = play.room()
        version = play.version(seen)
        if request.query.get("version") == str(version):
            return web.Response(status=204)
        return web.json_response({**seen, "version": version})

    async def photo(request: web.Request) -> web.Response:
        message = play.person.home.messages.get(int(request.match_info["number"]))
        if message is None or not message.photo:
            return web.Response(status=404)
        return web.Response(body=message.photo, content_type="image/png", headers=HEADERS)

    async def says(request: web.Request) -> web.Response:
        text = str((await _given(request)).get("text", "")).strip()[:LONGEST_TEXT]
        if text:
            play.person.says(text)
        return web.Response(status=204)

    async def presses(request: web.Request) -> web.Response:
        given = await _given(request)
        message = play.person.home.messages.get(given.get("message", 0))
        try:
            pressed = message.keyboard[given["row"]][given["column"]]["callback_data"] if message else None
        except (KeyError, IndexError, TypeError):
            pressed = None
        if message is None or pressed is None:
            return web.Response(status=404)
        play.person.forges(pressed, message)
        return web.Response(status=204)

    async def news(_request: web.Request) -> web.Response:
        if play.moment < play.moments:
            play.moment += 1
            await play.turn(play.moment)
        return web.Response(status=204)

    routes: tuple[tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]], ...] = (
        *(("GET", "", page), ("GET", "{name:page.js|page.css}", part), ("GET", "room", room)),
        ("GET", r"photo/{number:\d{1,9}}", photo),
        *(("POST", "say", says), ("POST", "press", presses), ("POST", "news", news)),
    )
    return tuple(web.route(method, "/{key}/" + path, _guarded(key, handler)) for method, path, handler in routes)


def _guarded(
    key: str, handler: Callable[[web.Request], Awaitable[web.Response]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Only who has the key, asks for this machine by its number, and posts from the page itself."""

    async def guarded(request: web.Request) -> web.Response:
        origin = request.headers.get("Origin")
        if not same(request.match_info["key"], key) or request.url.host != "127.0.0.1":
            return web.Response(status=404)
        if request.method == "POST" and origin not in {None, str(request.url.origin())}:
            return web.Response(status=403)
        return await handler(request)

    return guarded


def draw_page(language: str) -> str:
    """The page without the chat, which its script draws."""
    other = next(code for code in LANGUAGES if code != language)
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", say(language, "play.title")),
        tag("link", rel="icon", href="data:,"),
        tag("link", rel="stylesheet", href="page.css"),
    )
    header = tag(
        "header",
        tag("h1", say(language, "play.title")),
        tag("p", say(language, "play.about")),
        tag("a", say(other, "status.this_language"), href=f"?lang={other}", lang=other, hreflang=other),
    )
    field_of_text = tag(
        "input", id="text", autocomplete="off", maxlength=LONGEST_TEXT, aria_label=say(language, "play.write"),
        placeholder=say(language, "play.write"),
    )  # fmt: skip
    form = tag("form", field_of_text, tag("button", say(language, "play.send")), id="write")
    chat = tag("ol", id="messages", aria_live="polite", tabindex=0, aria_label=say(language, "play.chat"))
    toast = tag("div", id="toast", role="status")
    main = tag("main", header, _steps(language), chat, form, toast)
    return document(language, head, (main, tag("script", src="page.js")))


def _steps(language: str) -> Html:
    """What a newcomer may try, in order."""
    start = tag("button", say(language, "play.start"), type="button", id="start", data_say="/start")
    over = say(language, "play.no_more")
    news = tag("button", say(language, "play.news"), type="button", id="news", data_over=over)
    steps = (
        tag("li", say(language, "play.step_start"), " ", start),
        tag("li", say(language, "play.step_news"), " ", news),
        tag("li", say(language, "play.step_why")),
    )
    return tag("aside", tag("ol", steps))


def _shown(one: Posted) -> dict[str, Any]:
    text = one.text or (f"📎 {one.document[0]}" if one.document else "")
    keys = [[{"text": key["text"], "url": key.get("url", "")} for key in row] for row in one.keyboard]
    return {
        "id": one.message_id,
        "mine": not one.from_bot,
        "text": text,
        "photo": f"photo/{one.message_id}?edits={one.edits}" if one.photo else "",
        "entities": one.entities,
        "keyboard": keys,
        "edits": one.edits,
    }


async def _given(request: web.Request) -> dict[str, Any]:
    try:
        given = await request.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _answer(text: str, kind: str) -> web.Response:
    return web.Response(text=text, content_type=kind, headers=HEADERS)
