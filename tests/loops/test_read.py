"""What a matched entry says is read on its page when the feed says too little, and whatever the page does, it is told."""

import pytest

from bot.store.alerts import alerts_by_id
from tests.feeds.server import hang, page
from tests.feeds.test_articles import HOSTILE
from tests.loops.newsroom import rss, watching

PAGE = (
    "<html><head><script type='application/ld+json'>{\"isAccessibleForFree\": false}</script></head><body><article>"
    "<h1>Des permis de travail pour les usines de crabe</h1>"
    "<p>Ottawa prolonge de deux ans les permis de travail de 640 personnes dans les usines de crabe de Matane.</p>"
    "<p>La ministre en a fait l’annonce lundi à Rimouski, devant les élus de la région et les syndicats.</p>"
    "<p>Les usines demandaient cette mesure depuis deux ans, et promettent d’embaucher 40 personnes de plus.</p>"
    "</article></body></html>"
).encode()
TITLE, LEAD = (
    "Des permis de travail pour les usines de crabe",
    "Ottawa prolonge les permis de travail de 640 personnes.",
)


@pytest.fixture
async def watch(sqlite_database, site, tmp_path, now):
    site.page("/a", rss(now))
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}) as opened:
        await opened.round()
        yield opened


def tell(site, now):
    """The feed gives one sentence and a link to this site."""
    site.page("/a", rss(now, ("crabe", TITLE, LEAD)).replace(b"https://courrier.example", site.base.encode()))


async def told(watch):
    async with watch.database.read() as conn:
        [alert] = (await alerts_by_id(conn, [1])).values()
    return alert


async def test_the_page_gives_what_the_feed_leaves_out_and_its_paywall_is_told(watch, site, now):
    site.page("/crabe", PAGE, Content_Type="text/html")
    tell(site, now)
    await watch.round()
    alert = await told(watch)
    assert "lundi à Rimouski" in alert.summary
    assert alert.mentions[0].paywalled


@pytest.mark.parametrize(
    "robots",
    [page(b"User-agent: *\nDisallow: /crabe\n"), page(b"", 503)],
    ids=["a page that robots.txt closes", "a robots.txt that fails"],
)
async def test_a_page_that_may_not_be_read_is_not_asked_for(watch, site, now, robots):
    site.on("/robots.txt", robots)
    site.page("/crabe", PAGE, Content_Type="text/html")
    tell(site, now)
    await watch.round()
    assert site.hits["/crabe"] == 0
    assert (await told(watch)).summary == LEAD


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_page_that_fails_costs_nothing(watch, site, now, status):
    site.page("/crabe", b"<html>non</html>", status)
    tell(site, now)
    await watch.round()
    alert = await told(watch)
    assert (alert.summary, alert.mentions[0].paywalled) == (LEAD, False)


async def test_a_hostile_page_costs_nothing_but_itself(watch, site, now):
    site.page("/crabe", HOSTILE["half a megabyte of nested div"], Content_Type="text/html")
    tell(site, now)
    await watch.round()
    assert (await told(watch)).summary == LEAD


async def test_pages_that_do_not_answer_hold_a_poll_for_a_bounded_time(sqlite_database, site, tmp_path, now):
    site.page("/a", rss(now))
    site.on("/crabe", hang())
    async with watching(sqlite_database, site, tmp_path, now, {"a": "/a"}, patience=0.3) as watch:
        await watch.round()
        tell(site, now)
        await watch.round()
        assert (await told(watch)).summary == LEAD
