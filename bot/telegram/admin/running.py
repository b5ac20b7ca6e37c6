"""/recharger and /exporter: the files read again whole or not at all, and given back with the changes written in."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.changes import Role
from bot.locales import say
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import staff_router, to_state
from bot.telegram.reply import File, Place, Reply, Screen, lines, page
from bot.telegram.routing import asks
from bot.telegram.visit import Visit

SHOWN = 12  # problems


def running() -> Router:
    router = staff_router("running", Role.ADMIN)
    router.message(asks("reload"))(reload)
    router.message(asks("exportfiles"))(export)
    return router


async def reload(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """Everything of both files is applied, or nothing and every problem is told."""
    language = visit.language
    problems = await office.reload(visit.person_id, visit.now)
    if not problems:
        topics = office.topics()
        terms = sum(len(topic.terms) for topic in topics.topics)
        body = page(
            say(language, "admin.reloaded_title"),
            say(language, "admin.reloaded", topics=len(topics.topics), terms=terms),
            lines(*(f"⚠️ {cut_at_word(clean(str(warning)), 300)}" for warning in office.warnings()[:SHOWN])),
        )
    else:
        told = [f"• {cut_at_word(clean(str(problem)), 300)}" for problem in problems[:SHOWN]]
        more = len(problems) - SHOWN
        body = page(
            say(language, "admin.refused_title"),
            lines(*told, say(language, "admin.more_problems", n=more) if more > 0 else ""),
            say(language, "admin.refused_hint"),
        )
    return Reply(Screen(body, ((to_state(language),),)))


async def export(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """A zip of both files as they would read with the admins' changes, and the feeds for other readers."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as pack:
        for name, content in await office.export(visit.person_id, visit.now):
            pack.writestr(name, content)
    name = f"guetteur-{visit.now:%Y-%m-%d}.zip"
    note = Screen(lines(say(visit.language, "admin.exported")), ((to_state(visit.language),),))
    return Reply(note, place=Place.BESIDE, file=File(name, packed.getvalue()))
