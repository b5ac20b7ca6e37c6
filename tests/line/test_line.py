"""The real bot process, a newsroom and a Telegram at the wire: what a subscriber receives, whatever happens to the bot."""

import asyncio
import re
import time

import pytest

from bot.ops.botapi import BotApi, slow
from tests.line.press import Press
from tests.line.process import Bot

STORY = "Le ministère prolonge 1 200 permis de travail dans le Bas-Saint-Laurent"
TEXT = (
    "Le ministère de l’Immigration prolonge 1 200 permis de travail dans le Bas-Saint-Laurent. La mesure, demandée par"
    " les transformateurs de poisson, vaut pour deux ans. Les employeurs devront payer des frais de 155 $ par personne."
)


@pytest.fixture
async def telegram():
    async with BotApi() as api:
        yield api


@pytest.fixture
async def press():
    async with Press() as press:
        press.publish("Un permis de travail perdu, retrouvé dans un livre", "C’était hier.", hours_ago=20)
        yield press


@pytest.fixture
async def bot(telegram, press, tmp_path):
    bot = Bot(tmp_path, telegram, press.address)
    await bot.start()
    yield bot
    await bot.kill()


async def subscribe(telegram, press, topic="immigration"):
    """Ana starts the bot with a link that chose her topic, and the feed has been read once."""
    ana = telegram.person("Ana")
    ana.says(f"/start {topic}")
    await ana.hears(1, 30)
    await reads(press)
    return ana


def sent(telegram):
    return [call for call in telegram.calls if call.method == "sendmessage"]


async def reads(press, times=2):
    """The feed is asked again, so that what it held before is recorded."""
    before = press.asked
    await eventually(lambda: press.asked >= before + times)


async def eventually(seen, seconds=40):
    """Another process does the work: all one can do is look again."""
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_subscriber_receives_exactly_one_whole_message_and_after_a_restart_nothing_again(bot, telegram, press):
    ana = await subscribe(telegram, press)
    press.publish(STORY, TEXT)
    _, message = await ana.hears(2, 40)
    assert STORY in message.text.replace("\u00a0", " ")
    assert "poisson, vaut pour deux ans. Les employeurs devront payer des frais" in message.text
    assert "Le Courrier" in message.text
    assert re.search(r"(aujourd’hui|hier) \d{1,2}\u00a0h(\u00a0\d{2})?", message.text)
    assert "🌍 Immigration" in message.text
    assert any(entity.get("url", "").endswith("/articles/1") for entity in message.entities)

    telegram.plan(slow(2))
    press.publish("Une autre histoire de permis de travail, à Gaspé", "Quarante personnes attendent à Gaspé.")
    await eventually(lambda: len(sent(telegram)) == 3)
    began = time.monotonic()
    assert await bot.stop() == 0  # what is in flight arrives, and is known to have
    assert time.monotonic() - began < 10
    assert len(ana.inbox) == 3
    await bot.start()
    await reads(press, 3)
    assert len(ana.inbox) == 3


async def test_killed_after_the_commit_and_before_the_answer_it_delivers_after_the_restart(bot, telegram, press):
    ana = await subscribe(telegram, press)
    telegram.plan(slow(5))
    press.publish(STORY, TEXT)
    await eventually(lambda: len(sent(telegram)) == 2)
    await bot.kill()  # `sending` is committed, Telegram has not answered
    await bot.start()
    await ana.hears(2, 60)
    assert STORY in ana.inbox[-1].text.replace("\u00a0", " ")


async def test_killed_before_the_send_it_delivers_exactly_once_after_the_restart(bot, telegram, press):
    ana = await subscribe(telegram, press)
    await telegram.__aexit__(None, None, None)  # Telegram is away: the alert can only be committed
    port = telegram.port
    press.publish(STORY, TEXT)
    await reads(press, 3)
    await bot.kill()
    telegram.port = port
    async with telegram:
        await bot.start()
        await ana.hears(2, 60)
        await reads(press, 3)
    assert len(ana.inbox) == 2


async def test_a_second_process_on_the_same_token_says_who_has_it_and_waits(bot, telegram, press, tmp_path):
    await subscribe(telegram, press)
    second = Bot(tmp_path, telegram, press.address)
    (tmp_path / "log").write_text("")
    await second.start()
    await eventually(lambda: "token_taken" in second.log)
    assert await second.stop() == 0


async def test_a_wrong_file_never_starts_the_bot_and_says_every_mistake(telegram, press, tmp_path):
    bot = Bot(tmp_path, telegram, press.address)
    (bot.config / "feeds.yaml").write_text(
        "feeds:\n  - {id: A B, url: ftp://x, outlet: X, language: de, class: press}\n"
    )
    await bot.start()
    assert await bot.ends(20) == 1
    assert bot.log.count("feeds.yaml") >= 3
    assert "Traceback" not in bot.log


async def test_a_file_that_becomes_wrong_is_refused_and_the_bot_goes_on(bot, telegram, press):
    ana = await subscribe(telegram, press)
    topics = bot.config / "topics.yaml"
    good = topics.read_text("utf-8")
    topics.write_text(good.replace("strong: [immigration", "stong: [immigration"), "utf-8")
    await eventually(lambda: "config_refused" in bot.log)
    press.publish(STORY, TEXT)
    assert len(await ana.hears(2, 40)) == 2
    topics.write_text(good.replace("permis de travail", "quotas de pêche"), "utf-8")
    await eventually(lambda: "config_reloaded" in bot.log)
    press.publish("Les quotas de pêche au crabe baissent à Matane", "Les quotas de pêche baissent de 10 % à Matane.")
    assert len(await ana.hears(3, 40)) == 3


async def test_the_log_names_neither_the_token_nor_the_chat(bot, telegram, press):
    ana = await subscribe(telegram, press)
    press.publish(STORY, TEXT)
    await ana.hears(2, 40)
    assert await bot.stop() == 0
    assert "delivery_sent" in bot.log
    assert telegram.token not in bot.log
    assert telegram.token.partition(":")[2] not in bot.log
    assert f" {ana.id}" not in bot.log
    assert "Bas-Saint-Laurent" not in bot.log
