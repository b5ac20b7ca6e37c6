"""/chercher at the wire: pages, links, reasons, and what people and forgers type."""

import pytest

from bot.store import items
from bot.text.search import searchable
from tests.store.facts import add_feed, item, tell


@pytest.fixture
async def kept(room):
    """Seven articles on the budget; the third one was told."""
    database = room.store._database
    await add_feed(database, room.clock.now)
    for number in range(7):
        title = f"Le budget de Gatineau <{number}>"
        if number == 2:
            alert_id, _ = await tell(database, room.clock.now, "told", title=title)
        else:
            one = item(room.clock.now, f"s{number}", title=title)
            async with database.write() as conn:
                await items.add_item(conn, one, one.url, searchable(title))
    return alert_id


@pytest.mark.parametrize(
    ("language", "command", "older", "first"),
    [("fr", "/chercher", "Plus anciennes", "Début"), ("en", "/search", "Older", "Newest")],
)
async def test_articles_come_in_pages_with_their_links_and_a_why_where_there_is_one(
    room, kept, language, command, older, first
):
    ana = room.api.person(language=language)
    seen = await room.says(ana, f"{command} BUDGÉT de gatineaus")
    assert [line for line in seen.text.split("\n") if "<" in line] == [
        f"{place}. Le budget de Gatineau <{7 - place}>" for place in range(1, 6)
    ]
    assert next(entity["url"] for entity in seen.entities if entity["type"] == "text_link").endswith("/s6")
    assert [key.label for key in seen.keys if key.label.startswith("🔎")] == ["🔎 5"]
    await room.presses(ana, older)
    assert "2. Le budget de Gatineau <0>" in ana.inbox[-1].text
    assert len(ana.inbox) == 1, "the screen edits itself"
    await room.presses(ana, first)
    await room.presses(ana, "🔎 5")
    assert "permis de travail" in ana.inbox[-1].text


async def test_every_spelling_searches(room, kept):
    ana = room.api.person()
    for typed in ("/chercher", "/Recherché", "/rechercher", "/find", "/search"):
        room.clock.passes(seconds=5)
        assert "1. Le budget de Gatineau <6>" in (await room.says(ana, f"{typed} budget")).text, typed


async def test_without_words_one_is_told_how_and_what_is_not_there_is_said(room, kept):
    ana = room.api.person()
    assert "suivi des mots à trouver" in (await room.says(ana, "/chercher")).text
    seen = await room.says(ana, "/chercher licorne budget")
    assert "Mots cherchés\u00a0: licorne, budget." in seen.text
    assert "Aucun article gardé" in seen.text
    await room.says(ana, "/start")
    await room.presses(ana, "🔍 Chercher")
    assert "suivi des mots à trouver" in ana.inbox[-1].text


async def test_in_a_group_anybody_searches_and_a_stranger_leaves_no_trace(room, kept):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    seen = await room.says(bob, "/chercher budget", group)
    assert "Le budget de Gatineau" in seen.text
    assert await room.store.subscriber(group.id) is None
    assert await room.store.subscriber(bob.id) is None


async def test_hostile_words_and_forged_pages_are_answered_and_break_nothing(room, kept):
    ana = room.api.person()
    for words in (
        "x" * 4096,
        "é" * 4000,
        "% _ ' \" ; --",
        "budget' OR '1'='1",
        "'; DROP TABLE item;--",
        "\0",
        "\u202ebudget\u202c",
        "Z̸̧͉̆a̵͓͑l̶̰̂g̴̙̈o",
        "<b>budget</b> &amp;",
        "{n} %s {0.__class__}",
        "🙂" * 2000,
        "a:b:c:d",
        "字" * 100,
    ):
        room.clock.passes(minutes=1)
        seen = await room.says(ana, f"/chercher {words}")
        assert seen.text.startswith("🔍 Recherche"), words
        assert "<b>" not in seen.text
    for data in (
        "q1",
        "q1:",
        "q1:0",
        "q1:0:",
        "q1:-1:budget",
        "q1:x:budget",
        "q1:99999999999999999999:budget",
        "q1:1:%:a",
    ):
        room.clock.passes(seconds=5)
        press = ana.forges(data, seen)
        await room.api.quiet()
        assert press.toast is not None, data
        assert seen.text.startswith("🔍 Recherche"), data
    assert "Le budget" in (await room.says(ana, "/chercher budget")).text
