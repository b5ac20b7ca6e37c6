import re
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
LINES = dict(re.findall(rf"^(?:# )?{PREFIX}([A-Z_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE))


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_the_example_names_every_setting_once_and_no_other():
    assert {name.lower() for name in LINES} == set(Settings.model_fields)


def test_the_values_it_shows_are_the_defaults(tmp_path):
    shown = tmp_path / "shown.env"
    shown.write_text("\n".join(f"{PREFIX}{name}={value}" for name, value in LINES.items()))
    assert Settings(_env_file=shown) == Settings(_env_file=None)
