"""Two machines with files of their own on one database: a difference is told once, and its end; both engines."""

import asyncio
from datetime import timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app import App
from bot.config import load_config
from bot.events import ConfigAgrees, ConfigDiffers
from bot.loops.agree import AGAIN
from bot.model import NoticeKind
from bot.ops.metrics import REGISTRY
from bot.settings import Settings
from bot.store import notices
from tests.loops.newsroom import TOPICS, Clock

FEEDS = "feeds:\n  - {id: a, url: 'https://courrier.example/rss', outlet: Courrier, language: fr, class: press}\n"
OTHER = TOPICS.replace("syndicat", "convention collective")


class Machine:
    """An App with a folder of its own; `facts` are what it told of the files."""

    def __init__(self, database, clock, folder, place, topics=TOPICS):
        self.folder, self.facts = folder / place, []
        self.folder.mkdir(exist_ok=True)
        self.write(topics)
        settings = Settings(_env_file=None, config_dir=self.folder)
        self.app = App(settings, database, load_config(self.folder), asyncio.Event(), AsyncIOScheduler(), place=place)
        self.app.agreement.emit, self.app.agreement.clock = self.hear, clock

    def hear(self, event):
        self.facts.append(event)
        self.app.react(event)

    def write(self, topics, feeds=FEEDS):
        (self.folder / "topics.yaml").write_text(topics, "utf-8")
        (self.folder / "feeds.yaml").write_text(feeds, "utf-8")

    async def starts(self):
        await self.app.apply(self.app.files)
        return self


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
async def machine(database, clock, tmp_path):
    async def start(place, topics=TOPICS):
        return await Machine(database, clock, tmp_path, place, topics).starts()

    return start


async def tick(clock, *machines, seconds=90):
    """Everybody looks every ten seconds."""
    for _ in range(seconds // 10):
        for one in machines:
            await one.app.follow()
        clock.now += timedelta(seconds=10)


async def standing(database):
    async with database.read() as conn:
        return [(one.kind, one.subject, one.values) for one in await notices.open_notices(conn)]


async def test_the_same_files_are_silent_whatever_their_comments(database, machine, clock):
    first = await machine("m1")
    second = await machine("m2", "# ours\n\n" + TOPICS.replace("\n", "  \r\n"))
    await tick(clock, first, second)
    assert first.facts == second.facts == []
    assert await standing(database) == []


async def test_a_difference_is_told_once_by_whoever_read_first_and_ends_with_the_same_files(database, machine, clock):
    first = await machine("m1")
    await tick(clock, first)
    second = await machine("m2", OTHER)
    await tick(clock, first, second)
    assert (first.facts, second.facts) == ([ConfigDiffers("m1", "m2")], [])
    assert await standing(database) == [(NoticeKind.CONFIG_DIFFERS, "m1", {"other": "m2"})]
    assert REGISTRY.get_sample_value("guetteur_config_differs") == 1
    first.write(OTHER)
    assert await first.app.reload() == ()
    await tick(clock, first, second)
    assert (first.facts, second.facts) == ([ConfigDiffers("m1", "m2"), ConfigAgrees("m1")], [])
    assert await standing(database) == []
    assert REGISTRY.get_sample_value("guetteur_config_differs") == 0


async def test_the_machine_that_was_changed_last_is_the_one_to_follow(database, machine, clock):
    first, second, third = await machine("m1"), await machine("m2"), await machine("m3")
    second.write(TOPICS, FEEDS.replace("rss", "atom"))
    await second.app.reload()
    await tick(clock, first, second, third)
    assert (first.facts, second.facts, third.facts) == ([ConfigDiffers("m1", "m2")], [], [ConfigDiffers("m3", "m2")])
    second.write(TOPICS)
    await second.app.reload()
    await tick(clock, first, second, third)
    assert (first.facts[1:], second.facts, third.facts[1:]) == ([ConfigAgrees("m1")], [], [ConfigAgrees("m3")])
    assert await standing(database) == []


async def test_another_difference_is_told_anew_and_a_restart_with_the_same_files_is_not(database, machine, clock):
    first, second = await machine("m1"), await machine("m2", OTHER)
    await tick(clock, first, second)
    await second.starts()
    await tick(clock, first, second)
    assert len(first.facts) == 1
    second.write(OTHER.replace("grève", "débrayage"))
    await second.app.reload()
    await tick(clock, first, second)
    assert first.facts == [ConfigDiffers("m1", "m2")] * 2


async def test_a_difference_that_lasts_outlives_the_day_after_which_notices_are_forgotten(
    database, machine, clock, now
):
    first, second = await machine("m1"), await machine("m2", OTHER)
    first.app.notebook.clock = clock
    await tick(clock, first, second)
    clock.now += timedelta(days=1, minutes=1)
    await first.app.notebook.forget()
    assert await standing(database) == []
    await tick(clock, first, second)
    assert len(await standing(database)) == 1
    assert clock.now - now > AGAIN
    assert len(first.facts) == 1


async def test_files_that_are_saved_on_one_machine_after_the_other_are_nobodys_business(database, machine, clock):
    first, second = await machine("m1"), await machine("m2")
    for one in (second, first):
        one.write(OTHER)
        await one.app.reload()
        await tick(clock, first, second, seconds=50)
    await tick(clock, first, second)
    assert first.facts == second.facts == []
    assert await standing(database) == []


async def test_a_machine_that_starts_again_with_the_same_files_ends_what_was_told_before(database, machine, clock):
    first, second = await machine("m1"), await machine("m2", OTHER)
    await tick(clock, first, second)
    assert len(await standing(database)) == 1
    again = await machine("m1", OTHER)
    assert await standing(database) == []
    await tick(clock, again, second)
    assert again.facts == second.facts == []
