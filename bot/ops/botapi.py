"""HTTP calls become Telegram: a Bot API server for the demo and the tests, on the loopback, at the wire.

It speaks the real paths (`/bot<token>/<method>`, JSON, form and multipart bodies, long polling with offset
confirmation, webhooks), does what `botapi_methods` says and refuses what the real server refuses (`botapi_rules`).
People act through `botapi_people`. Faults can be programmed: each call asks `plan` and `trouble` first. It must never
be reachable from outside the machine.

    async with BotApi() as api:
        ana = api.person("Ana")
        ana.says("/start")
        await api.quiet()          # every update is confirmed, so answered
        ana.presses(ana.inbox[-1].key("Immigration"))

Source: core.telegram.org/bots/api; wordings of refusals from the open Bot API server (telegram-bot-api, Client.cpp).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.ops.botapi_methods import METHODS
from bot.ops.botapi_people import BOT_USER, Person, Room
from bot.ops.botapi_rules import Limits, Refused, read_value

SENDING = {"sendmessage", "sendphoto", "senddocument"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came; `at` in seconds of the server's clock."""

    method: str
    given: Mapping[str, Any]
    at: float

    @property
    def chat_id(self) -> int:
        return int(self.given.get("chat_id", 0))


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call. `accepts`: the call takes effect first, so that only its answer is lost."""

    status: int = 0
    body: bytes = b""  # sent as it is; b"" with status 0: the connection is dropped
    cut: bool = False  # the connection is dropped in the middle of the body
    accepts: bool = False
    seconds: float = 0  # slow: waits before anything else
    refusal: Refused | None = None


def refuses(code: int, description: str, **parameters: int) -> Fault:
    """An orderly refusal: 429 with retry_after, 403 kinds, 400 kinds, migrate_to_chat_id."""
    return Fault(refusal=Refused(code, description, **parameters))


TOO_MANY = "Too Many Requests: retry after {0}"
DROPPED_BEFORE = Fault()
DROPPED_AFTER = Fault(accepts=True)
BAD_GATEWAY = Fault(status=502, body=b"<html><head><title>502 Bad Gateway</title></head></html>")
HALF_JSON = Fault(status=200, body=b'{"ok":true,"resu', accepts=True)
CUT_JSON = Fault(status=200, body=b'{"ok":true,"result":{"message_id"', cut=True, accepts=True)


def floods(seconds: int) -> Fault:
    return refuses(429, TOO_MANY.format(seconds), retry_after=seconds)


def slow(seconds: float) -> Fault:
    """The answer is right, and late."""
    return Fault(seconds=seconds, status=-1)


@dataclass(slots=True)
class BotApi:
    """The server. `trouble` decides a fault for a call, or None; `limits` enforces Telegram's pace when given."""

    token: str = "7000:stand-in-token-of-a-bot-that-is-not"  # noqa: S105 (nobody's)
    port: int = 0
    limits: Limits | None = None
    clock: Callable[[], float] = time.monotonic
    trouble: Callable[[Call], Fault | None] = lambda _call: None
    calls: list[Call] = field(default_factory=list)
    rooms: dict[int, Room] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)  # by scope and language
    webhook: str = ""
    confirmed: int = 0
    _planned: list[tuple[Fault, str, int]] = field(default_factory=list)
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    _last_update: int = 5000
    _last_message: int = 0
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    pulse: asyncio.Event = field(default_factory=asyncio.Event)
    poller: int = 0
    _runner: web.AppRunner | None = None
    pusher: asyncio.Task[None] | None = None

    # The server's life.

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.poller += 1  # lets a waiting poll go
        self.beat()
        if self.pusher:
            self.pusher.cancel()
        if self._runner:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # The people's side.

    def person(self, name: str = "Ana", *, language: str = "fr", person_id: int = 0) -> Person:
        number = person_id or 100 + len(self.people)
        room = self.rooms[number] = Room(number, "private")
        self.people[number] = Person(number, name, language, self, room)
        return self.people[number]

    def group(
        self, title: str, *admins: Person, kind: str = "supergroup", threads: tuple[int, ...] = (), username: str = ""
    ) -> Room:
        """A group or channel of which `admins` are administrators; whoever else speaks is a member."""
        number = (-1_000_000_000_000 if kind != "group" else 0) - 500 - len(self.rooms)
        room = Room(number, kind, title, {admin.id: "administrator" for admin in admins}, set(threads))
        room.username = username
        self.rooms[number] = room
        return room

    def upgrade(self, group: Room) -> Room:
        """A group becomes a supergroup: the old id answers 400 with migrate_to_chat_id from now on."""
        number = -1_000_000_000_000 + group.id
        new = self.rooms[number] = Room(number, "supergroup", group.title, group.members)
        group.moved_to = number
        said = {"message_id": self.next_message_id(), "date": self.seconds(), "from": BOT_USER}
        self.queue(message=said | {"chat": group.as_chat(), "migrate_to_chat_id": number})
        self.queue(message=said | {"chat": new.as_chat(), "migrate_from_chat_id": group.id})
        return new

    def plan(self, fault: Fault, *, method: str = "sendMessage", chat_id: int = 0, times: int = 1) -> None:
        """The next `times` calls of `method` (to `chat_id` when given) meet this fault."""
        self._planned += [(fault, method.lower(), chat_id)] * times

    async def until(self, seen: Callable[[], bool], seconds: float = 10) -> None:
        """Waits until `seen()`; looked at after every call. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not seen():
                await self.pulse.wait()

    async def quiet(self, seconds: float = 10) -> None:
        """Waits until the bot has confirmed every update."""
        await self.until(lambda: self.confirmed >= self._last_update, seconds)

    # What the people's side calls.

    def queue(self, **update: Any) -> int:
        self._last_update += 1
        self.updates.append({"update_id": self._last_update, **update})
        self.beat()
        return self._last_update

    def again(self, update_id: int) -> None:
        """Telegram gives an update a second time."""
        self.confirmed = min(self.confirmed, update_id - 1)
        self.beat()

    def next_message_id(self) -> int:
        self._last_message += 1
        return self._last_message

    def seconds(self) -> int:
        return int(time.time())

    def new_file(self, name: str, data: bytes) -> str:
        unique = f"file{len(self.files)}"
        self.files[unique] = (name, data)
        return unique

    def beat(self) -> None:
        self.pulse.set()
        self.pulse = asyncio.Event()

    # The wire.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _refusal(Refused(401, "Unauthorized"))
        method = request.match_info["method"].lower()
        answer = METHODS.get(method)
        if answer is None:
            return _refusal(Refused(404, "Not Found"))
        call = Call(method, await _read(request), self.clock())
        self.calls.append(call)
        fault = self._fault(call) or Fault(status=-1)
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        try:
            if fault.refusal:
                raise fault.refusal
            if fault.status != -1 and not fault.accepts:
                return await _break(request, fault)
            result = await answer(self, call.given)
        except Refused as refused:
            return _refusal(refused)
        finally:
            self.beat()
        return web.json_response({"ok": True, "result": result}) if fault.status == -1 else await _break(request, fault)

    def _fault(self, call: Call) -> Fault | None:
        for index, (fault, method, chat_id) in enumerate(self._planned):
            if method == call.method and chat_id in {0, call.chat_id}:
                del self._planned[index]
                return fault
        return self.trouble(call)

    async def _serve_file(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["path"])
        if request.match_info["token"] != self.token or found is None:
            raise web.HTTPNotFound
        return web.Response(body=found[1])


async def _read(request: web.Request) -> dict[str, Any]:
    """The parameters, from the query and from whichever body the client chose (#making-requests)."""
    given: dict[str, Any] = {key: read_value(key, value) for key, value in request.query.items()}
    if request.content_type == "application/json":
        return given | dict(await request.json())
    files: dict[str, tuple[str, bytes]] = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[key] = (value.filename, value.file.read())
        else:
            given[key] = read_value(key, str(value))
    attached = {
        key: files[value.removeprefix("attach://")]
        for key, value in given.items()
        if isinstance(value, str) and value.startswith("attach://")
    }
    for value in given.values():  # an InputMedia names the file that comes with it (#inputmediaphoto)
        if isinstance(value, dict) and str(value.get("media", "")).startswith("attach://"):
            value["media"] = files[value["media"].removeprefix("attach://")]
    return given | files | attached


def _refusal(refused: Refused) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.code)


async def _break(request: web.Request, fault: Fault) -> web.StreamResponse:
    """A broken answer: a strange body, half of one, or a connection that just ends."""
    if fault.status and not fault.cut:
        return web.Response(status=fault.status, body=fault.body, content_type="text/html")
    answer = web.StreamResponse(status=fault.status or 200)
    if fault.cut:
        answer.content_length = len(fault.body) + 100
        await answer.prepare(request)
        await answer.write(fault.body)
    if request.transport:
        request.transport.abort()
    return answer
