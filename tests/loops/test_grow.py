"""A message that stands names who else tells the story, and a turn of the news answers it: the real line from an item
to the wire, against a Telegram that people read, delete from and block in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.alerts.render import TopicLabel
from bot.feeds.identity import Keys
from bot.loops.deliver import Deliverer
from bot.loops.grow import Grower, Growing
from bot.loops.ledger import Ledger
from bot.loops.pace import Turns
from bot.loops.tell import News, Telling, keep_and_tell
from bot.model import ChatState, Rhythm, SourceClass
from bot.ops.botapi import DROPPED_AFTER, BotApi, floods, refuses
from bot.store import chats
from bot.store.database import Database
from bot.store.tables import alert, chat, message, reply, source_choice
from bot.stories.fingerprint import fingerprint
from bot.telegram.client import make_bot
from bot.telegram.pace import limits_of
from bot.telegram.send import Sender
from tests.store.facts import add_chat, add_feed, item

LABELS = {"immigration": TopicLabel({"fr": "Immigration", "en": "Immigration"}, "🌍")}
GAP = timedelta(minutes=3)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STRIKE = "Grève des 850 chauffeurs de la STB à Saint-Bruno : la ville paralysée"
LEAD = "Les 850 chauffeurs de la STB à Saint-Bruno demandent une hausse de 14 %."
OTHER = "Le ministère prolonge 1200 permis de travail dans le Bas-Saint-Laurent"


class Clock:
    """Moves only when told."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@dataclass
class Desk:
    """The line: outlets publish, what is due is delivered, what stands is tended."""

    database: Database
    api: BotApi
    clock: Clock
    deliverer: Deliverer
    grower: Grower
    facts: list
    developments: bool = True
    published: int = 0

    async def publish(self, outlet, title=STRIKE, summary=LEAD, source_class=SourceClass.PRESS):
        self.published += 1
        key = f"k{self.published}"
        new = item(
            self.clock.now, key, outlet=outlet, title=title, summary=summary, digest=summary, source_class=source_class
        )
        print_ = fingerprint(title, summary, "fr", outlet, self.clock.now)
        telling = Telling(timedelta(0), 2 * DAY, 2 * DAY, Growing(GAP, self.developments), posting=False)
        news = News(new, Keys((key,)), ("immigration",), print_)
        async with self.database.write() as conn:
            [facts] = await keep_and_tell(conn, [news], telling, self.clock.now)
        return facts

    async def deliver(self, later=timedelta(0)):
        self.clock.now += later
        while await self.deliverer.deliver_due():
            await self.deliverer.drain()

    async def tend(self, later=timedelta(0)):
        self.clock.now += later
        return await self.grower.tend()

    async def count(self, table, *where):
        async with self.database.read() as conn:
            return await conn.scalar(select(func.count()).select_from(table).where(*where))

    def edits(self):
        return [call for call in self.api.calls if call.method == "editmessagetext"]


@asynccontextmanager
async def open_desk(database, api, now) -> AsyncIterator[Desk]:
    await add_feed(database, now)
    bot = make_bot(SecretStr(api.token), api.url)
    turns, clock, facts = Turns(limits_of(1_000, 1_000), lambda: datetime.now(UTC)), Clock(now), []
    ledger, sender = Ledger(database, facts.append), Sender(bot)
    deliverer = Deliverer(database, sender, turns, lambda: LABELS, facts.append, clock, ledger)
    grower = Grower(database, sender, turns, lambda: LABELS, facts.append, clock, GAP, DAY)
    yield Desk(database, api, clock, deliverer, grower, facts)
    await bot.session.close()


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
async def desk(sqlite_database, api, now) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_database, api, now) as desk:
        yield desk


@pytest.fixture
async def ana(desk, now):
    person = desk.api.person("Ana")
    await add_chat(desk.database, person.id, now)
    return person


def read(posted):
    return posted.text.replace("\u00a0", " ")


async def test_another_outlet_is_added_to_the_message_by_one_edit_that_keeps_all_the_rest(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    [before] = ana.inbox
    text, keyboard = read(before), before.keyboard
    await desk.publish("SCFP Québec", source_class=SourceClass.UNION)
    await desk.deliver()
    assert await desk.tend(GAP - MINUTE) == 0
    assert await desk.tend(MINUTE) == 1
    [message] = ana.inbox
    assert read(message) == f"{text}\nAussi : SCFP Québec (syndicat)"
    assert (message.keyboard, message.edits) == (keyboard, 1)
    assert [await desk.tend(GAP) for _ in range(3)] == [0, 0, 0]


async def test_outlets_that_come_within_minutes_share_an_edit_and_the_next_waits_its_minutes(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    await desk.publish("Le Phare")
    desk.clock.now += MINUTE
    await desk.publish("La Vigie")
    assert await desk.tend(GAP) == 1
    await desk.publish("L’Écho")
    assert await desk.tend(MINUTE) == 0
    assert await desk.tend(GAP) == 1
    assert read(ana.inbox[0]).endswith("Aussi : Le Phare, La Vigie, L’Écho")
    assert len(desk.edits()) == 2


async def test_an_outlet_that_is_named_already_and_a_message_sent_after_it_joined_change_nothing(desk, ana):
    await desk.publish("Le Courrier")
    await desk.publish("Le Phare")
    await desk.deliver()
    assert await desk.tend(GAP) == 0
    await desk.publish("Le Phare", STRIKE + ", jour deux")
    await desk.publish("Le Courrier", STRIKE + ", jour trois")
    assert await desk.count(alert, alert.c.grown_at.is_not(None)) == 0
    assert await desk.tend(GAP) == 0
    assert read(ana.inbox[0]).endswith("Aussi : Le Phare")
    assert await desk.count(message, message.c.edit_due_at.is_not(None)) == 0


async def test_the_words_of_time_the_language_and_the_zone_stay_as_they_were(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    async with desk.database.write() as conn:
        await chats.set_chat(conn, ana.id, language="en", timezone="Asia/Tokyo")
    desk.clock.now += timedelta(hours=20)
    await desk.publish("Le Phare")
    assert await desk.tend(GAP) == 1
    assert "aujourd’hui 11 h" in read(ana.inbox[0])
    assert "Aussi : Le Phare" in read(ana.inbox[0])


async def test_who_speaks_in_a_message_stays_whoever_the_chat_prefers_since(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    async with desk.database.write() as conn:
        prefer = {"chat_id": ana.id, "source": "outlet:Le Phare", "choice": "prefer"}
        await conn.execute(source_choice.insert().values(prefer))
    await desk.publish("Le Phare", STRIKE + ", dit Le Phare")
    assert await desk.tend(GAP) == 1
    text = read(ana.inbox[0])
    assert text.split("\n")[1] == STRIKE
    assert text.endswith("Aussi : Le Phare")


async def test_a_day_later_the_message_is_left_as_it_is_and_forgotten(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    desk.clock.now += DAY - MINUTE
    await desk.publish("Le Phare")
    assert await desk.tend(GAP) == 0
    assert await desk.count(message) == 0


async def test_a_crash_between_the_growth_and_the_edit_loses_nothing(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    await desk.publish("Le Phare")
    desk.clock.now += GAP
    desk.api.plan(refuses(429, "Too Many Requests: retry after 1", retry_after=1), method="editMessageText")
    await desk.tend()
    async with open_desk_again(desk) as grower:  # a new process finds what the old one left
        desk.clock.now += MINUTE
        assert await grower.tend() == 1
    assert read(ana.inbox[0]).endswith("Aussi : Le Phare")


@asynccontextmanager
async def open_desk_again(desk) -> AsyncIterator[Grower]:
    bot = make_bot(SecretStr(desk.api.token), desk.api.url)
    turns = Turns(limits_of(1_000, 1_000), lambda: datetime.now(UTC))
    yield Grower(desk.database, Sender(bot), turns, lambda: LABELS, desk.facts.append, desk.clock, GAP, DAY)
    await bot.session.close()


async def test_an_edit_whose_answer_was_lost_is_made_again_and_counts_once(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    await desk.publish("Le Phare")
    desk.api.plan(DROPPED_AFTER, method="editMessageText")
    await desk.tend(GAP)
    await desk.tend(2 * MINUTE)  # « message is not modified »
    assert await desk.tend(GAP) == 0
    assert ana.inbox[0].edits == 1
    assert len(desk.edits()) == 2


async def test_a_message_that_the_person_deleted_is_never_tried_again(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    ana.home.messages.clear()
    for outlet in ("Le Phare", "La Vigie"):
        await desk.publish(outlet)
        await desk.tend(GAP)
    assert len(desk.edits()) == 1
    assert await desk.count(message) == 0


async def test_a_chat_that_blocked_the_bot_is_set_aside_and_named_in_no_fact_twice(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    ana.home.refusal = (403, "Forbidden: bot was blocked by the user")
    for outlet in ("Le Phare", "La Vigie"):
        await desk.publish(outlet)
        await desk.tend(GAP)
    assert len(desk.edits()) == 1
    assert await desk.count(chat, chat.c.state == ChatState.BLOCKED.value) == 1
    assert [type(fact).__name__ for fact in desk.facts].count("SubscriberGone") == 1


async def test_a_flood_is_obeyed(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    await desk.publish("Le Phare")
    desk.api.plan(floods(120), method="editMessageText")
    assert await desk.tend(GAP) == 1
    assert await desk.tend(MINUTE) == 0
    desk.grower.pace.state = type(desk.grower.pace.state)()  # its clock is the wall's
    assert await desk.tend(MINUTE) == 1
    assert read(ana.inbox[0]).endswith("Aussi : Le Phare")


async def test_a_message_of_several_alerts_is_edited_in_the_right_place(desk, ana):
    await desk.publish("Le Courrier", OTHER, "Le ministère prolonge 1200 permis de travail.")
    await desk.publish("Le Courrier")
    await desk.deliver()
    [posted] = ana.inbox
    text, keys = read(posted), [key.data for key in posted.keys]
    assert text.startswith("2 nouvelles")
    await desk.publish("Le Phare", OTHER, "Le ministère prolonge 1200 permis de travail.")
    await desk.publish("La Vigie")
    assert await desk.tend(GAP) == 1
    lines = read(posted).split("\n")
    changed = [line for line in lines if line not in text.split("\n")]
    assert sorted(line.rpartition("Aussi : ")[2] for line in changed) == ["La Vigie", "Le Phare"]
    assert lines.index(next(line for line in lines if "La Vigie" in line)) > lines.index(
        next(line for line in lines if STRIKE in line)
    )
    assert ([key.data for key in posted.keys], posted.edits) == (keys, 1)


async def test_nobody_waits_for_an_edit_while_an_alert_is_due(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    await desk.publish("Le Phare")
    desk.clock.now += GAP
    await desk.publish("Le Courrier", OTHER, "Le ministère prolonge 1200 permis de travail.")
    assert await desk.tend() == 0
    await desk.deliver()
    assert await desk.tend() == 1


AGREED = "Grève de la STB à Saint-Bruno : une entente de principe est conclue"
TERMS = "Les 850 chauffeurs obtiennent 12,5 % sur cinq ans, selon le SCFP."


async def test_a_turn_of_the_news_answers_the_first_message_once(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    desk.clock.now += 2 * GAP
    await desk.publish("Le Phare", AGREED, TERMS)
    await desk.publish("La Vigie", AGREED + ", dit le SCFP", TERMS)
    assert await desk.tend() == 1
    first, answer = ana.inbox
    assert answer.reply_to == first.message_id
    lines = read(answer).split("\n")
    assert lines[:2] == ["🤝 Du nouveau : une entente", AGREED]
    assert TERMS in lines
    assert lines[-1] == "Le Phare · presse · aujourd’hui 11 h 06"
    desk.clock.now += 2 * GAP
    await desk.publish("L’Écho", "Grève de la STB à Saint-Bruno : entente adoptée à 91 %", "Les chauffeurs ont voté.")
    assert await desk.tend(GAP) == 1  # the edit; the day's reply is spent
    assert len(ana.inbox) == 2
    assert [type(fact).__name__ for fact in desk.facts].count("DeliverySent") == 2


@pytest.mark.parametrize("why", ["off", "muted", "not_told_yet", "repeated"])
async def test_no_reply_where_none_is_wanted(desk, ana, why):
    desk.developments = why != "off"
    if why == "muted":
        async with desk.database.write() as conn:
            await conn.execute(source_choice.insert().values(chat_id=ana.id, source="outlet:Le Phare", choice="mute"))
    await desk.publish("Le Courrier", *((AGREED, TERMS) if why == "repeated" else ()))
    if why != "not_told_yet":
        await desk.deliver()
    await desk.publish("Le Phare", AGREED, TERMS)
    assert await desk.count(reply) == 0


async def test_a_reply_waits_for_the_end_of_the_quiet_and_is_dropped_when_it_is_old(desk, ana, now):
    await desk.publish("Le Courrier")
    await desk.deliver()
    quiet = Rhythm(quiet_from=time(10), quiet_to=time(14))  # it is 11 h in Montréal
    async with desk.database.write() as conn:
        await chats.set_chat(conn, ana.id, rhythm=chats.write_rhythm(quiet))
    await desk.publish("Le Phare", AGREED, TERMS)
    assert await desk.tend() == 0
    assert await desk.tend(timedelta(hours=2)) == 1  # the edit makes no sound
    assert await desk.tend(timedelta(hours=1)) == 1
    assert len(ana.inbox) == 2
    await desk.tend(3 * DAY)
    assert await desk.count(reply) == 0


async def test_a_reply_that_surely_did_not_arrive_is_sent_later_and_one_that_may_have_is_not(desk, ana):
    bruno = desk.api.person("Bruno")
    await add_chat(desk.database, bruno.id, desk.clock.now)
    await desk.publish("Le Courrier")
    await desk.deliver()
    desk.api.plan(floods(5), chat_id=ana.id)
    desk.api.plan(DROPPED_AFTER, chat_id=bruno.id)
    await desk.publish("Le Courrier", AGREED, TERMS)
    assert await desk.tend() == 2
    desk.grower.pace.state = type(desk.grower.pace.state)()  # its clock is the wall's
    assert await desk.tend(MINUTE) == 1
    assert (len(ana.inbox), len(bruno.inbox)) == (2, 2)


async def test_a_reply_to_a_message_that_is_gone_still_comes(desk, ana):
    await desk.publish("Le Courrier")
    await desk.deliver()
    ana.home.messages.clear()
    await desk.publish("Le Courrier", AGREED, TERMS)
    assert await desk.tend() == 1
    [call] = [call for call in desk.api.calls if call.given.get("reply_parameters")]
    assert call.given["reply_parameters"]["allow_sending_without_reply"] is True
    assert len(ana.inbox) == 1
