import re
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import PREFIX, Settings, load_settings

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


@pytest.mark.parametrize(("rate", "paid", "taken"), [(30, "off", True), (31, "off", False), (900, "on", True)])
def test_a_rate_that_telegram_would_refuse_is_refused_with_what_to_do(monkeypatch, rate, paid, taken):
    monkeypatch.setenv("GUETTEUR_SEND_PER_SECOND", str(rate))
    monkeypatch.setenv("GUETTEUR_PAID_BROADCAST", paid)
    if taken:
        assert load_settings().send_per_second == rate
    else:
        with pytest.raises(ConfigError, match=r"GUETTEUR_PAID_BROADCAST.*réduisez GUETTEUR_SEND_PER_SECOND"):
            load_settings()
