"""What a subscriber asks becomes one call of the store and a screen: topics, states, language, rhythm, own data.

Two routers: `reading` answers anybody who may read a chat; `choosing` only those who may change it. A handler parses,
calls one thing, answers; what it changed has committed before it returns.
"""

import json
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from aiogram import Router
from aiogram.types import Message, TelegramObject

from bot.events import Event, SubscriberCame, SubscriberGone
from bot.locales import LANGUAGES, say
from bot.model import Chat
from bot.telegram import callback, news, rhythm, screens, topic_rhythm
from bot.telegram.commands import nearest, staff_menu
from bot.telegram.doors import StoreDoor, Topic
from bot.telegram.reply import File, Menu, Place, Reply
from bot.telegram.routing import asks, goes_to, may_choose
from bot.telegram.visit import UNKNOWN, WORDS, Visit

Topics = Callable[[], Sequence[Topic]]
Emit = Callable[[Event], None]


def chat_of_visit(visit: Visit) -> Chat:
    """The chat as the store knows it; a passer-by's otherwise, in the language of the phone."""
    return visit.who.chat if visit.who else Chat(visit.chat_id, visit.kind, visit.language)


def unknown_chat(visit: Visit, topics: Topics) -> Reply:
    """The store does not know this chat: it never came, or everything was erased. Nothing is kept by answering."""
    return Reply(screens.welcome(visit.language, topics(), None))


def choosing() -> Router:
    """What changes a chat, for those who may."""
    router = Router(name="choosing")
    router.message.filter(may_choose)
    router.callback_query.filter(may_choose)
    router.message(asks("start"))(start)
    router.message(asks("topics"))(home)
    router.callback_query(goes_to("home"))(home)
    router.callback_query(asks("f"))(follow)
    router.callback_query(asks("u"))(unfollow)
    router.message(asks("pause"))(pause)
    router.message(asks("resume"))(resume)
    router.callback_query(asks("p"))(pause_or_resume)
    router.message(asks("stop"))(stop)
    router.callback_query(asks("s"))(stop)
    router.message(asks("language"))(languages)
    router.callback_query(goes_to("language"))(languages)
    router.callback_query(asks("l"))(set_language)
    router.message(asks("rhythm"))(show_rhythm)
    router.callback_query(goes_to("rhythm", "quiet", "off", "cap", "zone"))(show_rhythm)
    router.callback_query(asks("r"))(change_rhythm)
    router.callback_query(asks("z"))(change_zone)
    router.callback_query(asks("t"))(change_topic_rhythm)
    router.message(asks("mydata"))(my_data)
    router.callback_query(asks("d"))(my_data)
    router.message(asks("forget"))(ask_to_forget)
    router.callback_query(asks("e"))(forget)
    return router


def reading() -> Router:
    """What changes nothing."""
    router = Router(name="reading")
    router.message(asks("status"))(status)
    router.callback_query(goes_to("status"))(status)
    router.message(asks("latest"))(latest)
    router.callback_query(goes_to("latest"))(latest)
    router.callback_query(asks("n"))(latest)
    router.message(asks("why"))(why)
    router.callback_query(asks("w"))(why_alert)
    router.message(asks("help"))(help_)
    router.callback_query(goes_to("help"))(help_)
    router.message(asks("privacy"))(privacy)
    router.callback_query(goes_to("privacy"))(privacy)
    router.callback_query(asks("x"))(close)
    router.message(asks(UNKNOWN))(unknown)
    router.message(asks(WORDS))(words)
    router.callback_query()(outdated)  # no button is left without an answer
    return router


# Coming, choosing, going.


async def start(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, emit: Emit) -> Reply:
    """/start, with topics in its payload or not: t.me/our_bot?start=immigration-labour."""
    arrival = await store.arrive(
        visit.chat_id, visit.kind, visit.language, visit.now, name=visit.title, thread_id=visit.thread_id
    )
    who = arrival.subscriber
    if arrival.new:
        emit(SubscriberCame(visit.chat_id, visit.kind.value))
    for topic in topics_in(visit.argument, topics()):
        who = await store.follow(visit.chat_id, topic.id, visit.now) or who
    language, known = who.chat.language, bool(screens.followed(who, topics())) and not arrival.new
    menus = (Menu(visit.chat_id, language, visit.role),) if visit.private and visit.role else ()
    return Reply(screens.home(who, topics()) if known else screens.welcome(language, topics(), who), menus=menus)


def topics_in(payload: str, topics: Sequence[Topic]) -> list[Topic]:
    """The topics a deep link names by their ids, joined by hyphens (core.telegram.org/bots/features#deep-linking)."""
    named = payload.lower()
    padded = f"-{named}-"
    return [topic for topic in topics if topic.id == named or f"-{topic.id}-" in padded]


async def home(_event: TelegramObject, visit: Visit, topics: Topics) -> Reply:
    if visit.who is None:
        return unknown_chat(visit, topics)
    return Reply(screens.home(visit.who, topics()))


async def follow(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    return await _toggle(visit, store, topics, "on")


async def unfollow(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    return await _toggle(visit, store, topics, "off")


async def _toggle(visit: Visit, store: StoreDoor, topics: Topics, change: str) -> Reply:
    """Follows or leaves the topic of a button, if there is still such a topic."""
    topic = next((topic for topic in topics() if topic.id == visit.argument), None)
    if topic is None:
        shown = screens.home(visit.who, topics()) if visit.who else screens.welcome(visit.language, topics(), None)
        return Reply(shown, toast=say(visit.language, "chat.toast_topic_gone"))
    wish = store.follow if change == "on" else store.unfollow
    who = await wish(visit.chat_id, topic.id, visit.now)
    if who is None:
        return Reply(screens.welcome(visit.language, topics(), None), toast=say(visit.language, "chat.toast_start"))
    return Reply(screens.home(who, topics()), toast=screens.toggled(topic, visit.language, change))


async def pause(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    who = await store.pause(visit.chat_id, visit.now)
    return Reply(screens.paused(who)) if who else unknown_chat(visit, topics)


async def resume(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    who = await store.resume(visit.chat_id, visit.now)
    return Reply(screens.resumed(who, topics())) if who else unknown_chat(visit, topics)


async def pause_or_resume(event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    wish = pause if visit.argument == "on" else resume
    return await wish(event, visit, store, topics)


async def stop(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, emit: Emit) -> Reply:
    who = await store.leave(visit.chat_id, visit.now)
    if who is None:
        return unknown_chat(visit, topics)
    emit(SubscriberGone(visit.chat_id, "stopped"))
    return Reply(screens.stopped(who))


# Language and rhythm.


async def languages(_event: TelegramObject, visit: Visit) -> Reply:
    return Reply(screens.languages(visit.language))


async def set_language(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    language = visit.argument
    if language not in LANGUAGES:
        return await outdated(_event, visit, topics)
    who = await store.set_language(visit.chat_id, language, visit.now)
    menus = (Menu(visit.chat_id, language, visit.role if visit.private else None),) if who else ()
    return Reply(screens.languages(language), toast=say(language, "chat.toast_language"), menus=menus)


async def show_rhythm(_event: TelegramObject, visit: Visit, topics: Topics) -> Reply:
    if visit.who is None:
        return unknown_chat(visit, topics)
    return Reply(rhythm.screen_of(visit.argument, visit.who.chat, visit.now))


async def change_rhythm(event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    if visit.who is None:
        return unknown_chat(visit, topics)
    changed = rhythm.rhythm_after(visit.who.chat.rhythm, visit.args)
    if changed is None:
        return await outdated(event, visit, topics)
    who = await store.set_rhythm(visit.chat_id, changed, visit.now) or visit.who
    return Reply(rhythm.screen_of(visit.argument, who.chat, visit.now), toast=say(visit.language, "chat.toast_saved"))


async def change_topic_rhythm(event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    """A topic's clock: shows when it comes, or changes it."""
    if visit.who is None:
        return unknown_chat(visit, topics)
    topic = next((topic for topic in screens.followed(visit.who, topics()) if topic.id == visit.argument), None)
    if topic is None:
        return Reply(screens.home(visit.who, topics()), toast=say(visit.language, "chat.toast_topic_gone"))
    name, chat, toast = screens.label(topic, visit.language), visit.who.chat, ""
    if visit.args[1:]:
        changed = topic_rhythm.rhythm_after(chat.rhythm, topic.id, visit.args[1:])
        if changed is None:
            return await outdated(event, visit, topics)
        who = await store.set_rhythm(visit.chat_id, changed, visit.now) or visit.who
        chat, toast = who.chat, say(visit.language, "chat.toast_saved")
    return Reply(topic_rhythm.topic_screen(chat, topic.id, name, visit.now), toast=toast)


async def change_zone(event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    if visit.who is None:
        return unknown_chat(visit, topics)
    if not rhythm.known_zone(visit.argument):
        return await outdated(event, visit, topics)
    who = await store.set_timezone(visit.chat_id, visit.argument, visit.now) or visit.who
    return Reply(rhythm.screen_of("zone", who.chat, visit.now), toast=say(visit.language, "chat.toast_saved"))


# One's own data.


async def my_data(_event: TelegramObject, visit: Visit, store: StoreDoor) -> Reply:
    """Everything we hold about the chat, as a file."""
    held = await store.personal_data(visit.chat_id)
    if held is None:
        return Reply(screens.nothing_held(visit.language))
    written = json.dumps(held, ensure_ascii=False, indent=2).encode()
    return Reply(screens.note(visit.language, "your_data"), place=Place.BESIDE, file=File("guetteur.json", written))


async def ask_to_forget(_event: TelegramObject, visit: Visit) -> Reply:
    return Reply(screens.forget_ask(visit.language))


async def forget(event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics, emit: Emit) -> Reply:
    """Asks once, then erases for good."""
    if visit.argument == "ask":
        return Reply(screens.forget_ask(visit.language))
    if visit.argument != "yes":
        return await outdated(event, visit, topics)
    left = await store.erase(visit.chat_id)
    if visit.who is not None:
        emit(SubscriberGone(visit.chat_id, "erased"))
    return Reply(screens.forgotten(visit.language, left, visit.now.date()))


# Reading.


async def status(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    standing = await store.standing(visit.chat_id, visit.now)
    return Reply(screens.status(standing, topics(), visit.now)) if standing else unknown_chat(visit, topics)


async def latest(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    """A page of the last alerts: of the topics the chat follows, or of one."""
    pressed = len(visit.args) == 2
    wanted, start_at = (visit.args[0], callback.number(visit.args[1])) if pressed else (news.ALL, None)
    shown = screens.followed(visit.who, topics()) if visit.who else []
    shown = shown or list(topics())
    chosen = [topic for topic in topics() if topic.id == wanted] or shown
    before = start_at or None
    found = await store.latest_alerts([topic.id for topic in chosen], limit=news.PAGE, before=before)
    marked = wanted if chosen is not shown else news.ALL
    return Reply(news.latest_screen(chat_of_visit(visit), found, shown, marked, before, visit.now))


async def why(event: Message, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    """/pourquoi <address>, or in answer to an alert; by itself, the last alerts to choose from."""
    address = next((word for word in visit.argument.split() if is_address(word)), "")
    if address:
        return await _why_address(visit, store, topics, address)
    asked = _alert_answered(event)
    if asked is None:
        return await latest(event, visit, store, topics)
    return await _why(visit, store, topics, asked)


async def why_alert(_event: TelegramObject, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    """The button under an alert. In a group the answer is for whoever pressed."""
    return await _why(visit, store, topics, callback.number(visit.argument) or 0)


async def _why(visit: Visit, store: StoreDoor, topics: Topics, alert_id: int) -> Reply:
    trace = await store.trace_alert(visit.chat_id, alert_id)
    if trace is None:
        return Reply(toast=say(visit.language, "chat.toast_alert_gone"))
    chat = chat_of_visit(visit)
    if not visit.private:
        return Reply(toast=news.why_in_short(chat, trace, topics()), loud=True)
    mine = visit.who.topics if visit.who else frozenset[str]()
    return Reply(news.why_screen(chat, trace, topics(), mine, visit.now), place=Place.BESIDE)


async def _why_address(visit: Visit, store: StoreDoor, topics: Topics, address: str) -> Reply:
    trace = await store.trace_url(visit.chat_id, address)
    if trace is None:
        return Reply(news.unknown_article(visit.language, address))
    mine = visit.who.topics if visit.who else frozenset[str]()
    return Reply(news.why_screen(chat_of_visit(visit), trace, topics(), mine, visit.now))


def is_address(word: str) -> bool:
    """An http address as people paste it."""
    try:
        parts = urlsplit(word)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _alert_answered(message: Message) -> int | None:
    """The alert a message answers, known by the « why » button under it."""
    answered = message.reply_to_message
    rows = answered.reply_markup.inline_keyboard if answered and answered.reply_markup else []
    presses = (callback.read(button.callback_data or "") for row in rows for button in row)
    return next(
        (callback.number(press.args[0]) for press in presses if press and press.verb == "w" and press.args), None
    )


async def help_(_event: TelegramObject, visit: Visit) -> Reply:
    if not visit.role or not visit.private:
        return Reply(screens.help_(visit.language))
    staff = (say(visit.language, "admin.help_state"), *staff_menu(visit.role, visit.language))
    return Reply(screens.help_(visit.language, staff))


async def privacy(_event: TelegramObject, visit: Visit) -> Reply:
    return Reply(screens.privacy(visit.language))


async def close(_event: TelegramObject) -> Reply:
    return Reply(place=Place.NOWHERE)


async def unknown(_event: TelegramObject, visit: Visit) -> Reply | None:
    """A command we do not have; in a group it is probably another bot's."""
    if not visit.private:
        return None
    return Reply(screens.not_understood(visit.language, nearest(visit.argument)))


async def words(event: Message, visit: Visit, store: StoreDoor, topics: Topics) -> Reply:
    """Plain words in private: an address is a question, the rest gets a way on."""
    if any(is_address(word) for word in visit.argument.split()):
        return await why(event, visit, store, topics)
    return Reply(screens.not_understood(visit.language))


async def outdated(_event: TelegramObject, visit: Visit, topics: Topics) -> Reply:
    """A button of an older version, or one that was never ours: the current screen, with a word."""
    toast = say(visit.language, "chat.toast_outdated")
    if not visit.private:
        return Reply(toast=toast)
    shown = screens.home(visit.who, topics()) if visit.who else screens.welcome(visit.language, topics(), None)
    return Reply(shown, toast=toast)
