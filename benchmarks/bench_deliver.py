"""A hundred thousand subscribers, a million rows, a Telegram at the wire → what delivery costs.

    addressing   one alert for 100,000 subscribers of one topic: seconds until every delivery is there, and the longest
                 that a small write (somebody presses a button) waited meanwhile
    claiming     chats claimed, marked and settled a second; the time of a claim with ten thousand and a million rows
    sending      CPU a message against a bare aiogram send, both to a server in another process
    pace         200 chats × 3 alerts against a server that enforces Telegram's limits: refusals, time over the minimum
    first        from a feed's answer to the first sendMessage, the real process, 1,000 subscribers

Run: python benchmarks/bench_deliver.py [part …]
"""

import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiogram.types import LinkPreviewOptions
from pydantic import SecretStr
from sqlalchemy import insert, update

from bot.alerts.render import TopicLabel
from bot.loops.deliver import Deliverer
from bot.loops.ledger import Ledger
from bot.loops.pace import Turns
from bot.model import Chat, DeliveryState, Message, Outcome
from bot.ops.botapi import BotApi, Call
from bot.ops.botapi_rules import Limits
from bot.store import chats, deliveries
from bot.store.database import Database, open_database
from bot.store.migrate import upgrade
from bot.store.tables import chat, delivery, subscription
from bot.telegram.client import make_bot
from bot.telegram.keyboards import keyboard
from bot.telegram.pace import limits_of
from bot.telegram.send import Sender

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.line.press import Press
from tests.line.process import Bot
from tests.store.facts import add_feed, tell

LABELS = {"immigration": TopicLabel({"fr": "Immigration"}, "🌍")}
SUBSCRIBERS = 100_000
ROWS = 1_000_000
MESSAGES = 2_000
FIRSTS = 30
AT_ONCE = 200  # chats, without a pace
SPAWN = multiprocessing.get_context("spawn")


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def fresh_database(subscribers: int) -> AsyncIterator[Database]:
    """SQLite with a feed and that many chats of one topic, numbered from 1."""
    with tempfile.TemporaryDirectory(prefix="guetteur-bench-") as folder:
        async with open_database(f"sqlite+aiosqlite:///{folder}/guetteur.db") as database:
            await upgrade(database)
            await add_feed(database, now())
            async with database.write() as conn:
                await chats.add_chat(conn, Chat(1), "", 0, now())
                row = (await conn.execute(chat.select())).mappings().one()
                await conn.execute(insert(chat), [{**row, "id": number} for number in range(2, subscribers + 1)])
                follows = [{"chat_id": n, "topic": "immigration", "since": now()} for n in range(1, subscribers + 1)]
                await conn.execute(insert(subscription), follows)
            yield database


async def addressing() -> None:
    async with fresh_database(SUBSCRIBERS) as database:
        waits: list[float] = []
        over = asyncio.Event()

        async def press_buttons() -> None:
            while not over.is_set():
                began = time.perf_counter()
                async with database.write() as conn:
                    await chats.set_chat(conn, 7, language="fr")
                waits.append(time.perf_counter() - began)
                await asyncio.sleep(0.005)

        pressing = asyncio.create_task(press_buttons())
        await asyncio.sleep(0.2)
        waits.clear()
        began = time.perf_counter()
        _, addressed = await tell(database, now())
        while True:
            async with database.write() as conn:
                more = await deliveries.address_more(conn, now())
            if more is None:
                break
            addressed += more
        seconds = time.perf_counter() - began
        over.set()
        await pressing
    assert addressed == SUBSCRIBERS
    print(f"addressing  {addressed:,} deliveries in {seconds:.2f} s (≤ 3); ", end="")
    print(f"a button waited {max(waits) * 1000:.0f} ms at most (≤ 100), {len(waits)} were pressed")


async def claiming() -> None:
    async with fresh_database(SUBSCRIBERS) as database:
        await tell(database, now())
        await address_all(database)
        began, done = time.perf_counter(), 0
        while done < 6_000:
            done += await claim_and_settle(database, 60)
        rate = done / (time.perf_counter() - began)
        small = await time_of_claim(database)
        for number in range(1, ROWS // SUBSCRIBERS):
            async with database.write() as conn:  # what was told before
                await conn.execute(update(delivery).values(state="sent", not_before=None, sent_at=now()))
            await tell(database, now(), f"k{number}")
            await address_all(database)
        large = await time_of_claim(database)
    print(f"claiming    {rate:,.0f} deliveries claimed, marked and settled a second (≥ 1,000); ", end="")
    print(
        f"a claim takes {small * 1000:.0f} ms with {SUBSCRIBERS:,} rows, {large * 1000:.0f} with {ROWS:,} (as many due)"
    )


async def address_all(database: Database) -> None:
    while True:
        async with database.write() as conn:
            if await deliveries.address_more(conn, now()) is None:
                return


async def claim_and_settle(database: Database, count: int) -> int:
    """What the loop writes for `count` chats: a claim, the intents, the outcomes."""
    async with database.write() as conn:
        claim = await deliveries.claim_due(conn, now(), timedelta(minutes=2), count)
    owed = [told for due in claim.work.values() for told in due]
    async with database.write() as conn:
        await deliveries.mark_sending(conn, [told.id for told in owed])
    async with database.write() as conn:
        sent = DeliveryState.SENT
        settled = [deliveries.Settled(d.id, sent, None, 1, 0, False, 0, "", 5, now()) for d in owed]
        await deliveries.settle(conn, settled)
        await deliveries.release_chats(conn, [told.chat.id for told in owed])
    return len(owed)


async def time_of_claim(database: Database) -> float:
    """The median of nine; each is rolled back."""
    taken = []
    for _ in range(9):
        began = time.perf_counter()
        async with database.engine.connect() as conn:
            await conn.execution_options(guetteur_writes=True)
            await deliveries.claim_due(conn, now(), timedelta(minutes=2), 60)
            taken.append(time.perf_counter() - began)
            await conn.rollback()
    return sorted(taken)[4]


def serve(ready: Any, people: int) -> None:
    """The server, in a process of its own."""

    async def work() -> None:
        async with BotApi() as api:
            for number in range(1, people + 1):
                api.person(f"P{number}", person_id=number)
            ready.put((api.token, api.url))
            await asyncio.sleep(3600)

    asyncio.run(work())


@dataclass(slots=True)
class Remembering:
    """Sends, and keeps the last message."""

    sender: Sender
    last: Message | None = None

    async def send(self, chat_id: int, thread_id: int, message: Message) -> Outcome:
        self.last = message
        return await self.sender.send(chat_id, thread_id, message)


async def sending() -> None:
    ready: Any = SPAWN.Queue()
    server = SPAWN.Process(target=serve, args=(ready, MESSAGES), daemon=True)
    server.start()
    token, url = await asyncio.to_thread(ready.get)
    bot = make_bot(SecretStr(token), url)
    sender = Remembering(Sender(bot))
    ratios = []
    async with fresh_database(MESSAGES) as database:
        deliverer = make_deliverer(database, sender, limits_of(100_000, 100_000), AT_ONCE)
        for wave in range(3):
            await tell(database, now(), f"k{wave}")
            loop_cpu, loop_wall = await cost_of(deliver_all(deliverer))
            if sender.last is None:
                raise RuntimeError("nothing was sent")
            bare_cpu, bare_wall = await cost_of(send_bare(bot, sender.last))
            ratios.append((loop_cpu / bare_cpu, loop_cpu, bare_cpu, loop_wall, bare_wall))
    await bot.session.close()
    server.terminate()
    ratio, loop_cpu, bare_cpu, loop_wall, bare_wall = sorted(ratios)[1]
    print(
        f"sending     {loop_cpu / MESSAGES * 1000:.2f} ms CPU a message, {bare_cpu / MESSAGES * 1000:.2f} bare:",
        end=" ",
    )
    print(
        f"{ratio:.2f} × (≤ 1.5); without a pace {MESSAGES / loop_wall:,.0f} a second, {MESSAGES / bare_wall:,.0f} bare"
    )


def make_deliverer(database: Database, sender: Any, limits: Any, at_once: int = 60) -> Deliverer:
    facts: list[object] = []
    ledger = Ledger(database, facts.append)
    return Deliverer(database, sender, Turns(limits, now), lambda: LABELS, facts.append, now, ledger, at_once)


async def deliver_all(deliverer: Deliverer) -> None:
    """As `bot.talk` does, until nothing is owed."""
    while True:
        while await deliverer.deliver_due():
            pass
        if not deliverer.serving:
            return
        while len(deliverer.serving) > AT_ONCE // 2:
            await asyncio.wait(deliverer.serving.values(), return_when=asyncio.FIRST_COMPLETED)
        if await deliverer.deliver_due() == 0:
            await deliverer.drain()


async def send_bare(bot: Any, message: Message) -> None:
    """The same message to the same chats, as many at once, with nothing around it."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def send(chat_id: int) -> None:
        preview = LinkPreviewOptions(url=message.preview_url, prefer_small_media=True)
        async with at_once:
            await bot.send_message(
                chat_id,
                message.html,
                parse_mode="HTML",
                link_preview_options=preview,
                reply_markup=keyboard(message.buttons),
            )

    await asyncio.gather(*(send(number) for number in range(1, MESSAGES + 1)))


async def cost_of(work: Awaitable[None]) -> tuple[float, float]:
    """Seconds of this process' CPU, and of the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work
    return time.process_time() - cpu, time.perf_counter() - wall


async def pace() -> None:
    async with fresh_database(200) as database, BotApi(limits=Limits()) as api:
        for number in range(1, 201):
            api.person(f"P{number}", person_id=number)
        bot = make_bot(SecretStr(api.token), api.url)
        deliverer = make_deliverer(database, Sender(bot), limits_of(29, 19))
        for wave in range(3):  # each told when the one before is claimed: the queue is never empty, nothing merges
            await tell(database, now(), f"k{wave}")
            while len(sent(api)) < 200 * (wave + 1) - 30:
                await deliverer.deliver_due()
                await asyncio.sleep(0.02)
        await deliverer.drain()
        await bot.session.close()
        calls = sent(api)
    least = (len(calls) - 1) / 30
    took = calls[-1].at - calls[0].at
    assert len(calls) == 600, len(calls)
    print(f"pace        600 messages to 200 chats in {took:.2f} s, {took / least:.3f} × the least (≤ 1.05);", end=" ")
    print(f"{api.limits.trips if api.limits else 0} refusals (0)")


async def first() -> None:
    """Telegram's own pace; once the first of an alert has left, what waits behind is dropped to time the next one."""
    lags = []
    with tempfile.TemporaryDirectory(prefix="guetteur-bench-") as name:
        folder = Path(name)
        async with BotApi() as api, Press() as press, AsyncExitStack() as stack:
            for number in range(1, 1_001):
                api.person(f"P{number}", person_id=number)
            database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{folder}/guetteur.db"))
            await upgrade(database)
            async with database.write() as conn:
                for number in range(1, 1_001):
                    await chats.add_chat(conn, Chat(number), "", 0, now())
                    await chats.follow(conn, number, "immigration", now())
            bot = Bot(folder, api, press.address)
            press.publish("Une immigration d’hier", "C’était hier.", hours_ago=20)
            await bot.start()
            await until(lambda: '"primed"' in bot.log)
            for number in range(FIRSTS):
                lags.append(await lag_of_first(api, press, number))
                async with database.write() as conn:
                    await conn.execute(update(delivery).values(state="dropped", not_before=None))
                await asyncio.sleep(3)  # what was claimed leaves
            await bot.stop()
    lags.sort()
    print(f"first       {FIRSTS} alerts for 1,000 subscribers: median {lags[FIRSTS // 2]:.2f} s,", end=" ")
    print(f"p99 {lags[int(FIRSTS * 0.99)]:.2f} s (≤ 1) from the feed's answer to the first sendMessage")


async def lag_of_first(api: BotApi, press: Press, number: int) -> float:
    words = " ".join(f"{chr(97 + number % 26)}{syllable}" for syllable in ("orvan", "eltiq", "umbrec", "ispoz"))
    before, unchanged, asked = len(sent(api)), press.unchanged, press.asked
    press.publish(f"Immigration {number} {words}", f"L’immigration : {words}.")
    await until(lambda: press.asked - press.unchanged > asked - unchanged)  # it is served whole
    answered = api.clock()
    await until(lambda: len(sent(api)) > before)
    return sent(api)[before].at - answered


def sent(api: BotApi) -> list[Call]:
    return [call for call in api.calls if call.method == "sendmessage"]


async def until(seen: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 (another process does the work)
            await asyncio.sleep(0.002)


PARTS = {part.__name__: part for part in (addressing, claiming, sending, pace, first)}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        asyncio.run(PARTS[part]())
