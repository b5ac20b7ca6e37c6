"""Everything that publishers and attackers send, over real HTTP through the whole loop: a cause in the feed's health,
the other feeds on time, nothing lost and nothing told twice."""

import gzip
from datetime import timedelta
from email.utils import format_datetime

import brotli
import pytest

from tests.feeds.server import drip, endless, hang, head, page, raw, redirect
from tests.loops.newsroom import rss, watching
from tests.store.facts import add_chat

SHORT = {"fetch_seconds": 1.5, "fetch_idle_seconds": 0.5, "parse_seconds": 1.5}
OLD = ("g0", "Un syndicat fête ses cent ans")
NEWS = ("g1", "640 permis de travail prolongés à Matane")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]><rss><channel><item><title>&l9;</title></item></channel></rss>'

CAUSES = {
    "drip": (drip(b" " * 1_000, 0.02), "too_slow"),
    "hang": (hang(), "timeout"),
    "hang-after": (hang(head(200, Content_Length=100)), "timeout"),
    "endless": (endless(head(200), bytes(100_000)), "too_big"),
    "gzip-bomb": (page(gzip.compress(bytes(30_000_000)), Content_Encoding="gzip"), "too_big"),
    "br-bomb": (page(brotli.compress(bytes(30_000_000), quality=1), Content_Encoding="br"), "too_big"),
    "500-mb": (raw(head(200, Content_Length=500_000_000), b"<rss>"), "too_big"),
    "loop": (redirect("/loop"), "redirect_loop"),
    "chain": (redirect("/chain1"), "redirect_loop"),
    "private": (redirect("http://10.0.0.1/"), "forbidden_address"),
    "metadata": (redirect("http://[::ffff:169.254.169.254]/"), "forbidden_address"),
    "rebound": (redirect("http://localhost:{port}/good"), "forbidden_address"),  # a name whose DNS answer is private
    "file": (redirect("file:///etc/passwd"), "bad_redirect"),
    "empty": (page(b""), "empty"),
    "html": (page(b"<!DOCTYPE html><html>Connexion</html>", Content_Type="application/rss+xml"), "html_page"),
    "picture": (page(b"\x89PNG\r\n\x1a\n" + bytes(1_000), Content_Type="text/xml"), "not_a_feed"),
    "nested": (page(b'<rss version="2.0"><channel>' + b"<a>" * 200_000), "parser_killed"),
    "gone": (page(b"", 410), "http_410"),
    "password": (page(b"", 401), "http_401"),
    "hurry": (page(b"", 429, Retry_After="3600"), "http_429"),
    "wall": (page(b"<title>Just a moment...</title>", 503, Server="cloudflare"), "cloudflare"),
}  # fmt: skip


async def test_each_bad_answer_has_its_cause_the_good_feed_is_on_time_and_what_comes_back_has_lost_nothing(
    sqlite_database, site, tmp_path, now
):
    await add_chat(sqlite_database, 7, now, ("immigration", "labour"))
    paths = {"good": "/good", **{name: f"/{name}" for name in CAUSES}}
    for path in paths.values():
        site.page(path, rss(now, OLD))
    async with watching(sqlite_database, site, tmp_path, now, paths, fetch_per_host=20, **SHORT) as watch:
        await watch.round()
        assert {fate for _, fate in await watch.items()} == {"primed"}
        for name, (handler, _) in CAUSES.items():
            moved = redirect(f"http://localhost:{site.port}/good")
            site.on(f"/{name}", moved if name == "rebound" else handler)
        for hop in range(1, 7):
            site.on(f"/chain{hop}", redirect(f"/chain{hop + 1}"))
        site.page("/good", rss(now, NEWS, OLD))
        await watch.round()
        assert {name: (await watch.health(name)).cause for name in CAUSES} == {n: c for n, (_, c) in CAUSES.items()}
        assert (await watch.health("good")).cause == ""
        assert await watch.alerts() == [NEWS[1]]
        for name in CAUSES:
            site.page(f"/{name}", rss(now, (f"new-{name}", f"Une fête à {name}"), OLD))
        await watch.round(24)
        back = sorted(title for title, fate in await watch.items() if fate != "primed" and title != NEWS[1])
        assert back == sorted(f"Une fête à {name}" for name in CAUSES if name != "gone")


def listed(*entries: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Le Courrier</title>{''.join(entries)}</channel></rss>".encode()


def entry(title: str, guid: str = "", link: str = "", date: str = "") -> str:
    named = {"guid": guid, "link": link, "pubDate": date, "title": title}
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in named.items() if value) + "</item>"


def article(number: int) -> str:
    return f"https://courrier.example/{number}"


A, B, C = "Un permis de travail à Alma", "Un permis de travail à Gaspé", "Un permis de travail à Laval"
ONE, TWO, THREE = (entry(title, f"g{n}", article(n)) for n, title in enumerate((A, B, C)))
ODD = {
    "guids that change at each fetch": [
        listed(entry(A, "x1", article(1))),
        listed(entry(B, "x3", article(2)), entry(A, "x2", article(1))),
        listed(entry(B, "x5", article(2)), entry(A, "x4", article(1))),
    ],
    "no guid": [listed(entry(A, "", article(1))), listed(entry(B, "", article(2)), entry(A, "", article(1)))],
    "neither guid nor link": [listed(entry(A)), listed(entry(B), entry(A)), listed(entry(B), entry(A))],
    "one guid for all": [
        listed(entry(A, "same", article(1)), entry(C, "same", article(3))),
        listed(entry(B, "same", article(2)), entry(A, "same", article(1)), entry(C, "same", article(3))),
    ],
    "dates of 1970": [
        listed(entry(A, "g1", date="Thu, 01 Jan 1970 00:00:00 GMT")),
        listed(*(entry(t, g, date="Thu, 01 Jan 1970 00:00:00 GMT") for t, g in ((B, "g2"), (A, "g1")))),
    ],
    "dates to come": [
        listed(entry(A, "g1", date="Fri, 01 Jan 2100 00:00:00 GMT")),
        listed(*(entry(t, g, date="Fri, 01 Jan 2100 00:00:00 GMT") for t, g in ((B, "g2"), (A, "g1")))),
    ],
    "no dates": [listed(entry(A, "g1")), listed(entry(B, "g2"), entry(A, "g1"))],
    "another order": [listed(ONE, THREE), listed(THREE, TWO, ONE), listed(ONE, TWO, THREE)],
    "gone and back": [listed(ONE), listed(TWO), listed(ONE, TWO), listed(), listed(TWO, ONE)],
    "UTF-16": [listed(ONE), listed(TWO, ONE).decode().encode("utf-16")],
    "Windows bytes that say UTF-8": [
        listed(ONE),
        b"<?xml version='1.0' encoding='utf-8'?>" + listed(TWO, ONE).decode().encode("cp1252"),
    ],
    "NUL and control bytes": [listed(ONE), listed(TWO, ONE).replace(b"travail", b"trav\x00\x08ail")],
    "half a body": [listed(ONE), listed(TWO, ONE)[:-60]],
    "100,000 comments begun": [listed(ONE), listed(TWO).replace(b"</channel></rss>", b"<!--" * 100_000)],
    "a billion laughs": [listed(ONE), BOMB.replace("</channel>", TWO + "</channel>").encode()],
    "an entity that reads a file": [
        listed(ONE),
        b'<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + listed(TWO, entry("&amp;e; &e;", "g9")),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
async def test_odd_feeds_tell_what_is_new_once(sqlite_database, site, tmp_path, now, name):
    await add_chat(sqlite_database, 7, now, ("immigration",))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}, **SHORT) as watch:
        for body in ODD[name]:
            site.page("/a", body)
            await watch.round()
        items = await watch.items()
        told = [title for title, fate in items if fate in {"alerted", "grew"}]
        assert told == [B]
        assert "root:" not in str(items)
        assert all(len(title) < 600 for title, _ in items)


async def test_twenty_thousand_items_are_read_and_the_next_one_is_told(sqlite_database, site, tmp_path, now):
    await add_chat(sqlite_database, 7, now, ("immigration",))
    date = format_datetime(now - timedelta(hours=1))
    many = [f"<item><guid>{n}</guid></item>" for n in range(20_000)]
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a", "b": "/b"}) as watch:
        site.page("/a", listed(*many))
        site.page("/b", rss(now))
        await watch.round()
        assert (await watch.health()).items_total == 20_000
        site.page("/a", listed(entry(B, "new", date=date), *many))
        await watch.round()
        assert await watch.alerts() == [B]
