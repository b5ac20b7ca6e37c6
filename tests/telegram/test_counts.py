"""/qualite and /abonnes at the wire: numbers from the thumbs and the chats, never a name."""

import pytest

from bot.model import Field, Reason, Verdict
from bot.store import votes
from tests.store.facts import add_chat, add_feed, tell
from tests.telegram.bench import OPERATOR


def chief(desk, language="fr"):
    return desk.api.person("Chef", person_id=OPERATOR, language=language)


@pytest.mark.parametrize(
    ("language", "command", "percent", "review"),
    [("fr", "/qualite", "20\u00a0%", "Mots à revoir"), ("en", "/quality", "20%", "Terms to review")],
)
async def test_the_thumbs_give_precision_by_topic_and_outlet_and_the_terms_to_review(
    newsdesk, language, command, percent, review
):
    boss, database, now = chief(newsdesk, language), newsdesk.store._database, newsdesk.clock.now
    assert "👍" not in (await newsdesk.says(boss, command)).text
    await add_feed(database, now)
    await add_chat(database, 5, now)
    reason = Reason("labour", "grève", Field.TITLE, "grève", 1.0, 0, 5)
    alert_id, _ = await tell(database, now, "k1", verdicts=(Verdict("labour", 1.0, 1.0, True, (reason,)),))
    async with database.write() as conn:
        for person, thumb in ((1, 1), (2, -1), (3, -1), (4, -1), (5, -1)):
            await votes.press(conn, alert_id, person, thumb, now)
    seen = await newsdesk.says(boss, command)
    assert seen.text.count(f"{percent} (👍 1 👎 4)") == 3
    assert "Le Courrier" in seen.text
    assert review in seen.text
    await newsdesk.presses(boss, "1")
    assert "grève" in boss.inbox[-1].text
    assert "👎 4" in boss.inbox[-1].text


@pytest.mark.parametrize(("language", "command"), [("fr", "/abonnes"), ("en", "/subscribers")])
async def test_subscribers_are_counted_and_never_named(newsdesk, language, command):
    boss, ana = chief(newsdesk, language), newsdesk.api.person("Anastasie")
    await newsdesk.says(ana, "/start immigration")
    seen = await newsdesk.says(boss, command)
    assert "👥 1" in seen.text
    assert "🛂 Immigration — 1" in seen.text
    assert "Anastasie" not in seen.text
    assert str(ana.id) not in seen.text


@pytest.mark.parametrize("command", ["/qualite", "/abonnes", "/quality", "/subscribers", "/fils", "/ajouterfil x"])
async def test_nobody_without_a_role_is_answered(newsdesk, command):
    assert "/aide" in (await newsdesk.says(newsdesk.api.person("Ana"), command)).text
