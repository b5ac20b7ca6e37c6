"""A file an admin sends becomes a difference to look at, and at a press one act: feeds from OPML, terms from YAML.

What a file would change is kept in memory until the press, for an hour; after that, or a restart, the file is to be
sent again. Nothing of it is applied before, and all of it can be undone as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count

from aiogram import Bot, Router
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery, Message

from bot.alerts.clean import clean, cut_at_word
from bot.changes import Change, ChangeKind, Role
from bot.errors import ConfigError
from bot.locales import say
from bot.telegram import callback
from bot.telegram.admin.doors import Office
from bot.telegram.admin.journal import described
from bot.telegram.admin.staff import gone, staff_router, to_state
from bot.telegram.commands import spelled
from bot.telegram.reply import Reply, Screen, key, lines, page
from bot.telegram.routing import asks
from bot.telegram.visit import UPLOAD, Visit

LARGEST = 1024 * 1024  # bytes, as feeds/opml takes them
SHOWN = 25  # changes on the screen
PROBLEMS = 10
KEPT = timedelta(hours=1)
MOST_KEPT = 20
FEEDS, TERMS = (".opml", ".xml"), (".yaml", ".yml")
DOWNLOAD_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Draft:
    person_id: int
    changes: Sequence[Change]
    at: datetime


@dataclass(slots=True)
class Drafts:
    """What waits for a press, by number; the oldest go first."""

    held: dict[int, Draft] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def keep(self, draft: Draft) -> int:
        while len(self.held) >= MOST_KEPT:
            del self.held[next(iter(self.held))]
        number = next(self.numbers)
        self.held[number] = draft
        return number

    def take(self, number: int | None, person_id: int, now: datetime) -> Draft | None:
        """A person's own draft, once."""
        draft = self.held.get(number or 0)
        if draft is None or draft.person_id != person_id or now - draft.at > KEPT:
            return None
        return self.held.pop(number or 0)


def uploading() -> Router:
    drafts = Drafts()

    async def receives(event: Message, visit: Visit, office: Office, bot: Bot) -> Reply:
        return await receive(event, visit, office, bot, drafts)

    async def applies(_event: CallbackQuery, visit: Visit, office: Office) -> Reply:
        return await apply(visit, office, drafts)

    router = staff_router("uploading", Role.EDITOR)
    router.message(asks(UPLOAD))(receives)
    router.callback_query(asks("up"))(applies)
    return router


async def receive(event: Message, visit: Visit, office: Office, bot: Bot, drafts: Drafts) -> Reply:
    """The difference a file would make, or every problem of it."""
    language, document = visit.language, event.document
    name = (document.file_name or "") if document else ""
    kind = next((kind for kind in (FEEDS, TERMS) if name.lower().endswith(kind)), None)
    if document is None or kind is None:
        return Reply(_note(language, say(language, "admin.upload_kinds")))
    if kind is FEEDS and not (visit.role and visit.role.reaches(Role.ADMIN)):
        return Reply(_note(language, say(language, "admin.toast_role")))
    if (document.file_size or 0) > LARGEST:
        return Reply(_note(language, say(language, "admin.upload_large")))
    try:
        content = await _download(bot, document.file_id)
    except AiogramError:
        return Reply(_note(language, say(language, "admin.upload_lost")))
    if len(content) > LARGEST:
        return Reply(_note(language, say(language, "admin.upload_large")))
    try:
        if kind is FEEDS:
            changes = await office.read_subscriptions(cut_at_word(clean(name), 60), content, language)
        else:
            changes = await office.read_terms(clean(name), content, language)
    except ConfigError as error:
        return Reply(_note(language, *(f"• {clean(str(each))[:300]}" for each in error.problems[:PROBLEMS])))
    if not changes:
        return Reply(_note(language, say(language, "admin.upload_same")))
    number = drafts.keep(Draft(visit.person_id, changes, visit.now))
    return Reply(difference_screen(language, changes, number))


async def _download(bot: Bot, file_id: str) -> bytes:
    """Source: core.telegram.org/bots/api#getfile (20 MB at most)."""
    file = await bot.get_file(file_id, request_timeout=DOWNLOAD_SECONDS)
    if not file.file_path or (file.file_size or 0) > LARGEST:
        return bytes(LARGEST + 1)
    into = BytesIO()
    await bot.download_file(file.file_path, into, timeout=DOWNLOAD_SECONDS)
    return into.getvalue()


async def apply(visit: Visit, office: Office, drafts: Drafts) -> Reply:
    """The press: all of the difference as one act."""
    draft = drafts.take(callback.number(visit.argument), visit.person_id, visit.now)
    if draft is None:
        return gone(visit)
    feeds = draft.changes[0].kind is ChangeKind.FEED
    if feeds and not (visit.role and visit.role.reaches(Role.ADMIN)):
        return Reply(toast=say(visit.language, "admin.toast_role"), loud=True)
    await office.act(visit.person_id, "feeds_imported" if feeds else "terms_imported", draft.changes, visit.now)
    done = say(visit.language, "admin.upload_done", n=len(draft.changes))
    hint = say(visit.language, "admin.undo_hint", journal=spelled("journal", visit.language))
    left_out = [f"⚠️ {clean(str(each))[:200]}" for each in office.warnings()[:PROBLEMS]]
    return Reply(Screen(page(done, hint, lines(*left_out)), ((to_state(visit.language),),)))


def difference_screen(language: str, changes: Sequence[Change], number: int) -> Screen:
    """What a file would change, line by line, and the question."""
    more = len(changes) - SHOWN
    body = page(
        say(language, "admin.upload_title", n=len(changes)),
        lines(
            *(described(change, language) for change in changes[:SHOWN]),
            say(language, "admin.act_more", n=more) if more > 0 else "",
        ),
        say(language, "admin.upload_hint"),
    )
    apply_ = key(say(language, "admin.key_apply"), "up", number)
    return Screen(body, ((apply_, key(say(language, "chat.key_cancel"), "o", "state")),))


def _note(language: str, *sentences: str) -> Screen:
    return Screen(page(say(language, "admin.upload_file"), lines(*sentences)), ((to_state(language),),))
