"""/motscles at the wire: tried, added, told, taken back; and what people and forgers send."""

from datetime import timedelta

import pytest

from bot.model import Text
from bot.store import items, keywords
from bot.telegram.keywords import Trial, written_as
from bot.text.search import searchable
from tests.store.facts import add_feed, item, tell
from tests.telegram.bench import KEYWORDS, talking


@pytest.fixture
async def kept(room):
    """Four articles about crab in ten days, two of them one story, and one that is too old."""
    database = room.store._database
    await add_feed(database, room.clock.now)
    for days, title in (
        (40, "Crabe d’antan"),
        (9, "Le crabe <b>"),
        (5, "Des CRABES!"),
        (5, "Des crabes!"),
        (1, "Crabe"),
    ):
        one = item(room.clock.now - timedelta(days=days), f"c{days}", title=title, summary="", verdicts=())
        async with database.write() as conn:
            await items.add_item(conn, one, one.url, searchable(title))


async def mine(room, chat_id):
    return list((await room.store.keywords(chat_id)).values())


def heard(room, title):
    """Whose keywords the index finds, by number."""
    return sorted(room.app.config.index.personal_hits(Text(title, lang="fr")))


async def test_a_keyword_is_tried_before_it_is_added_and_the_index_hears_of_it_at_once(room, kept):
    ana = room.api.person()
    await room.says(ana, "/start")
    seen = await room.says(ana, "/motscles crabe")
    assert seen.text == (
        "🔑 Essai d’un mot-clé\n\ncrabe\n\n"
        "En 9 jours, il aurait donné 3 alertes.\n"
        "• Crabe (Le Courrier)\n• Des crabes! (Le Courrier)\n• Le crabe <b> (Le Courrier)"
    )
    assert await mine(room, ana.id) == []
    assert (await room.presses(ana, "Ajouter")).toast == "Ajouté\u00a0: crabe"
    assert ana.inbox[-1].text.startswith("🔑 Vos mots-clés\n\n1 mot-clé sur 3")
    assert await mine(room, ana.id) == ["crabe"]
    assert heard(room, "Le crabe est cher") == [1]
    assert (await room.presses(ana, "✕ crabe")).toast == "Retiré\u00a0: crabe"
    assert "Aucun mot-clé pour l’instant, 3 au plus." in ana.inbox[-1].text
    assert await mine(room, ana.id) == []
    assert heard(room, "Le crabe est cher") == []
    assert len(ana.inbox) == 2, "the screen edits itself"


async def test_the_same_in_english_with_the_signs_of_a_term(room, kept):
    bob = room.api.person("Bob", language="en")
    await room.says(bob, "/start")
    seen = await room.says(bob, '/keywords "crabes" | lobster')
    assert "→" in seen.text, "a refusal says what to write instead"
    seen = await room.says(bob, '/keywords "crabes"')
    assert "it would have given 1 alert." in seen.text
    await room.presses(bob, "Add")
    assert await mine(room, bob.id) == ['"crabes"']


async def test_a_refused_term_is_explained_in_the_person_s_language_and_nothing_is_kept(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    for term in ("le", "x" * 400, "(", "a*", "@inconnue", "grève &", "[a-z]+", '"'):
        room.clock.passes(seconds=30)
        seen = await room.says(ana, f"/motscles {term}")
        assert "→" in seen.text, term
        assert [key.label for key in seen.keys] == ["🔑 Mots-clés"]
    assert await mine(room, ana.id) == []


async def test_too_broad_a_term_is_warned_about_and_one_that_gives_nothing_too(room):
    database = room.store._database
    await add_feed(database, room.clock.now)
    async with database.write() as conn:
        for number in range(20):
            one = item(room.clock.now - timedelta(days=number % 2), f"c{number}", title=f"Crabe {number}")
            await items.add_item(conn, one, one.url, "")
    ana = room.api.person()
    await room.says(ana, "/start")
    assert "C’est beaucoup\u00a0: environ 20 alertes par jour" in (await room.says(ana, "/motscles crabe")).text
    seen = await room.says(ana, "/motscles licorne")
    assert "0 alerte." in seen.text
    assert "vérifiez l’orthographe" in seen.text
    assert seen.key("Ajouter")


def test_what_is_broad_counts_by_day():
    assert not Trial(150, 30, ()).broad
    assert Trial(151, 30, ()).broad
    assert (Trial(6, 1, ()).broad, Trial(6, 1, ()).a_day) == (True, 6)


async def test_a_quota_is_kept_and_twice_is_once(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    trials = []
    for term in ("crabe", "homard", "flétan", "crevette"):
        room.clock.passes(seconds=30)
        if len(trials) == KEYWORDS:
            break
        trials.append((await room.says(ana, f"/motscles {term}")).key("Ajouter"))
    for key in trials:
        for _ in range(2):
            ana.presses(key)
        await room.api.quiet()
    assert await mine(room, ana.id) == ["crabe", "homard", "flétan"]
    seen = await room.says(ana, "/motscles crevette")
    assert "Vous avez déjà 3 mots-clés" in seen.text
    assert "déjà parmi vos mots-clés" in (await room.says(ana, "/motscles homard")).text


async def test_a_trial_pressed_when_the_quota_is_reached_adds_nothing_and_says_so(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    old = (await room.says(ana, "/motscles crevette")).key("Ajouter")
    for number, term in enumerate(("crabe", "homard", "flétan")):
        await room.store.add_keyword(ana.id, term, KEYWORDS, room.clock.now + timedelta(seconds=number))
    press = ana.presses(old)
    await room.api.quiet()
    assert "le maximum" in press.toast
    assert "crevette" not in await mine(room, ana.id)


async def test_in_a_group_only_administrators_choose(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start", group)
    assert "administrateurs" in (await room.says(bob, "/motscles crabe", group)).text
    seen = await room.says(ana, "/motscles crabe", group)
    press = bob.presses(seen.key("Ajouter"))
    await room.api.quiet()
    assert "administrateurs" in press.toast
    assert await mine(room, group.id) == []
    await room.presses(ana, "Ajouter", seen)
    assert await mine(room, group.id) == ["crabe"]


async def test_somebody_else_s_keyword_cannot_be_dropped_and_forgeries_change_nothing(room):
    ana, eve = room.api.person("Ana"), room.api.person("Eve")
    for person in (ana, eve):
        await room.says(person, "/start")
    await room.says(ana, "/motscles crabe")
    await room.presses(ana, "Ajouter")
    seen = await room.says(eve, "/aide")
    for data in (
        "k1",
        "k1:",
        "k1:add",
        "k1:add:crabe",
        "k1:drop",
        "k1:drop:",
        "k1:drop:1",
        "k1:drop:-1",
        "k1:drop:1:2",
        "k1:x",
    ):
        room.clock.passes(seconds=5)
        press = eve.forges(data, seen)
        await room.api.quiet()
        assert press.toast is not None, data
    assert await mine(room, ana.id) == ["crabe"]
    assert await mine(room, eve.id) == []


HOSTILE = [
    "<b>crabe</b>",
    "crabe\u202e\u2066",
    "cra\0be",
    "crabe\u200b\u00ad",
    "';DROP TABLE chat;--",
    "{n} %s",
    "C̸̛r̸a̸b̸e̸",
    "@tous",
    "#x",
    "🦀",
]


@pytest.mark.parametrize("typed", HOSTILE)
async def test_what_is_seen_is_what_is_added(room, typed):
    ana = room.api.person()
    await room.says(ana, "/start")
    seen = await room.says(ana, f"/motscles {typed}")
    if any(key.label == "✓ Ajouter" for key in seen.keys):
        shown = seen.text.split("\n\n")[1]
        await room.presses(ana, "Ajouter")
        assert await mine(room, ana.id) == [shown] == [written_as(shown)]
    else:
        assert "→" in seen.text
        assert await mine(room, ana.id) == []


async def test_somebody_we_do_not_know_is_welcomed_and_nothing_is_kept(room):
    eve = room.api.person("Eve")
    for typed in ("/motscles", "/motscles crabe"):
        assert "Quels sujets" in (await room.says(eve, typed)).text
    assert await mine(room, eve.id) == []
    assert not await room.store.add_keyword(eve.id, "crabe", KEYWORDS, room.clock.now)


async def test_keywords_are_part_of_one_s_data_and_are_erased_with_it(room):
    ana = room.api.person()
    await room.says(ana, "/start")
    await room.says(ana, "/motscles crabe")
    await room.presses(ana, "Ajouter")
    seen = await room.says(ana, "/mesdonnees")
    assert b'"term": "crabe"' in seen.document[1]
    await room.says(ana, "/oublier")
    await room.presses(ana, "Oui")
    assert await mine(room, ana.id) == []
    assert await room.store.personal_data(ana.id) is None


async def test_an_alert_of_a_keyword_says_so_to_its_owner_and_is_nobody_else_s(room):
    database = room.store._database
    await add_feed(database, room.clock.now)
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    for person in (ana, bob):
        await room.says(person, "/start")
    await room.store.add_keyword(ana.id, "crabe", KEYWORDS, room.clock.now)
    alert_id, _ = await tell(database, room.clock.now, title="Le crabe est cher", verdicts=())
    async with database.write() as conn:
        owed = await keywords.address_keywords(conn, alert_id, 1, [1], room.clock.now, room.clock.now)
    assert owed == 1
    press = ana.forges(f"w1:{alert_id}", ana.inbox[-1])
    await room.api.quiet()
    assert press.toast == ""
    assert "🔑 Votre mot-clé y figure\u00a0: crabe." in ana.inbox[-1].text
    press = bob.forges(f"w1:{alert_id}", bob.inbox[-1])
    await room.api.quiet()
    assert press.toast == "Cette alerte n’existe plus."
    assert "Le crabe" not in (await room.says(bob, "/dernieres")).text


async def test_a_trial_that_fails_is_told_to_the_person(bench):
    ana = bench.api.person()
    async with talking(bench.chat):
        await bench.says(ana, "/start")
        async with bench.store._database.write() as conn:
            await conn.exec_driver_sql("ALTER TABLE item RENAME TO item_away")
        ana.says("/motscles crabe")
        await ana.hears(2)
    assert "réessayez" in ana.inbox[-1].text
    assert [type(event).__name__ for event in bench.events][-1] == "LoopFailed"
