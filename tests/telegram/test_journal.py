"""Roles, bans, the journal and its undo at the wire, in both languages; and that nobody else gets anywhere near."""

import io
import shutil
import zipfile

import pytest

from bot.changes import Change, ChangeKind, Role
from bot.config import load_config
from bot.model import ChatState
from bot.ops.botapi import refuses
from bot.topics.overlay import add_term
from bot.topics.topic import Group
from tests.telegram.bench import CONFIG, OPERATOR, make_bench, talking


@pytest.fixture
async def room(api, bot, database, clock, tmp_path):
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    bench = make_bench(api, bot, database, clock, folder=folder)
    async with talking(bench.chat):
        yield bench
    assert [event for event in bench.events if type(event).__name__ == "LoopFailed"] == []


def chief(room, language="fr"):
    return room.api.person("Chef", person_id=OPERATOR, language=language)


def spelled(config):
    return [{(term.term.source, term.group, term.weight) for term in topic.terms} for topic in config.topics.topics]


# Roles.


@pytest.mark.parametrize(("language", "words"), [("fr", ("Éditeur", "éditeur")), ("en", ("Editor", "editor"))])
async def test_an_owner_gives_a_role_and_takes_it_back(room, language, words):
    boss, ana = chief(room, language), room.api.person("Ana", language=language)
    assert f"👑 {OPERATOR}" in (await room.says(boss, "/admins")).text
    await room.says(boss, f"/admins {ana.id}")
    await room.presses(boss, words[0])
    assert f"✏️ {ana.id}, {words[1]}" in boss.inbox[-1].text
    assert "📓" in (await room.says(ana, "/journal")).text
    await room.presses(boss, str(ana.id))
    assert f"{ana.id}, " not in boss.inbox[-1].text
    assert "📓" not in (await room.says(ana, "/journal")).text


async def test_a_role_reaches_only_what_it_may(room):
    boss, ana = chief(room), room.api.person("Ana")
    await room.says(boss, f"/admins {ana.id} éditeur")
    for command in ("/admins", "/bannir", "/recharger", "/exporter", "/abonnes", "/diffuser"):
        assert "ne comprend que" in (await room.says(ana, command)).text or "inconnue" in ana.inbox[-1].text
    await room.says(boss, f"/admins {ana.id} admin")
    assert "⛔ 0 conversation" in (await room.says(ana, "/bannir")).text
    assert "ne comprend que" in (await room.says(ana, "/admins")).text or "inconnue" in ana.inbox[-1].text


@pytest.mark.parametrize(
    ("language", "theirs", "undo"), [("fr", "ajoutermot", ("Annuler", "Oui")), ("en", "addterm", ("Undo", "Yes"))]
)
async def test_the_menu_of_a_person_lists_what_their_role_allows(room, language, theirs, undo):
    def listed(person):
        return {command["command"] for command in room.api.commands.get((f"chat:{person.id}", ""), [])}

    boss, ana = chief(room, language), room.api.person("Ana", language=language)
    await room.says(boss, "/start")
    assert {theirs, "admins"} <= listed(boss)
    await room.says(ana, "/start")
    assert listed(ana) == set(), "everybody's"
    await room.says(boss, f"/admins {ana.id} editor")
    assert theirs in listed(ana)
    assert not {"diffuser", "broadcast", "admins"} & listed(ana)
    await room.says(ana, "/langue")
    await room.presses(ana, "English" if language == "fr" else "Français")
    assert {"fr": "addterm", "en": "ajoutermot"}[language] in listed(ana)
    await room.says(boss, "/journal")
    await room.presses(boss, undo[0])
    await room.presses(boss, undo[1])
    assert not {"addterm", "ajoutermot"} & listed(ana)
    assert {"topics" if language == "fr" else "sujets"} <= listed(ana)


async def test_a_role_for_somebody_who_never_wrote_is_given_though_telegram_knows_no_such_chat(room):
    boss = chief(room)
    await room.api.until(lambda: len(room.api.commands) == 9)  # everybody's
    room.api.trouble = lambda call: (
        refuses(400, "Bad Request: chat not found") if call.method == "setmycommands" else None
    )
    assert "✏️ 4242, éditeur" in (await room.says(boss, "/admins 4242 éditeur")).text


async def test_a_role_taken_back_stops_the_very_next_press(room):
    boss, ana = chief(room), room.api.person("Ana")
    await room.says(boss, f"/admins {ana.id} admin")
    await room.says(ana, "/bannir 555")
    button = ana.inbox[-1].key("Oui")
    await room.says(boss, "/admins")
    await room.presses(boss, f"Retirer {ana.id}")
    ana.presses(button)
    await room.settles()
    assert not (await room.store.rights(555, 555)).banned


async def test_owners_are_those_of_the_settings_alone(room):
    boss = chief(room)
    assert "propriétaire, par les réglages" in (await room.says(boss, f"/admins {OPERATOR} éditeur")).text
    boss.forges(f"sg1:{OPERATOR}:editor", boss.inbox[-1])
    boss.forges("sg1:4:owner", boss.inbox[-1])
    await room.settles()
    assert "👑" in (await room.says(boss, "/admins")).text
    assert "4, " not in boss.inbox[-1].text


@pytest.mark.parametrize(
    "data", ["j1:0", "ju1:1", "jy1:1", "ss1", "sg1:100:admin", "sd1:100", "bl1", "by1:900", "bd1:900"]
)
async def test_a_forged_press_by_anybody_else_does_nothing(room, data):
    ana = room.api.person("Ana")
    seen = await room.says(ana, "/start")
    press = ana.forges(data, seen)
    await room.settles()
    assert "vieilli" in press.toast
    assert await room.store.rights(ana.id, ana.id) == await room.store.rights(1, 1)


async def test_a_forwarded_anonymous_channel_or_group_command_does_nothing(room):
    boss = chief(room)
    group = room.api.group("Salle", boss)
    await room.says(boss, "/start")
    before = len(boss.inbox)
    origin = {"type": "user", "date": 1, "sender_user": boss.as_user()}
    await room.says(boss, "/admins 77 admin", forward_origin=origin)
    assert len(boss.inbox) == before
    await room.says(boss, "/admins 77 admin", group)
    await room.says(boss, "/admins 77 admin", group, sender_chat=group.as_chat())
    assert await room.store.rights(77, 77) == await room.store.rights(1, 1)
    assert group.inbox == []


# Bans.


async def test_a_banned_chat_is_stopped_unheard_and_may_come_back_once_lifted(room):
    boss, ana = chief(room), room.api.person("Ana")
    await room.says(ana, "/start immigration")
    await room.says(boss, f"/bannir {ana.id}")
    await room.presses(boss, "Oui, bannir")
    assert (await room.store.subscriber(ana.id)).chat.state is ChatState.STOPPED
    heard = len(ana.inbox)
    await room.says(ana, "/start")
    assert len(ana.inbox) == heard
    await room.presses(boss, f"Lever {ana.id}")
    assert "sujets" in (await room.says(ana, "/start")).text
    journal = await room.says(boss, "/journal")
    assert "Bannissement levé" in journal.text
    assert "Conversation bannie" in journal.text


async def test_nobody_with_a_role_can_be_banned(room):
    boss = chief(room)
    await room.says(boss, "/admins 77 admin")
    for number in (77, OPERATOR):
        assert "a un rôle" in (await room.says(boss, f"/bannir {number}")).text
        boss.forges(f"by1:{number}", boss.inbox[-1])
        await room.settles()
        assert not (await room.store.rights(number, number)).banned


# The journal.


@pytest.mark.parametrize(
    ("language", "title", "done"), [("fr", "Mot ajouté", "annulé"), ("en", "Term added", "Undone")]
)
async def test_an_act_is_undone_by_its_button_and_that_is_written_too(room, language, title, done):
    boss = chief(room, language)
    await room.office.act(OPERATOR, "term_added", [add_term("labour", "lockout", Group.STRONG)], room.clock())
    assert "lockout" in [term.term.source for term in room.app.config.topics.topics[2].terms]
    seen = await room.says(boss, "/journal")
    assert title in seen.text
    assert "lockout" in seen.text
    await room.presses(boss, "1")
    press = await room.presses(boss, "Oui" if language == "fr" else "Yes")
    assert done in press.toast
    assert "lockout" not in [term.term.source for term in room.app.config.topics.topics[2].terms]
    assert "2. " in boss.inbox[-1].text
    assert len(boss.inbox) == 1, "the screen edits itself"


async def test_what_was_changed_again_since_is_not_undone(room):
    boss = chief(room)
    await room.office.act(OPERATOR, "term_added", [add_term("labour", "lockout", Group.STRONG)], room.clock())
    await room.office.act(OPERATOR, "term_added", [add_term("labour", "lockout", Group.WEAK)], room.clock())
    await room.says(boss, "/journal")
    boss.forges("jy1:1", boss.inbox[-1])
    await room.settles()
    assert [act.undone_at for act in await room.office.acts(5)] == [None, None]


async def test_undoing_twice_undoes_once_and_a_forged_number_answers_politely(room):
    boss = chief(room)
    await room.office.act(OPERATOR, "term_added", [add_term("labour", "lockout", Group.STRONG)], room.clock())
    await room.says(boss, "/journal")
    first, second = boss.forges("jy1:1", boss.inbox[-1]), boss.forges("jy1:1", boss.inbox[-1])
    lost = boss.forges("jy1:99", boss.inbox[-1])
    await room.settles()
    assert (first.toast, second.toast) == ("C’est annulé.", "C’était déjà annulé.")
    assert "vieilli" in lost.toast
    assert len(await room.office.acts(9)) == 2


async def test_undoing_takes_the_role_of_doing(room):
    boss, ana = chief(room), room.api.person("Ana")
    await room.says(boss, f"/admins {ana.id} éditeur")
    seen = await room.says(ana, "/journal")
    press = ana.forges("jy1:1", seen)
    await room.settles()
    assert "rôle" in press.toast
    assert (await room.store.rights(ana.id, ana.id)).role is Role.EDITOR


async def test_a_long_journal_comes_in_pages(room):
    boss = chief(room)
    for number in range(8):
        await room.office.act(OPERATOR, "term_added", [add_term("labour", f"mot{number}", Group.WEAK)], room.clock())
    assert "mot7" in (await room.says(boss, "/journal")).text
    await room.presses(boss, "Plus anciens")
    assert "mot0" in boss.inbox[-1].text
    assert "mot7" not in boss.inbox[-1].text
    await room.presses(boss, "Début")
    assert "mot7" in boss.inbox[-1].text


# The files.


@pytest.mark.parametrize(("language", "command"), [("fr", "/recharger"), ("en", "/reload")])
async def test_a_reload_applies_all_of_the_files_or_nothing_with_every_problem(room, language, command):
    boss, file = chief(room, language), room.app.settings.config_dir / "topics.yaml"
    good = file.read_text("utf-8")
    file.write_text(good.replace("grève]", "grève, lockout]", 1), "utf-8")
    assert "🔄" in (await room.says(boss, command)).text
    assert room.app.config.topics.topics[2].terms[1].term.source == "lockout"
    file.write_text(good.replace("[conseil municipal]", "['(a', b)']").replace("👷", "''"), "utf-8")
    (file.parent / "feeds.yaml").write_text("feeds: []", "utf-8")
    told = (await room.says(boss, command)).text
    assert "⛔" in told
    assert told.count("topics.yaml") >= 2
    assert "feeds.yaml" in told
    assert room.app.config.topics.topics[2].terms[1].term.source == "lockout"


@pytest.mark.parametrize(("language", "command"), [("fr", "/exporter"), ("en", "/exportfiles")])
async def test_an_export_gives_both_files_with_the_changes_and_their_comments_and_nobodys_data(
    room, language, command, tmp_path
):
    boss = chief(room, language)
    await room.office.act(OPERATOR, "term_added", [add_term("labour", "fr: lockout", Group.WEAK, 0.7)], room.clock())
    off = Change(ChangeKind.FEED, "la-ville", {"enabled": False})
    await room.office.act(OPERATOR, "feed_changed", [off], room.clock())
    given = await room.says(boss, command)
    with zipfile.ZipFile(io.BytesIO(given.document[1])) as pack:
        assert sorted(pack.namelist()) == ["feeds.opml", "feeds.yaml", "topics.yaml"]
        assert not any(str(OPERATOR) in pack.read(name).decode() for name in pack.namelist())
        assert b"# the usual one" in pack.read("topics.yaml")
        pack.extractall(tmp_path / "out")
    back = load_config(tmp_path / "out")
    assert back.feeds.feeds == room.app.config.feeds.feeds
    assert spelled(back) == spelled(room.app.config)
