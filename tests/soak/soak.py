"""The real bot lives for a while among faults: what everybody then holds, and what it grew by. `make soak`.

    SOAK_MINUTES=20 python -m tests.soak.soak     ends with exit 1 when something is missing, doubled without excuse, or grows

Fifty feeds, of which some answer 5xx, late, never or by half at any time; two hundred people; a Telegram that refuses,
floods, drops and answers HTML. Every headline must reach everybody; a second copy is excused only where the answer of the
first was lost. Memory and open files of the process are read from /proc, and compared between two quarters of the time.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.ops.botapi import BAD_GATEWAY, CUT_JSON, DROPPED_AFTER, DROPPED_BEFORE, BotApi, floods
from tests.crash.test_crash import copies, eventually, headline, outbox, subscribe_all
from tests.line.press import Press
from tests.line.process import Bot

MINUTES = float(os.environ.get("SOAK_MINUTES", "20"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.randrange(1, 10**6)
FEEDS, PRESSES, PEOPLE = 50, 10, 200
BETWEEN = 10.0  # seconds between two headlines: two hundred messages take seven at Telegram's pace
FAULTY = 0.1  # of the answers of feeds
TROUBLED = 0.05  # of the answers of Telegram, about
LOOKS = 5.0  # seconds between two looks at /proc
GROWTH = 1.05  # of memory, from the second quarter to the last; and
ROOM = 4 * 1024 * 1024  # bytes that are noise
FILES = 8  # open ones that come and go
FAULTS = (floods(1), BAD_GATEWAY, DROPPED_BEFORE, DROPPED_AFTER, CUT_JSON)
DICE = random.Random(SEED)
CALM_UNTIL = time.monotonic() + 60


@web.middleware
async def faulty(request: web.Request, handler):
    """One answer in ten goes wrong, each time in another way; the first ones are right, so that every feed is known."""
    if time.monotonic() < CALM_UNTIL or DICE.random() > FAULTY:
        return await handler(request)
    match DICE.randrange(4):
        case 0:
            return web.Response(status=503)
        case 1:
            await asyncio.sleep(DICE.uniform(0.5, 4))
            return await handler(request)
        case 2:
            await asyncio.sleep(10)  # longer than the bot's patience
            return web.Response(status=504)
        case _:
            whole = await handler(request)
            return web.Response(body=(whole.body or b"")[: DICE.randrange(1, 400)], content_type="text/html")


async def trouble(api: BotApi) -> None:
    """Telegram has its days."""
    while True:
        await asyncio.sleep(DICE.expovariate(29 * TROUBLED))
        api.plan(DICE.choice(FAULTS))


async def look(pid: int, seen: list[tuple[int, int]]) -> None:
    """Resident bytes and open files, again and again."""
    page, process = os.sysconf("SC_PAGE_SIZE"), Path(f"/proc/{pid}")
    while True:
        resident, files = process / "statm", process / "fd"
        seen.append((int(resident.read_text("ascii").split()[1]) * page, len(list(files.iterdir()))))
        await asyncio.sleep(LOOKS)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def verdict(seen: list[tuple[int, int]]) -> list[str]:
    """What grew; nothing for a flat line. The first quarter warms up."""
    quarter = max(len(seen) // 4, 1)
    early, late = seen[quarter : 2 * quarter], seen[-quarter:]
    before, after = (statistics.median(resident for resident, _ in part) for part in (early, late))
    opened, open_now = (max(files for _, files in part) for part in (early, late))
    mib = 1024 * 1024
    say(f"memory {before / mib:.0f} → {after / mib:.0f} MiB, open files {opened} → {open_now}, {len(seen)} looks")
    wrong = ["memory grows"] if after > before * GROWTH + ROOM else []
    return [*wrong, "open files grow"] if open_now > opened + FILES else wrong


def feeds_file(presses: Sequence[Press]) -> str:
    """Fifty feeds of fifty outlets: each headline comes in five of them."""
    lines = ["poll: {fastest: 5s, slowest: 1h}", "feeds:"]
    lines += [
        f'  - {{id: f{n}, url: "{presses[n % len(presses)].address}?{n}", outlet: Outlet {n}, language: fr, class: press, every: 5s}}'
        for n in range(FEEDS)
    ]
    return "\n".join(lines) + "\n"


async def live(folder: Path) -> list[str]:
    """The whole time; returns what is wrong."""
    titles: list[str] = []
    url = f"sqlite+aiosqlite:///{folder}/guetteur.db"
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(BotApi())
        presses = [await stack.enter_async_context(Press(faulty)) for _ in range(PRESSES)]
        people = [api.person(f"P{number}") for number in range(PEOPLE)]
        bot = Bot(folder, api, presses[0].address, GUETTEUR_FETCH_SECONDS="5", GUETTEUR_FETCH_IDLE_SECONDS="5")
        (bot.config / "feeds.yaml").write_text(feeds_file(presses), "utf-8")
        await subscribe_all(url, people, datetime.now(UTC))
        for press in presses:
            press.publish("Une immigration d’hier", "C’était hier.", hours_ago=20)
        await bot.start()
        await eventually(lambda: bot.log.count('"primed"') >= FEEDS, 120)
        seen: list[tuple[int, int]] = []
        others = [asyncio.create_task(trouble(api)), asyncio.create_task(look(bot.pid, seen))]
        ends_at = time.monotonic() + MINUTES * 60
        while time.monotonic() < ends_at:
            titles.append(headline(DICE))
            presses[len(titles) % PRESSES].publish(
                titles[-1], f"L’immigration : {titles[-1].lower().removeprefix('immigration ')}."
            )
            await asyncio.sleep(BETWEEN)
        others[0].cancel()
        await settled(people, len(titles))
        others[1].cancel()
        clean = await bot.stop() == 0
        held, _ = copies(people)
    told = await outbox(url)
    lost = {which: times for which, (times, _) in told.items()}
    missing = [which for which in lost if not held[which] and lost[which] < 2]
    doubled = [which for which, times in held.items() if times > 1 + (lost[which] > 0)]
    say(
        f"{len(titles)} headlines to {PEOPLE} people: {len(missing)} missing, {len(doubled)} doubled without excuse,"
        f" {sum(times > 1 for times in held.values())} copies after a lost answer (SOAK_SEED={SEED})"
    )
    wrong = ["missing"] * bool(missing or len(told) != len(titles) * PEOPLE)
    return wrong + ["doubled"] * bool(doubled) + ["no clean stop"] * (not clean) + verdict(seen)


async def settled(people: list, count: int) -> None:
    """Until everybody has everything, or nothing comes any more: an answer that was lost twice is not sent a third time."""
    last, still = -1, 0
    while still < 12 and last < count * PEOPLE:
        await asyncio.sleep(LOOKS)
        now = len(copies(people)[0])
        last, still = now, still + 1 if now == last else 0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="guetteur-soak-") as folder:
        wrong = asyncio.run(live(Path(folder)))
    say("well" if not wrong else f"wrong: {', '.join(wrong)}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
