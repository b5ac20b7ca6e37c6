"""/fils, /ajouterfil and files from the chat at the wire: real fetching, parsing, files; in both languages."""

import re
from datetime import timedelta

import pytest

from bot.feeds.opml import write_opml
from bot.model import FeedSpec
from bot.store import feeds
from bot.store.feeds import NextPoll
from bot.telegram.admin.terms import shorthand
from tests.feeds.samples import item, rss
from tests.feeds.server import page
from tests.telegram.bench import OPERATOR


def chief(desk, language="fr"):
    return desk.api.person("Chef", person_id=OPERATOR, language=language)


def opml(url):
    return f'<opml version="2.0"><body><outline type="rss" text="X" xmlUrl="{url}"/></body></opml>'.encode()


def feed(desk, feed_id):
    return next((one for one in desk.app.config.feeds.feeds if one.id == feed_id), None)


async def uploads(desk, person, name, content):
    person.uploads(name, content)
    await desk.settles()
    return person.inbox[-1]


FR = ("/fils", "repos", "Réveiller", "Cadence", "15", "Renommer", "Retirer")
EN = ("/feeds", "Rest", "Wake", "Rhythm", "15", "Rename", "Remove")


@pytest.mark.parametrize(("language", "words"), [("fr", FR), ("en", EN)])
async def test_a_feed_is_rested_woken_paced_renamed_and_removed_by_buttons(newsdesk, language, words):
    command, rest, wake, rhythm, minutes, rename, remove = words
    boss = chief(newsdesk, language)
    seen = await newsdesk.says(boss, command)
    assert "Le Courrier (le-courrier)" in seen.text
    await newsdesk.presses(boss, "2")
    await newsdesk.presses(boss, rest)
    assert feed(newsdesk, "le-courrier").enabled is False
    await newsdesk.presses(boss, wake)
    await newsdesk.presses(boss, rhythm)
    await newsdesk.presses(boss, minutes)
    assert feed(newsdesk, "le-courrier").enabled is True
    assert feed(newsdesk, "le-courrier").every.total_seconds() == 900
    await newsdesk.says(boss, f"{command} le-courrier Le Courrier <b> du Sud")
    await newsdesk.presses(boss, rename)
    assert feed(newsdesk, "le-courrier").outlet == "Le Courrier <b> du Sud"
    await newsdesk.presses(boss, remove)
    await newsdesk.presses(boss, remove)
    assert feed(newsdesk, "le-courrier") is None
    assert [act.action for act in await newsdesk.office.acts(9)] == ["feed_removed"] + ["feed_changed"] * 4


async def test_a_feeds_own_rhythm_takes_the_files_away(newsdesk):
    boss = chief(newsdesk)
    await newsdesk.says(boss, "/fils la-ville")
    await newsdesk.presses(boss, "Cadence")
    await newsdesk.presses(boss, "Celle du fil")
    assert feed(newsdesk, "la-ville").every is None
    await newsdesk.says(boss, "/journal")
    await newsdesk.presses(boss, "Annuler 1")
    await newsdesk.presses(boss, "Oui")
    assert feed(newsdesk, "la-ville").every.total_seconds() == 600


async def test_the_feeds_that_ail_come_first_with_their_cause_and_health(newsdesk):
    boss, now = chief(newsdesk), newsdesk.clock.now
    async with newsdesk.store._database.write() as conn:
        await feeds.sync_feeds(conn, newsdesk.app.config.feeds.feeds, now)
        later = NextPoll(now, timedelta(minutes=20), "own")
        await feeds.record_failure(conn, "le-courrier", "http_404", "", later, now)
    seen = await newsdesk.says(boss, "/fils")
    assert seen.text.index("🔴 Le Courrier") < seen.text.index("🔵 La Ville")
    await newsdesk.presses(boss, "1")
    assert "1 échec" in boss.inbox[-1].text
    assert "toutes les 20 minutes" in boss.inbox[-1].text


async def test_an_editor_sees_feeds_and_changes_none(newsdesk):
    boss, ana = chief(newsdesk), newsdesk.api.person("Ana")
    await newsdesk.says(boss, f"/admins {ana.id} éditeur")
    seen = await newsdesk.says(ana, "/fils le-courrier")
    assert [key.label for key in seen.keys] == ["‹ Retour"]
    short = shorthand("le-courrier")
    for data in (f"fp1:{short}:on", f"fr1:{short}:yes", f"fe1:{short}:1h", f"fn1:{short}", "fa1:press:fr"):
        press = ana.forges(data, seen)
        await newsdesk.settles()
        assert "vieilli" in press.toast
    assert feed(newsdesk, "le-courrier").enabled
    assert "/admins" not in (await newsdesk.says(ana, "/aide")).text


async def test_buttons_of_feeds_that_went_answer_politely(newsdesk):
    boss = chief(newsdesk)
    seen = await newsdesk.says(boss, "/fils")
    for data in (
        "fd1:0",
        "fp1:0:on",
        "fe1:0:1h",
        "fn1:0",
        "fr1:0:yes",
        "fx1:9",
        "fa1:press:fr",
        "up1:9",
        "fa1:loud:fr",
    ):
        press = boss.forges(data, seen)
        await newsdesk.settles()
        assert "vieilli" in press.toast, data


FOUND = [
    ("fr", "/ajouterfil", "Syndicat", "Qui parle", "est ajouté"),
    ("en", "/addfeed", "Union", "Who speaks", "is added"),
]


@pytest.mark.parametrize(("language", "command", "kind", "question", "done"), FOUND)
async def test_any_address_leads_to_its_feed_a_glimpse_and_one_feed_more(
    newsdesk, language, command, kind, question, done
):
    boss, site = chief(newsdesk, language), newsdesk.site
    channel = "<title>Le Syndicat du port</title><language>fr-CA</language>"
    body = rss(item(1, "Grève au port"), item(2, "Le soleil"), channel=channel)
    site.on("/fil", page(body, Content_Type="application/rss+xml"))
    html = b'<html><head><link rel="alternate" type="application/rss+xml" href="/fil"></head></html>'
    site.on("/", page(html, Content_Type="text/html"))
    seen = await newsdesk.says(boss, f"{command} {site.url('/')}")
    assert question in seen.text
    assert "Grève au port" in seen.text
    assert "👷" in seen.text
    assert len(newsdesk.app.config.feeds.feeds) == 2
    await newsdesk.presses(boss, kind)
    assert done in boss.inbox[-1].text
    added = newsdesk.app.config.feeds.feeds[-1]
    assert (added.outlet, added.source_class.value, added.language) == ("Le Syndicat du port", "union", "fr")
    assert added.url == site.url("/fil")
    await newsdesk.says(boss, f"{command} {site.url('/fil')}")
    await newsdesk.presses(boss, kind)
    assert added.id in boss.inbox[-1].text, "the same address is not added twice"
    assert len(newsdesk.app.config.feeds.feeds) == 3


async def test_several_feeds_of_a_page_are_a_choice_and_none_is_said(newsdesk):
    boss, site = chief(newsdesk), newsdesk.site
    for number, name in enumerate(("un", "deux")):
        feed_ = rss(item(number, f"Article {name}"), channel=f"<title>Fil {name}</title>")
        site.on(f"/{name}", page(feed_, Content_Type="application/rss+xml"))
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{name}">' for name in ("un", "deux"))
    site.on("/", page(f"<html>{links}</html>".encode(), Content_Type="text/html"))
    seen = await newsdesk.says(boss, f"/ajouterfil {site.url('/')}")
    assert "2 fils trouvés" in seen.text
    await newsdesk.presses(boss, "2")
    assert "Article deux" in boss.inbox[-1].text
    site.on("/", page(b"<html>rien</html>", Content_Type="text/html"))
    assert "Aucun fil" in (await newsdesk.says(boss, f"/ajouterfil {site.url('/')}")).text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://169.254.169.254/latest", "réseau privé"),
        ("http://[::1]:22/", "privé"),
        ("ftp://x", "Ajouter"),
        ("", "suivi"),
    ],
)
async def test_a_private_or_odd_address_is_refused_in_words(newsdesk, address, words):
    seen = await newsdesk.says(chief(newsdesk), f"/ajouterfil {address}")
    assert words in seen.text
    assert seen.keys
    assert len(newsdesk.app.config.feeds.feeds) == 2


@pytest.mark.parametrize(("language", "apply", "gone"), [("fr", "Appliquer", "vieilli"), ("en", "Apply", "aged")])
async def test_a_list_of_feeds_is_shown_as_a_difference_then_applied_as_one_act(newsdesk, language, apply, gone):
    boss = chief(newsdesk, language)
    known = newsdesk.app.config.feeds.feeds[0]
    new = [FeedSpec("x", f"https://x{n}.example/rss", f"Journal {n}", "fr") for n in range(3)]
    seen = await uploads(newsdesk, boss, "fils.opml", write_opml([known, *new]))
    assert seen.text.count("+ journal-") == 3
    assert "le-courrier" not in seen.text
    assert len(newsdesk.app.config.feeds.feeds) == 2
    button = seen.key(apply)
    await newsdesk.presses(boss, apply)
    assert len(newsdesk.app.config.feeds.feeds) == 5
    again = boss.forges(button.data, seen)
    await newsdesk.settles()
    assert gone in again.toast
    await newsdesk.says(boss, "/journal")
    await newsdesk.presses(boss, "1")
    await newsdesk.presses(boss, "Oui" if language == "fr" else "Yes")
    assert len(newsdesk.app.config.feeds.feeds) == 2


async def test_a_file_of_terms_is_shown_as_a_difference_then_applied(newsdesk):
    boss = chief(newsdesk)
    text = (newsdesk.app.settings.config_dir / "topics.yaml").read_text("utf-8")
    text = text.replace("[grève]", "[grève, lockout]").replace("      - francisation\n", "").replace("0.6", "0.9")
    seen = await uploads(newsdesk, boss, "mots.yaml", text.encode())
    assert "+ labour\u00a0: lockout (suffit seul)" in seen.text
    assert "− immigration\u00a0: francisation" in seen.text
    assert "3 changements" in seen.text
    await newsdesk.presses(boss, "Appliquer")
    sources = {one.term.source: one.weight for topic in newsdesk.app.config.topics.topics for one in topic.terms}
    assert "lockout" in sources
    assert "francisation" not in sources
    assert sources["visa"] == 0.9
    seen = await uploads(newsdesk, boss, "mots.yaml", text.encode())
    assert "Rien à changer" in seen.text


async def test_a_wrong_large_or_strange_file_says_every_problem_and_changes_nothing(newsdesk):
    boss = chief(newsdesk)
    bad = b"topics:\n  labour:\n    names: {fr: Travail, en: Labour}\n    emoji: x\n    strong: ['(a', 'b)', le]\n"
    seen = await uploads(newsdesk, boss, "mots.yaml", bad)
    assert seen.text.count("ligne 5") == 3
    for name, content, words in (
        ("fils.opml", b"<html>", "aucun fil lisible"),
        ("fils.opml", b"x" * (1024 * 1024 + 1), "1 Mio"),
        ("virus.exe", b"MZ", ".opml"),
        ("../../etc/x.yaml", b"topics: []", "clé"),
    ):
        seen = await uploads(newsdesk, boss, name, content)
        assert words in seen.text, name
        assert seen.keys
    assert await newsdesk.office.acts(1) == []


FRENCH = re.compile(r"ligne|clé|fils|écrivez|adresse|seul|doit|[«»]")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "terms.yaml",
            b"topics:\n  labour:\n    names: {fr: A, en: B}\n    emoji: x\n    strong: ['(a']\n",
            "line 5: ",
        ),
        ("terms.yaml", b"topics:\n  labour:\n    nmaes: {fr: A, en: B}\n", "did you mean"),
        (
            "terms.yaml",
            b"topics: {labour: {names: {fr: A, en: B}, emoji: x, threshold: -1, weak: [a]}}",
            "number above 0",
        ),
        ("terms.yaml", b"topics: [", "not YAML"),
        ("feeds.opml", b"<html>", "no feed can be read in this list"),
        (
            "feeds.opml",
            opml("ftp://x.example/rss"),
            "only http:// and https:// addresses are read → write https://",
        ),
        ("feeds.opml", opml("https://me:secret@x.example/rss"), "an address that holds a password"),
    ],
)
async def test_what_is_wrong_with_a_file_is_told_in_the_language_of_who_sent_it(newsdesk, name, content, said):
    seen = await uploads(newsdesk, chief(newsdesk, "en"), name, content)
    assert said in seen.text
    assert not FRENCH.search(seen.text), seen.text
    assert "secret" not in seen.text


async def test_a_file_from_anybody_else_is_not_even_fetched(newsdesk):
    ana = newsdesk.api.person("Ana")
    ana.uploads("fils.opml", write_opml([FeedSpec("x", "https://x.example/rss", "X", "fr")]))
    await newsdesk.settles()
    assert not [call for call in newsdesk.api.calls if call.method == "getfile"]


async def test_an_editors_list_of_feeds_is_refused_and_another_admins_draft_is_not_theirs(newsdesk):
    boss, ana = chief(newsdesk), newsdesk.api.person("Ana")
    await newsdesk.says(boss, f"/admins {ana.id} éditeur")
    opml = write_opml([FeedSpec("x", "https://x.example/rss", "X", "fr")])
    assert "rôle" in (await uploads(newsdesk, ana, "fils.opml", opml)).text
    seen = await uploads(newsdesk, boss, "fils.opml", opml)
    press = ana.forges(seen.key("Appliquer").data, ana.inbox[-1])
    await newsdesk.settles()
    assert "vieilli" in press.toast
    assert len(newsdesk.app.config.feeds.feeds) == 2
