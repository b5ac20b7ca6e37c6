"""Fetching over real HTTP on the loopback address, from servers of every kind."""

import asyncio
import gzip
import socket
import ssl
import time
import zlib
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest

from bot.errors import ConfigError, FetchFailed
from bot.feeds.answer import Body, HttpRefused, NotModified
from bot.feeds.fetch import PAGES, Fetcher, fetch_limits
from bot.settings import Settings
from tests.feeds.conftest import limits
from tests.feeds.server import drip, endless, hang, head, in_turn, open_site, page, raw, redirect

FEED = b"<rss version='2.0'><channel><title>Fil</title></channel></rss>"


async def cause_of(fetcher, url):
    with pytest.raises(FetchFailed) as failed:
        await fetcher.get(url)
    return failed.value.cause


async def test_a_body_comes_with_what_the_server_said_of_it(site, fetcher):
    url = site.page(
        "/feed",
        FEED,
        ETag='W/"a"',
        Last_Modified="Tue, 10 Mar 2026 15:00:00 GMT",
        Content_Type="application/rss+xml; charset=utf-8",
        Cache_Control="public, max-age=900",
        Age="300",
    )
    assert await fetcher.get(url) == Body(
        url=url,
        content=FEED,
        content_type="application/rss+xml; charset=utf-8",
        etag='W/"a"',
        last_modified="Tue, 10 Mar 2026 15:00:00 GMT",
        max_age=timedelta(minutes=10),
    )


async def test_it_says_who_it_is_and_what_it_reads(site, fetcher):
    await fetcher.get(site.page("/feed", FEED))
    asked = site.requests[-1].headers
    assert asked["user-agent"] == "Guetteur/test (+https://guetteur.example)"
    assert set(asked["accept-encoding"].split(", ")) == {"gzip", "deflate", "br", "zstd"}
    assert "rss+xml" in asked["accept"]
    assert "cookie" not in asked
    await fetcher.get(site.url("/feed"), accept=PAGES)
    assert site.requests[-1].headers["accept"].startswith("text/html")


@pytest.mark.parametrize("etag", ['"simple"', 'W/"weak"', "bare", '"a""b"', "'"])
async def test_validators_go_back_as_they_came(site, fetcher, etag):
    url = site.page("/feed", FEED, ETag=etag, Last_Modified="hier matin")
    first = await fetcher.get(url)
    again = await fetcher.get(url, first.etag, first.last_modified)
    assert again == NotModified(url, etag=etag, last_modified="hier matin")
    assert site.requests[-1].headers["if-none-match"] == etag
    assert site.requests[-1].headers["if-modified-since"] == "hier matin"


@pytest.mark.parametrize("etag", ["é", "x" * 5_000, ""])
async def test_a_validator_that_could_not_go_back_is_not_kept(site, fetcher, etag):
    body = await fetcher.get(site.page("/feed", FEED, ETag=etag))
    assert body.etag is None


async def test_a_304_nobody_asked_for_is_a_failure(site, fetcher):
    site.page("/feed", status=304)
    assert await cause_of(fetcher, site.url()) == "unasked_304"


async def test_cookies_are_neither_kept_nor_sent(site, fetcher):
    site.page("/feed", FEED, Set_Cookie="suivi=1; Path=/")
    await fetcher.get(site.url())
    await fetcher.get(site.url())
    assert "cookie" not in site.requests[-1].headers


def zstd(data):
    from backports.zstd import compress

    return compress(data)


@pytest.mark.parametrize(
    ("coding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress), ("zstd", zstd), ("identity", bytes)],
)
async def test_every_content_coding_is_read(site, fetcher, coding, encode):
    body = await fetcher.get(site.page("/feed", encode(FEED), Content_Encoding=coding))
    assert body.content == FEED


def fast_brotli(data):
    return brotli.compress(data, quality=1)


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("br", fast_brotli), ("zstd", zstd)])
async def test_a_bomb_is_dropped_at_the_limit(site, fetcher, coding, encode):
    bomb = encode(bytes(100_000_000))
    site.page("/bomb", bomb, Content_Encoding=coding)
    started = time.perf_counter()
    assert await cause_of(fetcher, site.url("/bomb")) == "too_big"
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    "answer",
    [
        page(b"not gzip at all", Content_Encoding="gzip"),
        page(b"\x00\xff" * 50, Content_Encoding="br"),
        page(FEED, Content_Encoding="rot13"),
    ],
)
async def test_a_body_that_does_not_decode_says_so(site, fetcher, answer):
    assert await cause_of(fetcher, site.on("/feed", answer)) == "broken_encoding"


@pytest.mark.parametrize(
    "answer",
    [
        page(bytes(2_000_000)),
        raw(head(200, Content_Length=500_000_000), b"<rss>"),
        endless(head(200), bytes(100_000)),
        endless(head(200, Transfer_Encoding="chunked"), b"10000\r\n" + bytes(65_536) + b"\r\n"),
    ],
)
async def test_a_body_past_the_limit_is_dropped(site, fetcher, answer):
    assert await cause_of(fetcher, site.on("/feed", answer)) == "too_big"


@pytest.mark.parametrize(
    "before", [b"", b"HTTP/1.1 200 OK\r\n", head(200, Content_Length=10), head(200, Content_Length=10) + b"x"]
)
async def test_silence_is_a_timeout(site, before):
    async with Fetcher(limits(site.here, idle=0.1)) as fetcher:
        started = time.perf_counter()
        assert await cause_of(fetcher, site.on("/feed", hang(before))) == "timeout"
        assert time.perf_counter() - started < 3


@pytest.mark.parametrize("answer", [drip(FEED, 0.05), raw(b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 90, every=0.05)])
async def test_a_drip_is_too_slow(site, answer):
    async with Fetcher(limits(site.here, total=0.9, idle=0.8)) as fetcher:
        assert await cause_of(fetcher, site.on("/feed", answer)) == "too_slow"


async def test_a_server_that_accepts_nothing_times_out_on_connection():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        where = f"127.0.0.1:{full.getsockname()[1]}"
        waiting = []
        for _ in range(4):  # fills the backlog
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(full.getsockname())
            waiting.append(one)
        async with Fetcher(limits(where, connect=0.2)) as fetcher:
            assert await cause_of(fetcher, f"http://{where}/") == "timeout_connect"
        for one in waiting:
            one.close()


async def test_a_closed_port_is_refused():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{unused.getsockname()[1]}"
    async with Fetcher(limits(where)) as fetcher:
        assert await cause_of(fetcher, f"http://{where}/") == "refused"


async def test_a_name_that_does_not_exist_is_a_dns_failure(fetcher):
    assert await cause_of(fetcher, "http://absent.invalid/") == "dns"


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (raw(), "disconnected"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-"), "disconnected"),
        (raw(head(200, Content_Length=1000) + FEED), "disconnected"),
        (raw(head(200, Transfer_Encoding="chunked") + b"5\r\nabc"), "disconnected"),
        (raw(b"SSH-2.0-OpenSSH\r\n\r\n"), "bad_answer"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"), "bad_answer"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n"), "bad_answer"),
        (raw(head(200, Transfer_Encoding="chunked") + b"zz\r\nabc\r\n"), "bad_answer"),
    ],
)
async def test_a_broken_answer_has_a_cause(site, fetcher, answer, cause):
    assert await cause_of(fetcher, site.on("/feed", answer)) == cause


async def test_a_connection_that_drops_twice_is_tried_again_at_once(site, fetcher):
    url = site.on("/feed", in_turn(raw(), raw(), page(FEED)))
    assert (await fetcher.get(url)).content == FEED
    assert site.hits["/feed"] == 3


async def test_a_connection_that_keeps_dropping_is_given_up(site, fetcher):
    url = site.on("/feed", raw())
    assert await cause_of(fetcher, url) == "disconnected"
    assert site.hits["/feed"] <= 6  # aiohttp itself asks twice on a connection that was kept alive


async def test_what_is_no_hiccup_is_not_tried_again(site, fetcher):
    site.page("/feed", status=503)
    assert await cause_of(fetcher, site.url()) == "http_5xx"
    assert site.hits["/feed"] == 1


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, "http_401"),
        (403, "http_403"),
        (404, "http_404"),
        (410, "http_410"),
        (418, "http_4xx"),
        (429, "http_429"),
        (500, "http_5xx"),
        (503, "http_5xx"),
        (599, "http_5xx"),
    ],
)
async def test_each_refusal_has_its_cause(site, fetcher, status, cause):
    site.page("/feed", b"<html>Non</html>", status)
    with pytest.raises(HttpRefused) as refused:
        await fetcher.get(site.url())
    assert (refused.value.cause, refused.value.status, refused.value.detail) == (cause, status, f"HTTP {status}")


async def test_retry_after_is_read_in_seconds_and_as_a_date(site, fetcher, now):
    asked = {
        "a": "120",
        "b": format_datetime(now + timedelta(hours=1), usegmt=True),
        "c": "bientôt",
        "d": "-5",
        "e": "9" * 50,
    }
    waits = {}
    for name, value in asked.items():
        site.page(f"/{name}", status=429, Retry_After=value, Date=format_datetime(now, usegmt=True))
        with pytest.raises(HttpRefused) as refused:
            await fetcher.get(site.url(f"/{name}"))
        waits[name] = refused.value.retry_after
    assert waits["a"] == timedelta(minutes=2)
    assert waits["b"] == timedelta(hours=1)
    assert waits["c"] is None
    assert waits["d"] is None
    assert waits["e"] > timedelta(days=300)


@pytest.mark.parametrize(
    ("headers", "max_age"),
    [
        ({"Cache_Control": "max-age=60"}, timedelta(minutes=1)),
        ({"Cache_Control": "no-cache, max-age=60"}, None),
        ({"Cache_Control": "s-maxage=60"}, None),
        ({"Cache_Control": "max-age=0", "Expires": "Tue, 10 Mar 2026 16:00:00 GMT"}, None),
        ({"Expires": "Tue, 10 Mar 2026 16:00:00 GMT", "Date": "Tue, 10 Mar 2026 15:00:00 GMT"}, timedelta(hours=1)),
        ({"Expires": "0"}, None),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"Expires": "Tue, 99 Mar 2026"}, None),
        ({"Cache_Control": "max-age=99999999999999"}, timedelta(seconds=10**8)),
        ({}, None),
    ],
)
async def test_how_long_an_answer_stays_fresh(site, fetcher, headers, max_age):
    assert (await fetcher.get(site.page("/feed", FEED, **headers))).max_age == max_age


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (page(b"<html>Just a moment...</html>", 403, Server="cloudflare"), "cloudflare"),
        (page(b"", 403, cf_mitigated="challenge"), "cloudflare"),
        (page(b"", 403, x_datadome="protected"), "bot_wall"),
        (page(b"Not for you", 403, Server="cloudflare"), "http_403"),
    ],
)
async def test_a_wall_against_robots_is_recognised(site, fetcher, answer, cause):
    assert await cause_of(fetcher, site.on("/feed", answer)) == cause


async def test_redirects_are_followed_and_the_end_is_told(site, fetcher):
    site.on("/a", redirect("/b"))
    site.on("/b", redirect("c?x=1#y", 307))
    site.page("/c?x=1", FEED)
    body = await fetcher.get(site.url("/a"))
    assert (body.content, body.url, body.permanent_url) == (FEED, site.url("/c?x=1"), None)


async def test_a_move_is_for_good_only_as_far_as_every_hop_says_so(site, fetcher):
    site.on("/a", redirect("/b", 301))
    site.on("/b", redirect("/c", 308))
    site.on("/c", redirect("/d", 302))
    site.on("/d", redirect("/e", 301))
    site.page("/e", FEED, ETag='"e"')
    body = await fetcher.get(site.url("/a"))
    assert (body.url, body.permanent_url) == (site.url("/e"), site.url("/c"))
    unchanged = await fetcher.get(site.url("/a"), '"e"')
    assert (unchanged.url, unchanged.permanent_url) == (site.url("/e"), site.url("/c"))


async def test_five_redirects_are_followed_and_six_are_not(site, fetcher):
    for n in range(6):
        site.on(f"/{n}", redirect(f"/{n + 1}"))
    site.page("/6", FEED)
    assert (await fetcher.get(site.url("/1"))).content == FEED
    assert await cause_of(fetcher, site.url("/0")) == "redirect_loop"


async def test_a_redirect_loop_ends_at_once(site, fetcher):
    site.on("/a", redirect("/b"))
    site.on("/b", redirect("/a"))
    assert await cause_of(fetcher, site.url("/a")) == "redirect_loop"
    assert site.hits["/a"] == 1


@pytest.mark.parametrize(
    ("location", "cause"),
    [
        ("file:///etc/passwd", "bad_redirect"),
        ("gopher://a.example/", "bad_redirect"),
        ("", "bad_redirect"),
        ("http://[::1", "bad_redirect"),
        ("http://127.0.0.2/", "forbidden_address"),
        ("http://169.254.169.254/latest/meta-data/", "forbidden_address"),
        ("http://[::ffff:127.0.0.1]/", "forbidden_address"),
        ("http://2130706433/", "bad_url"),
        ("http://localhost/", "forbidden_address"),
    ],
)
async def test_a_redirect_to_where_nobody_may_go_is_refused(site, fetcher, location, cause):
    assert await cause_of(fetcher, site.on("/feed", redirect(location))) == cause


async def test_a_redirect_to_another_port_of_an_allowed_host_is_refused(site, fetcher):
    async with open_site() as other:
        other.page("/secret", b"secret")
        site.on("/feed", redirect(other.url("/secret")))
        assert await cause_of(fetcher, site.url()) == "forbidden_address"
        assert not other.hits


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.100.100.200",
    "224.0.0.1",
    "①②⑦.⓪.⓪.①",
]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_private_address_is_fetched(site, host):
    async with Fetcher(limits()) as fetcher:
        assert await cause_of(fetcher, f"http://{host}:{site.port}/") in {"forbidden_address", "bad_url", "dns"}
    assert not site.hits


async def test_a_name_that_answers_with_a_private_address_is_refused_however_often_it_changes(site):
    async with Fetcher(limits()) as fetcher:  # "localhost" is the name whose DNS answer is private
        for _ in range(3):
            assert await cause_of(fetcher, f"http://localhost:{site.port}/") == "forbidden_address"
    assert not site.hits


async def test_a_name_allowed_with_its_port_is_fetched(site):
    site.page("/feed", FEED)
    async with Fetcher(limits(f"localhost:{site.port}")) as fetcher:
        assert (await fetcher.get(f"http://localhost:{site.port}/feed")).content == FEED
        assert await cause_of(fetcher, site.url()) == "forbidden_address"


async def test_a_network_allowed_is_fetched(site):
    site.page("/feed", FEED)
    async with Fetcher(limits("127.0.0.0/8")) as fetcher:
        assert (await fetcher.get(site.url())).content == FEED


def test_a_wrong_allowance_is_refused_before_anything_is_fetched():
    with pytest.raises(ConfigError, match="GUETTEUR_FETCH_ALLOW"):
        Fetcher(limits("rsshub"))


@pytest.fixture
def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder = Path(__file__).parent / "tls"
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_a_certificate_nobody_vouches_for_is_refused(tls):
    async with open_site(tls) as secure, Fetcher(limits(secure.here)) as fetcher:
        with pytest.raises(FetchFailed) as failed:
            await fetcher.get(secure.url())
    assert (failed.value.cause, "self" in failed.value.detail) == ("tls", True)


async def test_plain_http_behind_https_is_a_tls_failure():
    async def answer(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, Fetcher(limits(where)) as fetcher:
        assert await cause_of(fetcher, f"https://{where}/") == "tls"


@pytest.fixture
def vouched(monkeypatch):
    """OpenSSL trusts the test certificate (https://docs.openssl.org/3.0/man3/SSL_CTX_load_verify_locations/)."""
    monkeypatch.setenv("SSL_CERT_FILE", str(Path(__file__).parent / "tls" / "cert.pem"))


async def test_https_is_fetched_and_never_left_for_http(site, tls, vouched):
    async with open_site(tls) as secure, Fetcher(limits(secure.here, site.here)) as fetcher:
        secure.page("/feed", FEED)
        secure.on("/down", redirect(site.url()))
        site.on("/up", redirect(secure.url()))
        assert (await fetcher.get(site.url("/up"))).url == secure.url()
        assert await cause_of(fetcher, secure.url("/down")) == "redirect_downgrade"
        assert site.hits["/feed"] == 0


@pytest.mark.parametrize(
    "url",
    ["", "feed", "ftp://a.example/", "file:///etc/passwd", "http://", "http://[::1/", "http://a.example:99999/", "javascript:0",
     "http://" + "a" * 300 + ".example/", "http://a..example/", "http://\ud800.example/"],
)  # fmt: skip
async def test_an_address_that_is_none_is_a_cause(fetcher, url):
    assert await cause_of(fetcher, url) in {"bad_url", "dns"}


async def test_no_failure_shows_a_user_or_a_query(site, fetcher):
    private = site.url("/feed?jeton=SECRET").replace("//", "//moi:SECRET@")
    site.on("/feed?jeton=SECRET", redirect(private))
    for url in (private, "ftp://moi:SECRET@a.example/?q=SECRET", "http://moi:SECRET@absent.invalid/?q=SECRET"):
        with pytest.raises(FetchFailed) as failed:
            await fetcher.get(url)
        assert "SECRET" not in str(failed.value)
    assert all("authorization" not in request.headers for request in site.requests)


async def test_at_most_two_requests_at_once_reach_a_host(site):
    async def slowly(request, out):
        await asyncio.sleep(0.02)
        await page(FEED)(request, out)

    site.on("/feed", slowly)
    async with Fetcher(limits(site.here)) as fetcher:
        await asyncio.gather(*[fetcher.get(site.url()) for _ in range(9)])
        assert not fetcher._gates
    assert (site.hits["/feed"], site.most["/feed"]) == (9, 2)


async def test_no_more_requests_at_once_than_allowed_in_all(site):
    async def slowly(request, out):
        await asyncio.sleep(0.02)
        await page(FEED)(request, out)

    site.on("/feed", slowly)
    async with Fetcher(limits(site.here, per_host=50, overall=3)) as fetcher:
        await asyncio.gather(*[fetcher.get(site.url()) for _ in range(9)])
    assert site.most["/feed"] == 3


async def test_a_dead_host_does_not_delay_the_others(site):
    async with open_site() as dead, Fetcher(limits(site.here, f"localhost:{dead.port}", overall=4, idle=1)) as fetcher:
        dead.on("/feed", hang())
        site.page("/feed", FEED)
        stuck = [asyncio.create_task(cause_of(fetcher, f"http://localhost:{dead.port}/feed")) for _ in range(6)]
        await asyncio.sleep(0.05)
        started = time.perf_counter()
        await asyncio.gather(*[fetcher.get(site.url()) for _ in range(20)])
        assert time.perf_counter() - started < 0.5
        for one in stuck:
            one.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_waiting_for_a_turn_does_not_count_as_time(site):
    async def slowly(request, out):
        await asyncio.sleep(0.25)
        await page(FEED)(request, out)

    site.on("/feed", slowly)
    async with Fetcher(limits(site.here, total=0.8, per_host=1)) as fetcher:
        bodies = await asyncio.gather(*[fetcher.get(site.url()) for _ in range(4)])
    assert len(bodies) == 4


async def test_a_fetch_that_is_given_up_frees_its_turn(site, fetcher):
    site.on("/hang", hang())
    site.page("/feed", FEED)
    stuck = [asyncio.create_task(fetcher.get(site.url("/hang"))) for _ in range(5)]
    await asyncio.sleep(0.05)
    for one in stuck:
        one.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)
    assert (await fetcher.get(site.url())).content == FEED


def test_the_same_bytes_have_the_same_digest():
    assert Body("u", FEED).digest == Body("v", FEED).digest != Body("u", FEED + b" ").digest


def test_the_limits_come_from_the_settings(monkeypatch):
    monkeypatch.setenv("GUETTEUR_FETCH_ALLOW", "rsshub:1200, 10.0.0.0/8")
    chosen = fetch_limits(Settings(_env_file=None, fetch_per_host=3))
    assert (chosen.per_host, chosen.allow) == (3, ("rsshub:1200", "10.0.0.0/8"))
    assert "+https://" in chosen.user_agent
