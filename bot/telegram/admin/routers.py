"""Every router of the admins, in one list; each answers nobody below its role, and stands before those of everybody."""

from aiogram import Router

from bot.telegram.admin.explaining import explaining
from bot.telegram.admin.journal import journaling
from bot.telegram.admin.people import appointing, banning
from bot.telegram.admin.running import running
from bot.telegram.admin.terms import tending
from bot.telegram.admin.trial import trying


def administering() -> tuple[Router, ...]:
    return journaling(), appointing(), banning(), running(), tending(), trying(), explaining()
