"""/mots, /essai, /ajoutermot, /retirermot, /expliquer at the wire, in both languages, on the real index and store."""

import pytest

from bot.model import Fate
from bot.store import items, votes
from bot.text.search import searchable
from tests.feeds.server import page
from tests.store.facts import add_chat, add_feed, item, tell
from tests.telegram.bench import OPERATOR


def chief(desk, language="fr"):
    return desk.api.person("Chef", person_id=OPERATOR, language=language)


async def read(desk, *titles):
    """Articles the bot has read: nothing was told of them."""
    database = desk.store._database
    await add_feed(database, desk.clock.now)
    async with database.write() as conn:
        for number, title in enumerate(titles):
            new = item(desk.clock.now, f"r{number}", title=title, summary="", fate=Fate.NO_TOPIC, verdicts=())
            await items.add_item(conn, new, new.url, searchable(title))


def terms(desk, topic):
    found = next(one for one in desk.app.config.topics.topics if one.id == topic)
    return {one.term.source: one.group.value for one in found.terms}


FR = ("/essai", "/ajoutermot", "Travail", "Suffit seul", "Ajouter", "1 alerte de plus", "Rien n’a changé", "Annuler")
EN = ("/try", "/addterm", "Labour", "Enough alone", "Add", "1 alert more", "Nothing has changed", "Cancel")


@pytest.mark.parametrize(("language", "words"), [("fr", FR), ("en", EN)])
async def test_a_term_is_tried_weighed_and_added_by_buttons(newsdesk, language, words):
    tryterm, addterm, topic, strong, yes, more, nothing, cancel = words
    boss = chief(newsdesk, language)
    await read(newsdesk, "Lockout au port de Montréal", "Lockout et grève au port", "Le soleil revient")
    seen = await newsdesk.says(boss, f"{tryterm} lockout")
    assert "Lockout au port de Montréal" in seen.text
    assert "2 articles" in seen.text
    await newsdesk.presses(boss, cancel)
    assert nothing in boss.inbox[-1].text
    await newsdesk.says(boss, f"{addterm} lockout")
    await newsdesk.presses(boss, topic)
    await newsdesk.presses(boss, strong)
    assert more in boss.inbox[-1].text, "the other article is told already"
    assert "lockout" not in terms(newsdesk, "labour")
    press = await newsdesk.presses(boss, yes)
    assert "lockout" in press.toast
    assert terms(newsdesk, "labour")["lockout"] == "strong"
    act = (await newsdesk.office.acts(1))[0]
    assert (act.action, act.person_id) == ("term_added", OPERATOR)


async def test_a_hint_a_veto_and_words_aside_are_judged_beside_the_other_terms(newsdesk):
    boss = chief(newsdesk)
    await read(newsdesk, "Grève chez un fabricant de visas", "Un fabricant de jouets")
    for group, words in (("Indice", "Aucune alerte de plus ni de moins"), ("Veto", "1 alerte de moins")):
        await newsdesk.says(boss, "/ajoutermot fabricant")
        await newsdesk.presses(boss, "Travail")
        await newsdesk.presses(boss, group)
        assert words in boss.inbox[-1].text, group


async def test_a_term_that_cannot_be_read_or_is_there_already_says_why(newsdesk):
    boss = chief(newsdesk)
    for typed, words in (("(a | b", "→"), ("le", "→"), ("<b>&", "→"), ("", "/essai")):
        assert words in (await newsdesk.says(boss, f"/essai {typed}")).text, typed
    await newsdesk.says(boss, "/ajoutermot grèves")
    await newsdesk.presses(boss, "Travail")
    await newsdesk.presses(boss, "Indice")
    assert "a déjà «\u00a0grève\u00a0»" in boss.inbox[-1].text


async def test_a_term_confirmed_twice_is_added_once(newsdesk):
    boss = chief(newsdesk)
    await newsdesk.says(boss, "/ajoutermot lockout")
    await newsdesk.presses(boss, "Travail")
    await newsdesk.presses(boss, "Indice")
    button = boss.inbox[-1].key("Ajouter")
    boss.presses(button)
    boss.presses(button)
    await newsdesk.settles()
    assert len(await newsdesk.office.acts(9)) == 1


REMOVALS = [("fr", "/retirermot", "Retirer", "1 alerte de moins"), ("en", "/removeterm", "Remove", "1 alert less")]


@pytest.mark.parametrize(("language", "command", "yes", "less"), REMOVALS)
async def test_a_term_is_removed_after_its_effect_was_seen(newsdesk, language, command, yes, less):
    boss = chief(newsdesk, language)
    await read(newsdesk, "La francisation recule", "Le soleil revient")
    await newsdesk.says(boss, f"{command} Francisation")
    await newsdesk.presses(boss, "francisation")
    assert less in boss.inbox[-1].text
    assert "La francisation recule" in boss.inbox[-1].text
    await newsdesk.presses(boss, yes)
    assert "francisation" not in terms(newsdesk, "immigration")


async def test_the_last_term_that_speaks_for_a_topic_stays(newsdesk):
    boss = chief(newsdesk)
    await newsdesk.says(boss, "/retirermot conseil municipal")
    await newsdesk.presses(boss, "conseil")
    assert "dernier" in boss.inbox[-1].text
    assert "conseil municipal" in terms(newsdesk, "municipalities")


async def test_an_unknown_term_to_remove_leads_on(newsdesk):
    seen = await newsdesk.says(chief(newsdesk), "/retirermot zzz")
    assert "/retirermot" in seen.text
    assert seen.keys


@pytest.mark.parametrize(
    ("language", "command", "asleep"), [("fr", "/mots immigration", "Endormis"), ("en", "/terms immigration", "Asleep")]
)
async def test_a_topics_terms_come_with_hits_thumbs_and_the_sleeping_apart(newsdesk, language, command, asleep):
    boss, database, now = chief(newsdesk, language), newsdesk.store._database, newsdesk.clock.now
    await add_feed(database, now)
    await add_chat(database, 5, now)
    alert_id, _ = await tell(database, now, "k1")
    await tell(database, now, "k2")
    async with database.write() as conn:
        await votes.press(conn, alert_id, 5, 1, now)
        await votes.press(conn, alert_id, 6, -1, now)
    seen = await newsdesk.says(boss, command)
    assert "1. permis de travail" in seen.text
    assert "— 2 👍 1 👎 1" in seen.text
    await newsdesk.presses(boss, asleep)
    assert "permis de travail" not in boss.inbox[-1].text
    assert "francisation" in boss.inbox[-1].text
    await newsdesk.presses(boss, "1")
    assert "francisation" in boss.inbox[-1].text
    await newsdesk.presses(boss, "🗑")
    assert "30" in boss.inbox[-1].text


async def test_buttons_of_terms_and_topics_that_went_answer_politely(newsdesk):
    boss = chief(newsdesk)
    seen = await newsdesk.says(boss, "/mots travail")
    for data in (
        "tt1:labour:0000000000", "tt1:absent:0000000000", "tl1:absent:a:0", "tr1:labour:0000000000", "tz1:x:y",
        "ta1:absent", "tg1:labour:strong", "ty1:labour:loud", "tt1", "tg1:labour:strong:x:y",
    ):  # fmt: skip
        press = boss.forges(data, seen)
        await newsdesk.settles()
        assert "vieilli" in press.toast, data
    assert await newsdesk.office.acts(1) == []


@pytest.mark.parametrize("command", ["/mots", "/essai grève", "/ajoutermot grève", "/retirermot grève", "/expliquer x"])
async def test_nobody_without_a_role_tends_terms(newsdesk, command):
    ana = newsdesk.api.person("Ana")
    seen = await newsdesk.says(ana, command)
    assert "aide" in seen.text
    for data in ("tl1:labour:a:0", "ta1:labour", "ty1:labour:strong", "tz1:labour:x"):
        press = ana.forges(data, seen)
        await newsdesk.settles()
        assert "vieilli" in press.toast


@pytest.mark.parametrize(("language", "command", "points"), [("fr", "/expliquer", "1,25"), ("en", "/explain", "1.25")])
async def test_a_text_is_explained_word_by_word_and_says_what_it_lacks(newsdesk, language, command, points):
    boss = chief(newsdesk, language)
    seen = await newsdesk.says(boss, f"{command} Grève au port\nUn seul visa.")
    assert points in seen.text
    assert "Grève au port" in seen.text
    assert "visa" in seen.text


async def test_the_page_at_an_address_is_explained_through_the_guard(newsdesk):
    boss = chief(newsdesk)
    html = "<html><head><title>Grève au port</title></head><body><article><p>" + "Les débardeurs. " * 40
    newsdesk.site.on("/a", page((html + "</p></article></body></html>").encode(), Content_Type="text/html"))
    seen = await newsdesk.says(boss, f"/expliquer {newsdesk.site.url('/a')}")
    assert "Grève au port" in seen.text
    assert "Travail" in seen.text
    seen = await newsdesk.says(boss, "/expliquer http://10.0.0.1/secret")
    assert "Ce que les sujets y voient" in seen.text
    assert "réseau privé" in seen.text
    assert seen.keys


async def test_a_stored_article_is_explained_as_it_was_read(newsdesk):
    boss = chief(newsdesk)
    await read(newsdesk, "Une grève de la faim")
    seen = await newsdesk.says(boss, "/expliquer https://courrier.example/r0")
    assert "grève de la faim" in seen.text
    assert "veto" in seen.text
