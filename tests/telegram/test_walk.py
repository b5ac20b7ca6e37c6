"""A crawler presses every button it can see, and every screen leads on; every handler gets what it needs."""

import inspect
import re
import time

import pytest

from bot.locales import LANGUAGES
from bot.ops.botapi_rules import units
from bot.telegram import channels, keywords, search, sources, subscriber
from bot.telegram.commands import COMMANDS
from bot.telegram.conversation import make_dispatcher
from tests.store.facts import add_feed, tell
from tests.telegram.bench import OPERATOR

ARGUMENTS = {"search": "permis", "keywords": "permis de travail"}  # where a bare command shows less
GIVEN = {"bot", "store", "topics", "outlets", "keywords", "emit", "house", "visit", "now", "event_update", "office"}
UNTRANSLATED = re.compile(r"\b(?:chat|admin|cause|alert|topics)\.(?!yaml\b)[a-z_]+\b|[{}]")


class Crawler:
    """Presses each button once, wherever it stands; remembers what went wrong."""

    def __init__(self, room, person):
        self.room, self.person = room, person
        self.pressed = set()
        self.slowest = 0.0
        self.only = ""  # the buttons pressed are those whose data begins like this

    async def walk(self, message):
        """Every button of a screen, then every button of the screens they lead to."""
        waiting = self.new_keys(message)
        while waiting:
            data = waiting.pop()
            await self.press(data, message)
            for seen in self.person.inbox:
                waiting += [other for other in self.new_keys(seen) if other not in waiting]

    def new_keys(self, message):
        data = (key.data for key in message.keys if key.data.startswith(self.only))
        return [one for one in data if one and one not in self.pressed and one != "e1:yes"]

    async def press(self, data, message):
        self.pressed.add(data)
        self.room.clock.passes(seconds=2)  # a patient person
        started = time.monotonic()
        press = self.person.forges(
            data, message if message.message_id in self.person.home.messages else self.person.inbox[-1]
        )
        await self.room.settles()
        self.slowest = max(self.slowest, time.monotonic() - started)
        await self.room.makes()
        assert press.toast is not None, f"{data} was not answered"
        self.check(data)

    def check(self, what):
        for message in self.person.inbox:
            assert message.keys or message.document or "Tout est effacé" in message.text, f"{what} led to a dead end"
            assert not UNTRANSLATED.search(message.show()), f"{what} shows a key: {message.show()}"
            assert units(message.text) <= 4096


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("person_id", [100, OPERATOR], ids=["subscriber", "operator"])
@pytest.mark.alone
async def test_every_button_leads_on_within_a_second(room, language, person_id):
    database = room.store._database
    await add_feed(database, room.clock.now)
    person = room.api.person(language=language, person_id=person_id)
    crawler = Crawler(room, person)
    await room.says(person, "/start immigration")
    for number in range(7):
        await tell(database, room.clock.now, f"k{number}")
    for command in COMMANDS:
        if command.name == "mydata":
            continue
        await room.says(person, f"/{command.spelling(language)} {ARGUMENTS.get(command.name, '')}")
        crawler.check(command.name)
        await crawler.walk(person.inbox[-1])
    assert len(crawler.pressed) > 80
    assert crawler.slowest < 1
    await crawler.press("e1:yes", person.inbox[-1])


def test_every_handler_and_filter_is_given_what_it_asks_for():
    dispatcher = make_dispatcher(None, list, print, list, None, None)
    handlers = [
        (handler, observer)
        for router in dispatcher.sub_routers
        for observer in router.observers.values()
        for handler in observer.handlers
    ]
    assert len(handlers) > 30
    for handler, _ in handlers:
        for callable_ in (handler.callback, *(filter_.callback for filter_ in handler.filters)):
            _event, *asked = inspect.signature(callable_).parameters
            assert set(asked) <= GIVEN, callable_


def test_every_command_has_a_handler():
    source = "".join(inspect.getsource(module) for module in (subscriber, sources, search, keywords, channels))
    for command in COMMANDS:
        assert f'router.message(asks("{command.name}"))' in source
