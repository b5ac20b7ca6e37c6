import asyncio
import socket

import pytest
from aiohttp import ClientSession, web

from bot.ops import metrics
from bot.ops.web import address_of, make_web, serve_web


async def yes():
    return True


async def no():
    return False


async def broken():
    raise OSError("secret of the database")


async def endless():
    await asyncio.Event().wait()
    return True


async def ask(path, listen="127.0.0.1:0", **web_parts):
    async with serve_web(listen, **web_parts) as url, ClientSession() as session, session.get(url + path) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_a_bot_whose_database_answers_is_alive():
    status, body, headers = await ask("/healthz", database=yes)
    assert (status, body) == (200, '{"ok": true, "failing": []}')
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("database", [no, broken])
async def test_a_bot_whose_database_does_not_answer_is_not_and_says_no_more_than_that(database):
    status, body, _ = await ask("/healthz", database=database)
    assert (status, body) == (503, '{"ok": false, "failing": ["database"]}')


async def test_a_database_that_never_answers_is_a_no_in_time():
    async with asyncio.timeout(5):
        runner = web.AppRunner(make_web(endless, probe_seconds=0.05))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0]
            async with ClientSession() as session, session.get(f"http://{host}:{port}/healthz") as answer:
                assert answer.status == 503
        finally:
            await runner.cleanup()


async def test_ready_names_everything_that_is_not():
    status, body, _ = await ask("/readyz", database=yes, ready={"token": no, "polling": broken, "web": yes})
    assert (status, body) == (503, '{"ok": false, "failing": ["token", "polling"]}')
    assert (await ask("/readyz", database=yes, ready={"token": yes}))[0] == 200
    assert (await ask("/healthz", database=yes, ready={"token": no}))[0] == 200


async def test_metrics_are_refreshed_then_given_in_prometheus_own_format():
    async def refresh():
        metrics.queue_age_seconds.set(12.5)

    status, body, headers = await ask("/metrics", database=yes, refresh=refresh)
    assert status == 200
    assert "guetteur_queue_age_seconds 12.5" in body
    assert headers["Content-Type"] == metrics.CONTENT_TYPE


async def test_metrics_are_given_even_when_the_database_cannot_refresh_them():
    async def refresh():
        raise OSError

    assert (await ask("/metrics", database=no, refresh=refresh))[0] == 200


async def test_other_rooms_may_add_their_pages():
    async def page(_request):
        return web.Response(text="page")

    assert (await ask("/page", database=yes, routes=[web.get("/page", page)]))[1] == "page"


async def test_nothing_else_is_served_and_nothing_is_taken():
    assert (await ask("/", database=yes))[0] == 404
    async with (
        serve_web("127.0.0.1:0", yes) as url,
        ClientSession() as session,
        session.post(url + "/healthz") as answer,
    ):
        assert answer.status == 405


async def test_the_port_is_free_again_afterwards():
    async with serve_web("127.0.0.1:0", yes) as url:
        port = int(url.rpartition(":")[2])
    async with serve_web(f"127.0.0.1:{port}", yes) as again:
        assert again == url


async def test_a_port_that_is_taken_is_an_error_and_not_a_silence():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        async with serve_web(f"127.0.0.1:{taken.getsockname()[1]}", yes):
            pass


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:80", ("::1", 80)), ("0.0.0.0:0", ("0.0.0.0", 0))],
)
def test_where_to_listen_is_a_host_and_a_port(listen, address):
    assert address_of(listen) == address


@pytest.mark.parametrize("listen", ["8080", ":8080", "localhost", "a:b", "a:99999", ""])
def test_an_address_that_is_none_is_refused_with_what_to_write(listen):
    with pytest.raises(ValueError, match="écrivez hôte:port"):
        address_of(listen)


async def test_an_ipv6_address_is_given_as_a_browser_writes_it():
    try:
        async with serve_web("[::1]:0", yes) as url:
            assert url.startswith("http://[::1]:")
    except OSError:
        pytest.skip("no IPv6 here")
