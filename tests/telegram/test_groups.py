"""Groups, channels and our place in them, at the wire: who may choose, who may only read, who is let in and put out."""

from bot.model import ChatKind, ChatState
from bot.ops.botapi import BOT_USER
from tests.telegram.bench import OPERATOR


async def test_an_administrator_sets_a_group_s_topics_and_a_member_may_not(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle des nouvelles", ana)
    seen = await room.says(ana, "/start@guetteur_bot", group)
    assert seen.reply_to
    await room.presses(ana, "Immigration", seen)
    who = await room.store.subscriber(group.id)
    assert (who.chat.kind, who.topics) == (ChatKind.GROUP, {"immigration"})
    press = await room.presses(bob, "Travail", group.inbox[-1])
    assert press.alert
    assert press.toast == "Seuls les administrateurs du groupe règlent les alertes."
    assert (await room.store.subscriber(group.id)).topics == {"immigration"}


async def test_a_member_s_command_that_would_change_a_group_changes_nothing(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start labour", group)
    before = await room.store.subscriber(group.id)
    for command in ("start", "sujets", "rythme", "pause", "reprendre", "stop", "langue", "mesdonnees", "oublier"):
        assert "administrateurs" in (await room.says(bob, f"/{command}", group)).text
        assert await room.store.subscriber(group.id) == before, command


async def test_a_member_may_read(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start labour", group)
    assert "Votre abonnement" in (await room.says(bob, "/etat", group)).text
    assert "Dernières" in (await room.says(bob, "/dernieres", group)).text
    assert "Aide" in (await room.says(bob, "/aide", group)).text


async def test_who_was_an_administrator_yesterday_is_none_today(room):
    ana = room.api.person("Ana")
    group = room.api.group("Salle", ana)
    seen = await room.says(ana, "/start", group)
    group.members[ana.id] = "member"
    assert (await room.presses(ana, "Travail", seen)).alert
    assert (await room.store.subscriber(group.id)).topics == frozenset()


async def test_an_anonymous_administrator_is_told_how(room):
    ana = room.api.person("Ana")
    group = room.api.group("Salle", ana)
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    hidden = {"sender_chat": group.as_chat(), "from": anonymous}
    assert "Rester anonyme" in (await room.says(ana, "/start", group, **hidden)).text
    assert await room.store.subscriber(group.id) is None


async def test_a_group_does_not_hear_plain_talk_or_other_bots_commands(room):
    ana = room.api.person("Ana")
    group = room.api.group("Salle", ana)
    for text in ("stop", "Bonjour", "/start@another_bot", "/meteo", "https://example.org/a"):
        assert await room.says(ana, text, group) is None
    assert await room.store.subscriber(group.id) is None


async def test_alerts_go_to_the_forum_topic_where_the_group_started(room):
    ana = room.api.person("Ana")
    forum = room.api.group("Salle", ana, threads=(7,))
    seen = await room.says(ana, "/start", forum, message_thread_id=7, is_topic_message=True)
    assert seen.thread_id == 7
    assert (await room.store.subscriber(forum.id)).thread_id == 7


async def test_a_group_that_adds_the_bot_is_greeted_and_known(room):
    ana = room.api.person("Ana", language="en")
    group = room.api.group("Salle <i> & Cie", ana)
    ana.changes_bot(group, "left", "member")
    await room.api.quiet()
    assert "Hello Salle <i> & Cie" in group.inbox[0].text
    await room.presses(ana, "Immigration", group.inbox[0])
    assert (await room.store.subscriber(group.id)).topics == {"immigration"}


async def test_a_group_that_removes_the_bot_and_takes_it_back_keeps_its_topics(room):
    ana = room.api.person("Ana")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start labour", group)
    for before, after, state in [
        ("member", "kicked", ChatState.BLOCKED),
        ("kicked", "member", ChatState.ACTIVE),
        ("member", "left", ChatState.BLOCKED),
        ("left", "administrator", ChatState.ACTIVE),
        ("member", "restricted", ChatState.BLOCKED),
        ("restricted", "member", ChatState.ACTIVE),
    ]:
        ana.changes_bot(group, before, after)
        await room.api.quiet()
        who = await room.store.subscriber(group.id)
        assert (who.chat.state, who.topics) == (state, {"labour"})


async def test_a_person_who_blocks_and_comes_back_finds_their_topics(room):
    ana = room.api.person("Ana")
    await room.says(ana, "/start labour")
    ana.blocks()
    await room.api.quiet()
    assert (await room.store.subscriber(ana.id)).chat.state is ChatState.BLOCKED
    ana.unblocks()
    await room.api.quiet()
    who = await room.store.subscriber(ana.id)
    assert (who.chat.state, who.topics) == (ChatState.ACTIVE, {"labour"})


async def test_a_person_who_blocks_before_the_answer_leaves_is_no_trouble(room):
    ana = room.api.person("Ana")
    await room.says(ana, "/start")
    ana.home.refusal = (403, "Forbidden: bot was blocked by the user")
    ana.says("/etat")
    await room.api.quiet()


async def test_a_group_that_becomes_a_supergroup_is_followed(room):
    ana = room.api.person("Ana")
    group = room.api.group("Salle", ana, kind="group")
    await room.says(ana, "/start labour", group)
    new = room.api.upgrade(group)
    await room.api.quiet()
    assert await room.store.subscriber(group.id) is None
    assert (await room.store.subscriber(new.id)).topics == {"labour"}


async def test_a_forged_move_to_somebody_s_private_chat_moves_nothing(room):
    ana, bob = room.api.person("Ana"), room.api.person("Bob")
    await room.says(bob, "/start immigration")
    group = room.api.group("Salle", ana)
    await room.says(ana, "/start labour", group)
    ana.says("", group, migrate_to_chat_id=bob.id)
    await room.api.quiet()
    assert (await room.store.subscriber(bob.id)).topics == {"immigration"}


async def test_channel_posts_and_a_channel_that_adds_the_bot_change_nothing(room):
    ana = room.api.person("Ana")
    channel = room.api.group("Canal", ana, kind="channel")
    ana.changes_bot(channel, "left", "administrator")
    ana.says("/start", channel)
    room.api.queue(channel_post={"message_id": 900, "date": 1, "chat": channel.as_chat(), "text": "/start"})
    ana.says("/aide")  # something after it, that will be confirmed
    await ana.hears()
    assert channel.inbox == []
    assert await room.store.subscriber(channel.id) is None


async def test_an_operator_in_a_group_sees_the_group_s_state_and_nobody_else_s(room):
    chief = room.api.person("Chef", person_id=OPERATOR)
    group = room.api.group("Salle", chief)
    await room.says(chief, "/start labour", group)
    assert "Votre abonnement" in (await room.says(chief, "/etat", group)).text


async def test_the_stand_in_knows_the_bot_by_the_name_the_conversation_was_given(room):
    assert room.chat.conversation.house.username == BOT_USER["username"]
