"""The crawler in the admins' rooms: every button of every screen leads on, in both languages; each command is answered."""

import inspect
import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from bot.feeds.opml import write_opml
from bot.locales import LANGUAGES
from bot.model import FeedSpec
from bot.telegram import admin
from bot.telegram.commands import STAFF
from tests.feeds.samples import item, rss
from tests.feeds.server import page
from tests.store.facts import add_chat, add_feed, tell
from tests.telegram.bench import OPERATOR
from tests.telegram.test_walk import Crawler

ARGUMENTS = {
    "words": ["", "labour"],
    "addterm": ["", "lockout"],
    "removeterm": ["", "visa"],
    "tryterm": ["", "grève", "(a"],
    "explain": ["", "Grève au port", "http://10.0.0.1/"],
    "feeds": ["", "la-ville", "la-ville La Grande Ville"],
    "addfeed": ["", "{site}", "http://10.0.0.1/"],
    "broadcast": ["", "Bonjour à tous"],
    "ban": ["", "555"],
    "admins": ["", "77", "78 éditeur"],
}


# The buttons of subscribers' screens are the other crawler's.
THEIRS = frozenset("gfurzpsldemknqwvxc")


class AdminCrawler(Crawler):
    """Undoing is an act that can be undone, without end: it is tried twice."""

    def new_keys(self, message):
        undone = sum(data.startswith("jy") for data in self.pressed)
        verbs = THEIRS | ({"ju", "jy"} if undone >= 2 else set())
        return [data for data in super().new_keys(message) if re.match("[a-z]+", data)[0] not in verbs]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.alone
async def test_every_button_of_the_admins_leads_on_within_a_second(newsdesk, language):
    database, site = newsdesk.store._database, newsdesk.site
    await add_feed(database, newsdesk.clock.now)
    await add_chat(database, 5, newsdesk.clock.now)
    for number in range(3):
        await tell(database, newsdesk.clock.now, f"k{number}")
    site.on("/", page(rss(item(1), item(2, "Grève au port")), Content_Type="application/rss+xml"))
    boss = newsdesk.api.person(language=language, person_id=OPERATOR)
    crawler = AdminCrawler(newsdesk, boss)
    for _, command in STAFF:
        for argument in ARGUMENTS.get(command.name, [""]):
            typed = argument.format(site=site.url("/"))
            seen = await newsdesk.says(boss, f"/{command.spelling(language)} {typed}".strip())
            assert seen is not None, command.name
            crawler.check(command.name)
            await crawler.walk(seen)
            newsdesk.clock.passes(seconds=2)
    boss.uploads("fils.opml", write_opml([FeedSpec("x", "https://x.example/rss", "X", "fr")]))
    await newsdesk.settles()
    await crawler.walk(boss.inbox[-1])
    assert len(crawler.pressed) > 60
    assert crawler.slowest < 1


def test_every_command_of_the_admins_has_a_handler():
    modules = [import_module(f"bot.telegram.admin.{each.name}") for each in iter_modules(admin.__path__)]
    source = "".join(inspect.getsource(module) for module in modules)
    asked = source.replace('asks("tryterm", "addterm")', 'asks("tryterm") asks("addterm")')
    assert [command.name for _, command in STAFF if f'asks("{command.name}")' not in asked] == []
