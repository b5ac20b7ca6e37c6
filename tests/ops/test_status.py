"""The operator's page: who may read it, what it says, that nothing outside can write into it; seen by a real browser."""

import asyncio
import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import ClientSession, CookieJar

from bot.alerts.render import TopicLabel
from bot.model import Alert, FeedHealth, Field, Mention, Notice, NoticeKind, Overview, Reason, SourceClass
from bot.ops.status import PATH, status_routes
from bot.ops.status_page import Reader, Status, draw_status
from bot.ops.web import serve_web

KEY = "a-key-long-enough-for-a-status-page"
NOW = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
TOPICS = {
    "immigration": TopicLabel({"fr": "Immigration", "en": "Immigration"}, "🧳"),
    "labour": TopicLabel({"fr": "Travail", "en": "Labour"}, "👷"),
}
EVIL = "</td><script>alert(1)</script>\"'&"


def feed_health(feed_id, outlet):
    return FeedHealth(
        id=feed_id, outlet=outlet, url="https://a.example/rss", enabled=True, last_polled_at=NOW, last_success_at=NOW,
        last_new_at=NOW, next_poll_at=NOW + timedelta(minutes=5), failures=0, cause="", interval=timedelta(minutes=5),
        interval_why="", polls=100, not_modified=83, bytes_read=1, parse_seconds=0.01, items_total=200,
        items_matched=12, week_items=40, week_matched=5,
    )  # fmt: skip


def status(**changed):
    feeds = (
        feed_health("courrier", "Le Courrier"),
        replace(feed_health("malade", "Radio Malade"), failures=3, cause="http_404"),
    )
    mention = Mention("Le Courrier", SourceClass.PRESS, "T", "https://courrier.example/1", None, NOW)
    reasons = (Reason("immigration", "permis de travail", Field.TITLE, "permis de travail", 1.25, 0, 17),)
    alert = Alert(
        1, 1, "Des permis de travail prolongés", "https://courrier.example/1", "", "fr", ("immigration",), reasons,
        1.25, (mention,), NOW - timedelta(hours=2),
    )  # fmt: skip
    seen = Overview(
        feeds=feeds, chats={"active": 7}, queue={"pending": 2}, oldest_due_at=None, alerts_today=3, items_today=90,
        uncertain_total=0, taken_at=NOW,
    )  # fmt: skip
    days = [date(2026, 11, 11) + timedelta(days=at) for at in range(14)]
    per_day = {"immigration": [0, 1, 2, 3, 2, 0, 4, 5, 3, 2, 1, 0, 2, 3], "labour": [0] * 13 + [1]}
    made = Status(seen, (), days, per_day, (alert,), TOPICS)
    return replace(made, **changed)


async def yes():
    return True


async def ask(key="", path=PATH, seen=None, method="GET", data=None, **headers):
    async def load():
        return seen or status()

    jar = CookieJar(unsafe=True)
    routes = status_routes(key, load, "fr", "America/Toronto")
    async with serve_web("127.0.0.1:0", yes, routes=routes) as base, ClientSession(cookie_jar=jar) as session:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.request(method, base + path, data=data, headers=headers) as answer:
            return answer, await answer.text()


async def test_without_a_key_the_page_is_for_this_machine():
    answer, text = await ask()
    assert answer.status == 200
    assert "Radio Malade" in text


@pytest.mark.parametrize(
    "header",
    [
        {"X_Forwarded_For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Host": "bot.example.org"},
        {"Via": "1.1 p"},
    ],
)
async def test_without_a_key_what_came_through_a_proxy_or_by_another_name_is_refused(header):
    answer, text = await ask(**header)
    assert answer.status == 403
    assert "GUETTEUR_STATUS_TOKEN" in text
    assert "Radio Malade" not in text


async def test_with_a_key_nobody_reads_without_it():
    answer, text = await ask(KEY)
    assert answer.status == 401
    assert "Radio Malade" not in text
    for wrong in ("", "Bearer", "Bearer " + KEY[:-1], "Basic " + KEY, KEY):
        assert (await ask(KEY, Authorization=wrong))[0].status == 401
    assert (await ask(KEY, Cookie=f"guetteur_status={KEY}"))[0].status == 401  # the cookie is not the key


async def test_the_key_opens_by_a_header_or_once_by_the_form():
    assert (await ask(KEY, Authorization=f"Bearer {KEY}"))[0].status == 200
    answer, text = await ask(KEY, method="POST", data={"key": KEY})
    assert answer.status == 200
    assert "Radio Malade" in text
    entered = answer.history[0]
    assert entered.status == 303
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert KEY not in cookie
    assert KEY not in str(answer.url)
    assert (
        "Secure"
        in (await ask(KEY, method="POST", data={"key": KEY}, X_Forwarded_Proto="https"))[0]
        .history[0]
        .headers["Set-Cookie"]
    )


async def test_a_wrong_key_is_told_and_sets_no_cookie():
    answer, text = await ask(KEY, method="POST", data={"key": "no"})
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers
    assert "pas la bonne clé" in text


async def test_the_page_holds_nothing_but_itself_and_the_browser_is_told_so():
    answer, text = await ask()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script|<img|src=|style=|onclick", text)


@pytest.mark.parametrize(("asked", "words"), [("fr", "Ce qui ne va pas"), ("en", "What is wrong")])
async def test_the_page_speaks_both_languages(asked, words):
    assert words in (await ask(path=f"{PATH}?lang={asked}"))[1]
    _, text = await ask(Accept_Language=f"{asked}-CA,de;q=0.5")
    assert words in text
    assert f'<html lang="{asked}">' in text


def test_what_publishers_write_is_text_and_never_markup():
    seen = status()
    evil = replace(seen.latest[0], title=EVIL, url="javascript:alert(1)", topics=(EVIL,))
    feeds = tuple(replace(feed, outlet=EVIL, cause=EVIL) for feed in seen.overview.feeds)
    notice = Notice(1, NoticeKind.FEED_FAILING, EVIL, {"outlet": EVIL, "n": "3", "cause": "http_404"}, NOW)
    page = draw_status(
        replace(seen, latest=(evil,), notices=(notice,), overview=replace(seen.overview, feeds=feeds)),
        Reader("fr", "America/Toronto"),
        "",
    )
    assert "<script" not in page
    assert "javascript:" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_says_what_is_broken_and_what_to_do(language):
    seen = status()
    late = tuple(replace(feed, next_poll_at=NOW - timedelta(hours=1)) for feed in seen.overview.feeds)
    overview = replace(
        seen.overview, feeds=late, oldest_due_at=NOW - timedelta(minutes=9), queue={"dead": 1}, uncertain_total=2
    )
    notice = Notice(1, NoticeKind.TOKEN_REFUSED, "", {}, NOW - timedelta(hours=3))
    page = draw_status(replace(seen, overview=overview, notices=(notice,)), Reader(language, "America/Toronto"), "")
    for words in ("guetteur run", "poll", "deliver", "404", "3 échecs" if language == "fr" else "3 failures"):
        assert words in page
    assert ("Telegram refuse le jeton" if language == "fr" else "Telegram refuses the token") in page


def test_a_page_without_a_trouble_says_so():
    seen = status()
    well = replace(seen.overview, feeds=seen.overview.feeds[:1])
    assert "Rien à signaler" in draw_status(replace(seen, overview=well), Reader("fr", "America/Toronto"), "")


def test_the_charts_say_their_numbers_in_words_and_in_a_table():
    page = draw_status(status(), Reader("en", "America/Toronto"), "")
    assert 'role="img"' in page
    assert "Tuesday, November\u00a024: 3" in page
    assert "28 alerts in 14 days" in page
    assert page.count('<th scope="row">') >= 14


def test_the_latest_alerts_are_shown_with_their_reasons():
    page = draw_status(status(), Reader("fr", "America/Toronto"), "")
    assert "Parce que\u00a0: «\u00a0permis de travail\u00a0»" in page


def test_every_day_of_the_table_has_as_many_numbers_as_there_are_topics():
    page = draw_status(status(), Reader("fr", "America/Toronto"), "")
    table = page.partition("<details>")[2].partition("</details>")[0]
    assert len(re.findall(r'<tr><th scope="row">[^<]+</th>(?:<td class="n">\d+</td>){2}</tr>', table)) == 14


def test_a_thousand_feeds_are_a_short_page_with_the_sick_first():
    seen = status()
    many = tuple(feed_health(f"f{at:04}", f"Journal {at:04}") for at in range(999)) + seen.overview.feeds[1:]
    page = draw_status(replace(seen, overview=replace(seen.overview, feeds=many)), Reader("fr", "America/Toronto"), "")
    assert page.count("<tr>") < 80
    assert page.index("Radio Malade") < page.index("Journal 0000")
    assert "Voir les 1000 fils" in page


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
async def test_a_real_browser_shows_the_page_on_a_phone_without_a_refusal(tmp_path):
    async def load():
        return status()

    routes = status_routes("", load, "fr", "America/Toronto")
    async with serve_web("127.0.0.1:0", yes, routes=routes) as base:
        said, picture = await browse(f"{base}{PATH}?lang=fr", tmp_path, "--window-size=390,1600")
    assert "Content Security Policy" not in said
    assert "Radio Malade" in said  # the DOM, as the browser built it
    assert picture.stat().st_size > 20_000


async def browse(url, folder, *options):
    """What Chromium made of a page: its console and document, and a picture."""
    picture = folder / "page.png"
    common = (
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
        "--disable-dev-shm-usage", f"--user-data-dir={folder}/profile", "--virtual-time-budget=2000", *options,
    )  # fmt: skip
    said = ""
    for action in ("--dump-dom", f"--screenshot={picture}"):
        process = await asyncio.create_subprocess_exec(
            *common, action, url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(), 40)
        finally:
            if process.returncode is None:
                process.kill()
        said += out.decode(errors="replace")
    return said, picture
