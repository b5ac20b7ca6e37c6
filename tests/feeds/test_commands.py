"""`guetteur poll` and `guetteur check --online`, as a person runs them against real servers."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from bot.commands.feeds import check_online, poll
from bot.feeds.fetch import Fetcher
from bot.feeds.file import load_feeds
from bot.feeds.parse import Parser
from bot.locales import known
from bot.settings import Settings
from tests.feeds.samples import item, rss
from tests.feeds.server import open_site, page, redirect

LINE = "  - {{id: {id}, url: {url}, outlet: Le Fil, language: fr, class: press}}\n"


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def settings_for(folder, *allow):
    return Settings(_env_file=None, config_dir=folder, fetch_allow=allow, fetch_seconds=3, fetch_idle_seconds=1)


def write_feeds(folder, **urls):
    (folder / "feeds.yaml").write_text(
        "feeds:\n" + "".join(LINE.format(id=name, url=url) for name, url in urls.items())
    )


async def run(function, *args, **kwargs):
    """Commands own their event loop: they run in a thread beside the servers'."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def test_poll_prints_one_item_a_line_for_every_feed(site, folder, capsys):
    site.page("/un", rss(item(1), item(2)))
    site.page("/deux", rss("<item><title>Sans date</title></item>"))
    write_feeds(folder, un=site.url("/un"), deux=site.url("/deux"))
    assert await run(poll, settings_for(folder, site.here), None, follow=False, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines) == [
        "                  Le Fil  Sans date",
        "2026-03-10 01:05  Le Fil  Le conseil adopte son budget (1)  https://journal.example/a/1",
        "2026-03-10 02:05  Le Fil  Le conseil adopte son budget (2)  https://journal.example/a/2",
    ]


async def test_poll_speaks_the_json_that_match_reads(site, folder, capsys):
    site.page("/un", rss(item(1)))
    write_feeds(folder, un=site.url("/un"), deux=site.url("/absent"))
    assert await run(poll, settings_for(folder, site.here), "un", follow=False, as_json=True) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "id": json.loads(line)["id"],
        "feed": "un",
        "source": "Le Fil",
        "lang": "fr",
        "title": "Le conseil adopte son budget (1)",
        "summary": "Le vote a eu lieu lundi.",
        "body": "",
        "link": "https://journal.example/a/1",
        "date": "2026-03-10T05:05:00+00:00",
    }


async def test_poll_reads_an_address_without_any_file(site, folder, capsys):
    site.page("/un", rss(item(1)))
    assert (
        await run(poll, settings_for(folder / "absent", site.here), site.url("/un"), follow=False, as_json=False) == 0
    )
    assert "127.0.0.1  Le conseil adopte son budget (1)" in capsys.readouterr().out


def test_poll_reads_a_file_offline(folder, capsys):
    file = folder / "fil.xml"
    file.write_bytes(rss(item(1)))
    assert poll(settings_for(folder), str(file), follow=False, as_json=False) == 0
    assert "fil.xml  Le conseil adopte son budget (1)" in capsys.readouterr().out
    file.write_bytes(b"<html></html>")
    assert poll(settings_for(folder), str(file), follow=False, as_json=False) == 1
    assert "fil : C’est une page web, pas un fil" in capsys.readouterr().err


async def test_poll_names_what_failed_and_reads_the_rest(site, folder, capsys):
    site.page("/un", rss(item(1)))
    write_feeds(folder, un=site.url("/un"), mort=site.url("/absent"), prive="http://127.0.0.2/")
    assert await run(poll, settings_for(folder, site.here), None, follow=False, as_json=False) == 1
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 1
    assert "mort : Aucun fil à cette adresse (404)" in told.err
    assert "prive : Cette adresse mène à un réseau privé" in told.err


def test_poll_refuses_an_unknown_id_and_a_wrong_file_in_words(folder, capsys):
    write_feeds(folder, un="https://journal.example/")
    assert poll(settings_for(folder), "deux", follow=False, as_json=False) == 1
    assert "aucun fil « deux »" in capsys.readouterr().err
    (folder / "feeds.yaml").write_text("feeds: []")
    assert poll(settings_for(folder), None, follow=False, as_json=False) == 1
    assert "feeds.yaml, ligne 1" in capsys.readouterr().err


FOLLOW = """
import sys
from pathlib import Path
from bot.commands.feeds import poll
from bot.settings import Settings
folder, allow = sys.argv[1:]
sys.exit(poll(Settings(_env_file=None, config_dir=Path(folder), fetch_allow=(allow,)), None, follow=True, as_json=False))
"""


async def test_poll_follows_a_feed_and_shows_each_item_once(site, folder):
    answers = [page(rss(item(1)))] * 2 + [page(rss(item(2), item(1)))]
    polled_again = asyncio.Event()

    async def answer(request, out):
        if site.hits["/un"] == 4:
            polled_again.set()
        await answers[min(site.hits["/un"], len(answers)) - 1](request, out)

    site.on("/un", answer)
    write_feeds(folder, un=site.url("/un"))
    text = (folder / "feeds.yaml").read_text().replace("class: press", "class: press, every: 1s")
    (folder / "feeds.yaml").write_text(text)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FOLLOW, str(folder), site.here, stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    try:
        async with asyncio.timeout(20):
            lines = [await process.stdout.readline() for _ in range(2)]
            await polled_again.wait()
        process.send_signal(signal.SIGINT)
        rest, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert [b"(1)" in lines[0], b"(2)" in lines[1], rest] == [True, True, b""]
    assert process.returncode == 0


async def test_check_online_names_the_dead_with_their_remedy(site, folder, capsys):
    async with open_site() as other:
        site.page("/vivant", rss(item(1)))
        site.page("/vide", rss())
        site.on("/parti", redirect("/vivant?neuf", 301))
        site.page("/vivant?neuf", rss(item(2)))
        other.page("/", b'<html><link rel="alternate" type="application/rss+xml" href="/nouveau"></html>')
        other.page("/nouveau", rss(item(3)))
        write_feeds(
            folder,
            vivant=site.url("/vivant"),
            vide=site.url("/vide"),
            parti=site.url("/parti"),
            mort=other.url("/absent"),
            page=other.url("/"),
        )
        settings = settings_for(folder, site.here, other.here)
        assert await run(check_online, settings, load_feeds(folder / "feeds.yaml")) == 1
        told = capsys.readouterr()
        assert f"parti : a déménagé, écrivez {site.url('/vivant?neuf')}" in told.out
        assert "vide : répond, sans aucun article" in told.out
        assert "3 fils répondent sur 5 ; 2 à corriger" in told.out
        assert f"mort ({other.url('/absent')}) : Aucun fil à cette adresse (404)" in told.err
        assert told.err.count(f"Ce site propose {other.url('/nouveau')}") == 2


async def test_check_online_is_content_when_all_answer(site, folder, capsys):
    site.page("/un", rss(item(1)))
    write_feeds(folder, un=site.url("/un"))
    assert await run(check_online, settings_for(folder, site.here), load_feeds(folder / "feeds.yaml")) == 0
    assert capsys.readouterr().out == "1 fils répondent sur 1.\n"


def test_every_cause_has_words_in_both_languages():
    described = f"{Fetcher.get.__doc__} {Parser.parse.__doc__} {Parser.outlines.__doc__}"
    sources = "".join(file.read_text("utf-8") for file in (Path(__file__).parents[2] / "bot" / "feeds").rglob("*.py"))
    raised = set(re.findall(r"(?:FetchFailed|HttpRefused)\(\s*\"([a-z_0-9]+)\"", sources))
    assert len(raised) > 15
    assert sorted(cause for cause in raised if cause not in described) == []
    causes = raised | set(re.findall(r"http_\dxx|http_\d+", described))
    assert [cause for cause in causes for language in ("fr", "en") if not known(language, f"cause.{cause}")] == []
