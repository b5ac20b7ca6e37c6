"""Who asks for the operator's page → the page, the form that asks for the key, or nothing.

    GET  /status   the page, for who has the key (a cookie, or `Authorization: Bearer`); without a key set, for this
                   machine alone: a loopback peer that asks for a loopback host and came through no proxy
    POST /status   the key, once: a cookie that is not the key, HttpOnly, SameSite=Strict

The key is compared in constant time, and must never stand in an address or a log.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from ipaddress import ip_address

from aiohttp import web

from bot.locales import LANGUAGES, language_of
from bot.ops.keys import derive, same
from bot.ops.status_page import FEEDS_SHOWN, Reader, Status, draw_door, draw_status

PATH = "/status"
COOKIE = "guetteur_status"
COOKIE_SECONDS = 30 * 24 * 3600
PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
EVERY_FEED = 100_000

Load = Callable[[], Awaitable[Status]]


def status_routes(key: str, load: Load, language: str, timezone: str) -> tuple[web.AbstractRouteDef, ...]:
    """The page behind `key` ("": this machine alone). `language`: for who asks for none."""
    cookie = derive(key, "status cookie") if key else ""

    async def show(request: web.Request) -> web.Response:
        reader = Reader(_language(request, language), timezone)
        if not _may_read(request, key, cookie):
            sentence = "status.ask_key" if key else "status.not_local"
            return _page(draw_door(reader.language, _css(), sentence, asks=bool(key)), 401 if key else 403)
        shown = EVERY_FEED if request.query.get("feeds") == "all" else FEEDS_SHOWN
        answer = _page(draw_status(await load(), reader, _css(), shown))
        answer.enable_compression()
        return answer

    async def enter(request: web.Request) -> web.Response:
        reader = Reader(_language(request, language), timezone)
        given = str((await request.post()).get("key", ""))
        if not key or not same(given, key):
            return _page(draw_door(reader.language, _css(), "status.wrong_key", asks=bool(key)), 401 if key else 403)
        entered = web.Response(status=303, headers={"Location": PATH})
        safe = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
        entered.set_cookie(
            COOKIE, cookie, max_age=COOKIE_SECONDS, path=PATH, httponly=True, samesite="Strict", secure=safe
        )
        return entered

    return web.get(PATH, show), web.post(PATH, enter)


def is_local(request: web.Request) -> bool:
    """Asked on this machine for this machine; not through a proxy, nor by a name that was made ours (DNS rebinding)."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    host = request.url.host or ""
    near = peer is not None and ip_address(str(peer[0]).partition("%")[0]).is_loopback
    return near and host in LOCAL_HOSTS and not any(name in request.headers for name in PROXIES)


def _may_read(request: web.Request, key: str, cookie: str) -> bool:
    if not key:
        return is_local(request)
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and same(said.strip(), key):
        return True
    return same(request.cookies.get(COOKIE, ""), cookie)


def _language(request: web.Request, otherwise: str) -> str:
    asked = request.query.get("lang", "")
    if asked in LANGUAGES:
        return asked
    accepted = request.headers.get("Accept-Language", "")
    return language_of(accepted.partition(",")[0].strip()) if accepted else otherwise


def _page(html: str, status: int = 200) -> web.Response:
    """Nothing but itself: no script, no other address, no frame."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_css_hash()}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


@cache
def _css() -> str:
    return (files(__package__) / "pages.css").read_text("utf-8").strip()


@cache
def _css_hash() -> str:
    return b64encode(sha256(_css().encode()).digest()).decode()
