"""The real bot process and two newsrooms: the second one's report is added to the message that the first one made."""

import pytest

from bot.ops.botapi import BotApi
from tests.line.press import Press
from tests.line.process import FEEDS, Bot

STORY = "Le ministère prolonge 1 200 permis de travail dans le Bas-Saint-Laurent"
TEXT = (
    "Le ministère de l’Immigration prolonge 1 200 permis de travail dans le Bas-Saint-Laurent. La mesure, demandée par"
    " les transformateurs de poisson, vaut pour deux ans. Les employeurs devront payer des frais de 155 $ par personne."
)
SECOND = '  - {{id: phare, url: "{url}", outlet: Le Phare, language: fr, class: press, every: 1s}}\n'


@pytest.fixture
async def telegram():
    async with BotApi() as api:
        yield api


async def test_a_second_outlet_is_added_to_the_message_of_the_first_also_after_a_restart(telegram, tmp_path):
    async with Press() as courrier, Press() as phare:
        for press in (courrier, phare):
            press.publish("Un permis de travail perdu, retrouvé dans un livre", "C’était hier.", hours_ago=20)
        bot = Bot(tmp_path, telegram, courrier.address, GUETTEUR_EDIT_MINUTES="0.02")
        feeds = FEEDS.format(url=courrier.address) + SECOND.format(url=phare.address)
        (bot.config / "feeds.yaml").write_text(feeds, "utf-8")
        try:
            await bot.start()
            ana = telegram.person("Ana")
            ana.says("/start immigration")
            await ana.hears(1, 30)
            await telegram.until(lambda: min(courrier.asked, phare.asked) >= 2, 30)
            courrier.publish(STORY, TEXT)
            _, message = await ana.hears(2, 30)
            assert await bot.stop() == 0
            phare.publish(STORY, TEXT)
            await bot.start()
            await telegram.until(lambda: message.edits, 30)
        finally:
            await bot.kill()
        assert message.text.replace("\u00a0", " ").endswith("Aussi : Le Phare")
        assert len(ana.inbox) == 2
