"""Every router of the admins, in one list; each answers nobody below its role, and stands before those of everybody."""

from aiogram import Router

from bot.telegram.admin.broadcast import broadcasting
from bot.telegram.admin.counts import counting, judging
from bot.telegram.admin.explaining import explaining
from bot.telegram.admin.feeds import feeding
from bot.telegram.admin.journal import journaling
from bot.telegram.admin.newfeed import finding
from bot.telegram.admin.people import appointing, banning
from bot.telegram.admin.running import running
from bot.telegram.admin.terms import tending
from bot.telegram.admin.trial import trying
from bot.telegram.admin.uploads import uploading


def administering() -> tuple[Router, ...]:
    return (
        journaling(),
        appointing(),
        banning(),
        running(),
        tending(),
        trying(),
        explaining(),
        feeding(),
        finding(),
        uploading(),
        judging(),
        counting(),
        broadcasting(),
    )
