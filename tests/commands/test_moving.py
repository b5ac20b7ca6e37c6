"""What is not in config/, written out and brought in again: whole, asked for, and never over somebody's later wish."""

import json
import stat

import pytest

from bot.alerts.sources import SourceChoice
from bot.changes import REMOVED, Change, ChangeKind
from bot.commands.moving import _bring_in, _gather, export, import_
from bot.errors import ConfigError
from bot.settings import Settings
from bot.store import changes, chats, keywords, people, sources
from bot.store.database import open_database
from bot.store.migrate import upgrade
from bot.store.people import PeopleRefused
from tests.store.facts import add_chat

FEEDS = "feeds:\n  - {id: a, url: 'https://a.example/rss', outlet: A, language: fr, class: press}\n"
FEEDS += "  - {id: b, url: 'https://b.example/rss', outlet: B, language: fr, class: union}\n"
TOPICS = 'topics:\n  travail: {names: {fr: Travail, en: Labour}, emoji: "🛠", strong: [grève]}\n'


async def fill(url, now):
    async with open_database(url) as database:
        await upgrade(database)
        await add_chat(database, 7, now, ("travail",))
        await add_chat(database, -8, now, ())
        async with database.write() as conn:
            await chats.set_chat(conn, 7, language="en")
            await keywords.add_keyword(conn, 7, "Port de Sept-Îles", 20, now)
            await sources.choose(conn, 7, "outlet:B", SourceChoice.MUTE)
            await changes.record(conn, 7, "removed", [Change(ChangeKind.FEED, "b", REMOVED)], now)


async def held(url):
    async with open_database(url) as database, database.read() as conn:
        return await people.every_subscriber(conn), await changes.overlay(conn)


@pytest.fixture
def settings(tmp_path):
    def at(url):
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "feeds.yaml").write_text(FEEDS, "utf-8")
        (tmp_path / "config" / "topics.yaml").write_text(TOPICS, "utf-8")
        return Settings(_env_file=None, database_url=url, config_dir=tmp_path / "config")

    return at


async def test_everything_a_person_chose_comes_back_elsewhere_and_twice_is_once(empty_url, tmp_path, settings, now):
    await fill(empty_url, now)
    files = await _gather(settings(empty_url), "people")
    elsewhere = settings(f"sqlite+aiosqlite:///{tmp_path}/ailleurs.db")
    subscribers = json.loads(files["people.json"])
    wanted = [
        Change(ChangeKind(one["kind"]), one["subject"], one["after"]) for one in json.loads(files["overlay.json"])
    ]
    assert await _bring_in(elsewhere, wanted, subscribers) == (1, 2)
    theirs, overlay = await held(elsewhere.database_url.get_secret_value())
    ours, _ = await held(empty_url)
    assert theirs == ours
    assert [(one.subject, one.after) for one in overlay] == [("b", REMOVED)]
    assert await _bring_in(elsewhere, wanted, subscribers) == (0, 0)


async def test_a_chat_that_is_known_keeps_its_later_wish(empty_url, settings, now):
    await fill(empty_url, now)
    files = await _gather(settings(empty_url), "people")
    async with open_database(empty_url) as database, database.write() as conn:
        await chats.set_chat(conn, 7, language="fr")
    await _bring_in(settings(empty_url), [], json.loads(files["people.json"]))
    assert [one["language"] for one in (await held(empty_url))[0] if one["id"] == 7] == ["fr"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.pop("timezone"),
        lambda one: one.update(id="7"),
        lambda one: one.update(joined_at="hier"),
        lambda one: one.update(joined_at="2026-03-10T15:00:00"),
        lambda one: one.update(subscription=3),
        lambda one: one["subscription"].append({"topic": None, "since": "2026-03-10T15:00:00+00:00"}),
    ],
)
async def test_a_file_that_is_wrong_brings_in_nobody(spoil, sqlite_database, tmp_path, settings, now):
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    await fill(url, now)
    good, bad = json.loads((await _gather(settings(url), "people"))["people.json"])
    spoil(bad)
    with pytest.raises(PeopleRefused, match="abonné n° 2"):
        await _bring_in(settings(f"sqlite+aiosqlite:///{tmp_path}/guetteur.db"), [], [good, bad])
    async with sqlite_database.read() as conn:
        assert await people.every_subscriber(conn) == []


def test_nobody_is_written_unless_asked_and_then_for_one_pair_of_eyes(tmp_path, settings, capsys):
    here = settings(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    assert export(here, tmp_path / "out", "nobody") == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "feeds.opml",
        "feeds.yaml",
        "overlay.json",
        "topics.yaml",
    ]
    assert export(here, tmp_path / "all", "people") == 0
    assert stat.S_IMODE((tmp_path / "all" / "people.json").stat().st_mode) == 0o600
    assert import_(here, tmp_path / "all", "people") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 changements et 0 abonnés")


def test_an_export_writes_over_nothing_and_an_import_of_something_else_says_so(tmp_path, settings):
    here = settings(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "overlay.json").write_text("[3]")
    with pytest.raises(ConfigError, match="existe déjà"):
        export(here, tmp_path / "out", "nobody")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["overlay.json"]
    with pytest.raises(ConfigError, match="pas des changements"):
        import_(here, tmp_path / "out", "nobody")
    with pytest.raises(ConfigError, match="donnez le dossier"):
        import_(here, tmp_path / "absent", "nobody")
