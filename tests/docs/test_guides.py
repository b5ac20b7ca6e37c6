"""The admins' guides name every command an admin has, in the language of the page, and no other."""

import re
from pathlib import Path

import pytest

from bot.telegram.commands import COMMANDS, STAFF

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_admins_guide_names_every_command_of_the_admins_and_no_other(language):
    named = set(re.findall(r"`/([a-z]+)", (DOCS / f"guide-admin-{language}.md").read_text("utf-8")))
    everybodys = {command.spelling(language) for command in COMMANDS}
    assert named - everybodys == {command.spelling(language) for _, command in STAFF}
