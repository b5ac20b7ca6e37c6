"""`guetteur poll` and `check --online`, as typed, over real HTTP; `--help` and `check` without the Telegram library."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from tests.feeds.server import open_site
from tests.loops.newsroom import configure, rss


@pytest.fixture
async def site():
    async with open_site() as opened:
        yield opened


async def guetteur(folder, *words, allow="127.0.0.0/8"):
    env = {name: value for name, value in os.environ.items() if not name.startswith("GUETTEUR_")}
    env |= {"GUETTEUR_CONFIG_DIR": str(folder), "GUETTEUR_FETCH_ALLOW": allow}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


async def test_poll_prints_each_item_and_says_what_failed(site, tmp_path, now):
    site.page("/a", rss(now, ("g1", "Une grève à Alma"), ("g2", "Un budget à Amos")))
    site.page("/b", b"", 404)
    configure(tmp_path, site, {"a": "/a", "b": "/b"})
    code, out, err = await guetteur(tmp_path, "poll", "--json")
    assert [json.loads(line)["title"] for line in out.splitlines()] == ["Une grève à Alma", "Un budget à Amos"]
    assert (code, err.startswith("b : ")) == (1, True)
    code, out, err = await guetteur(tmp_path, "poll", "--feed", "a")
    assert (code, len(out.splitlines()), err) == (0, 2, "")


async def test_poll_reads_a_file_and_refuses_what_is_none(site, tmp_path, now):
    configure(tmp_path, site, {"a": "/a"})
    file = tmp_path / "fil.xml"
    file.write_bytes(rss(now, ("g1", "Une grève à Alma")))
    code, out, _ = await guetteur(tmp_path, "poll", "--feed", str(file), "--json")
    assert (code, json.loads(out)["title"]) == (0, "Une grève à Alma")
    code, _, err = await guetteur(tmp_path, "poll", "--feed", "inconnu")
    assert code == 1
    assert "« inconnu »" in err
    assert "Traceback" not in err


async def test_check_online_names_the_dead_feeds_and_why(site, tmp_path, now):
    site.page("/a", rss(now, ("g1", "Une grève à Alma")))
    site.page("/b", b"<html>Bonjour</html>")
    configure(tmp_path, site, {"a": "/a", "b": "/b"})
    code, out, err = await guetteur(tmp_path, "check", "--online")
    assert code == 1
    assert "1 fils répondent sur 2" in out
    assert err.startswith("b (http://")


async def test_a_private_address_is_refused_unless_allowed(site, tmp_path, now):
    site.page("/a", rss(now, ("g1", "Une grève à Alma")))
    code, out, err = await guetteur(tmp_path, "poll", "--feed", site.url("/a"), allow="")
    assert (code, out) == (1, "")
    assert "GUETTEUR_FETCH_ALLOW" in err


@pytest.mark.parametrize("words", [("--help",), ("check",)])
async def test_help_and_check_answer_at_once_without_the_telegram_library(words, site, tmp_path):
    configure(tmp_path, site, {"a": "/a"})
    program = "import sys; sys.argv = ['guetteur', *sys.argv[1:]]; from bot.__main__ import cli; code = 0\n"
    program += (
        "try: cli()\nexcept SystemExit as end: code = end.code\nassert 'aiogram' not in sys.modules; sys.exit(code)"
    )
    env = os.environ | {"GUETTEUR_CONFIG_DIR": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *words, env=env, stdout=subprocess.DEVNULL
    )
    assert await asyncio.wait_for(process.wait(), 20) == 0
