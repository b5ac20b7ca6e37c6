"""What is drawn is decided from counts; the drawing happens elsewhere, is a real PNG, and can be killed."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from bot.alerts.dates import last_days
from bot.alerts.render import TopicLabel
from bot.model import Overview
from bot.ops.botapi_photo import check_photo
from bot.ops.botapi_rules import Refused
from bot.ops.picture.plan import COLOURS, plan_picture
from bot.ops.picture.process import DrawLimits, NotDrawn, draw

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
ZONE = "America/Toronto"
TOPICS = {f"t{at}": TopicLabel({"fr": f"Sujet {at}", "en": f"Topic {at}"}) for at in range(8)}
DAYS = [day for day, _ in last_days(NOW, ZONE)]


def plan(language="fr", per_day=None):
    seen = Overview((), {}, {"pending": 3}, None, 0, 0, 0, NOW)
    return plan_picture(seen, DAYS, per_day or {}, TOPICS, (language, ZONE))


def test_the_last_days_are_those_of_the_zone_and_begin_at_its_midnight_across_the_change_of_clocks():
    days = last_days(NOW, ZONE)
    assert [days[0][0], days[-1][0]] == [date(2026, 10, 20), date(2026, 11, 2)]
    instants = [at.astimezone(UTC) for _, at in days]
    lengths = [(late - early) / timedelta(hours=1) for early, late in pairwise(instants)]
    assert sorted(lengths) == [24] * 12 + [25]
    assert {at.hour for _, at in days} == {0}


def test_the_loudest_topics_are_drawn_in_their_order_and_the_others_are_counted():
    made = plan(per_day={f"t{at}": [0] * 13 + [at] for at in range(8)})
    assert [panel.name for panel in made.panels] == [f"Sujet {at}" for at in range(2, 8)]
    assert len({panel.colour for panel in made.panels}) == len(COLOURS)
    assert "2 autres sujets" in made.others
    assert made.most == 7
    assert made.months[made.days.index("1")] == "novembre"
    assert plan("en").days[-1] == "today"


async def test_the_picture_is_a_png_that_telegram_takes():
    assert check_photo(await draw(plan()))[0] == 1000


@pytest.mark.parametrize(
    ("limits", "cause"),
    [(DrawLimits(seconds=0.01), "too_slow"), (DrawLimits(memory_bytes=60 * 1024 * 1024), "killed")],
)
async def test_a_drawing_that_takes_too_much_is_killed(limits, cause):
    with pytest.raises(NotDrawn, match=cause):
        await draw(plan(), limits)


async def test_a_damaged_picture_is_refused():
    png = await draw(plan())
    for broken in (b"", b"GIF89a", png[:-20], png[:200] + b"x" + png[201:]):
        with pytest.raises(Refused):
            check_photo(broken)


def test_the_bot_never_loads_the_library_that_draws():
    code = "import sys, bot.talk; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
