from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.dates import day, hour, moment
from tests.alerts.samples import MONTREAL, NOW


def at(*local):
    return datetime(*local, tzinfo=ZoneInfo(MONTREAL)).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "french", "english"),
    [
        (at(2026, 11, 24, 14, 30), "aujourd’hui 14 h 30", "today 2:30 p.m."),
        (at(2026, 11, 24, 7), "aujourd’hui 7 h", "today 7 a.m."),
        (at(2026, 11, 23, 23, 59), "hier 23 h 59", "yesterday 11:59 p.m."),
        (at(2026, 11, 22, 12, 5), "dimanche 22 novembre, 12 h 05", "Sunday, November 22, 12:05 p.m."),
        (at(2026, 8, 1, 0, 0), "samedi 1er août, 0 h", "Saturday, August 1, 12 a.m."),
        (at(2025, 12, 31, 16, 0), "31 décembre 2025, 16 h", "December 31, 2025, 4 p.m."),
    ],
)
def test_an_instant_is_said_in_words_of_the_reader(instant, french, english):
    assert moment(instant, NOW, MONTREAL, "fr").replace("\u00a0", " ") == french
    assert moment(instant, NOW, MONTREAL, "en").replace("\u00a0", " ") == english


def test_today_is_the_reader_s_today():
    late = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 22 h the day before in Montréal
    assert moment(late, late, MONTREAL, "fr").startswith("aujourd’hui")
    assert moment(late, NOW, "Asia/Tokyo", "fr").startswith("aujourd’hui 12")


def test_hours_and_dates_do_not_break_over_two_lines():
    assert hour(datetime(2026, 1, 1, 14, 5, tzinfo=UTC), "fr") == "14\u00a0h\u00a005"
    assert "1er\u00a0mars" in day(date(2026, 3, 1), date(2026, 3, 1), "fr")


def test_an_unknown_language_reads_french():
    assert hour(datetime(2026, 1, 1, 14, tzinfo=UTC), "es") == "14\u00a0h"
