"""The real bot process, a hub and a Telegram at the wire: from the hub's post to the phone."""

import asyncio
import socket
import time

from bot.ops.botapi import BotApi
from tests.feeds.server import open_site
from tests.line.process import Bot
from tests.loops.hub import open_hub

ITEM = "<item><guid isPermaLink='false'>{0}</guid><title>{0}</title><description>{1}</description></item>"
STORY = "Le ministère prolonge 1200 permis de travail à Matane"


def body(hub, site, *titles):
    links = "".join(
        f"<link xmlns='http://www.w3.org/2005/Atom' rel='{rel}' href='{url}'/>"
        for rel, url in (("hub", hub.url), ("self", site.url("/rss")))
    )
    items = "".join(ITEM.format(title, "Le ministère l’annonce lundi à Matane, devant les élus.") for title in titles)
    return f"<rss version='2.0'><channel><title>Le Courrier</title>{links}{items}</channel></rss>".encode()


async def test_what_a_hub_posts_is_on_the_phone_in_a_moment_though_no_poll_is_due(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    async with BotApi() as telegram, open_site() as site, open_hub() as hub:
        site.page("/rss", body(hub, site, "Un permis de travail retrouvé"))
        public = {"GUETTEUR_HTTP_LISTEN": listen, "GUETTEUR_WEBHOOK_URL": f"http://{listen}"}
        bot = Bot(tmp_path, telegram, site.url("/rss"), **public)
        feeds = tmp_path / "config" / "feeds.yaml"
        feeds.write_text(feeds.read_text("utf-8").replace("every: 1s", "every: 2h"), "utf-8")
        await bot.start()
        try:
            ana = telegram.person("Ana")
            ana.says("/start immigration")
            await ana.hears(1, 30)
            async with asyncio.timeout(20):
                while not hub.granted:  # noqa: ASYNC110 (another process asks)
                    await asyncio.sleep(0.05)
            started = time.perf_counter()
            assert await hub.posts(body(hub, site, STORY, "Un permis de travail retrouvé")) == 202
            *_, message = await ana.hears(2, 20)
            assert time.perf_counter() - started < 3  # a second of ours, on a busy machine
            assert "permis de travail à Matane" in message.text
            assert site.hits["/rss"] == 1
        finally:
            assert await bot.stop() == 0
