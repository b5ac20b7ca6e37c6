"""What polls read becomes kept: feeds that finish in the same moment are looked up together and committed together.

A feed's news, its seen-marks and its validators stay in one transaction, so that a crash anywhere means "poll again,
same result"; other feeds may be in it too. A feed that makes a transaction fail is tried again alone, like the others
of it. A commit gives the feed's claim up: done again, it finds the feed taken and changes nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.events import Event, ItemEdited
from bot.loops.grow import Growing
from bot.loops.tell import News, Telling, keep_and_tell
from bot.loops.together import Together
from bot.settings import Settings
from bot.store import feeds, items
from bot.store.database import Connection, Database
from bot.store.feeds import DueFeed, FeedTaken, Reading
from bot.store.items import Known, Shown

MOMENT = 0.05  # seconds that a feed waits for others, when others are at work
AT_ONCE = 25  # feeds in one transaction
FEW = 20  # entries of a feed that shares its transaction; a longer one would make the others wait


@dataclass(frozen=True, slots=True)
class Findings:
    """What a poll or a push leaves: news, changed texts by key, marks to set, marks to keep young, the feed's row.

    `reading`: what a poll leaves on the feed; `write_more` adds what else belongs in the same transaction.
    """

    feed: DueFeed
    entries: int
    news: Sequence[News]
    texts: dict[str, tuple[str, str]]
    new_keys: Sequence[str]
    old_keys: Sequence[str]
    reading: Reading | None
    write_more: Callable[[Connection], Awaitable[None]]

    @property
    def claim(self) -> tuple[str, str]:
        return self.feed.spec.id, self.feed.holder


class Commits:
    """One for a poller. `clock` gives aware UTC."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._telling = Telling(
            timedelta(seconds=settings.wait_seconds),
            settings.fresh_window,
            settings.story_window,
            Growing(settings.edit_wait, settings.developments == "on"),
            posting=bool(settings.post_url),
        )
        self._knowing = Together(self._look_up, MOMENT, AT_ONCE)
        self._keeping = Together(self._keep, MOMENT, AT_ONCE)

    async def known(self, shown: Shown, *, company: bool) -> Known:
        """What is known of what a feed shows. `company`: other feeds are at work, and worth a moment's wait."""
        shares = company and len(shown.keys) <= 3 * FEW  # an entry has at most three keys
        return await (self._knowing.ask(shown) if shares else self._knowing.alone(shown))

    async def keep(self, findings: Findings, *, company: bool) -> Sequence[Event]:
        """The facts to emit, once it is committed. Raises FeedTaken when the feed is no longer its holder's."""
        shares = company and findings.entries <= FEW
        facts = await (self._keeping.ask(findings) if shares else self._keeping.alone(findings))
        if facts is None:
            raise FeedTaken(findings.feed.spec.id)
        return facts

    async def _look_up(self, shown: Sequence[Shown]) -> Sequence[Known]:
        async with self._database.read() as conn:
            return await items.known(conn, shown)

    async def _keep(self, found: Sequence[Findings]) -> list[list[Event] | None]:
        """The facts of each, None for one whose feed somebody else has."""
        now = self._clock()
        async with self._database.write() as conn:
            holders = await feeds.holders_of(conn, [one.feed.spec.id for one in found])
            ours = [one for one in found if holders.get(one.feed.spec.id) == one.feed.holder]
            held = await _without_twins(conn, ours)
            told = iter(await keep_and_tell(conn, [news for one in held for news in one.news], self._telling, now))
            facts: dict[tuple[str, str], list[Event]] = {}
            for one in held:
                edited = await items.update_texts(conn, one.feed.spec.id, one.texts)
                facts[one.claim] = [fact for _ in one.news for fact in next(told)]
                facts[one.claim] += [ItemEdited(one.feed.spec.id, item_id) for item_id in edited]
            await items.mark_seen(conn, [(one.feed.spec.id, key) for one in held for key in one.new_keys], now)
            await items.keep_seen(conn, [(one.feed.spec.id, key) for one in held for key in one.old_keys], now)
            await feeds.record_reads(conn, [one.reading for one in held if one.reading], now)
            for one in held:
                await one.write_more(conn)
        return [facts.get(one.claim) for one in found]


async def _without_twins(conn: Connection, found: Sequence[Findings]) -> list[Findings]:
    """Without the articles that another feed of their outlet brought since they were looked up, or brings here too."""
    urls = [[news.keys.url for news in one.news if news.keys.url] for one in found]
    shown = [Shown(one.feed.spec.id, one.feed.spec.outlet, (), some) for one, some in zip(found, urls, strict=True)]
    met: set[tuple[str, str]] = set()
    left = []
    for one, known in zip(found, await items.known(conn, shown), strict=True):
        outlet = one.feed.spec.outlet
        news = [new for new in one.news if new.keys.url not in known.urls and (outlet, new.keys.url) not in met]
        met.update((outlet, new.keys.url) for new in news if new.keys.url)
        left.append(one if len(news) == len(one.news) else _with_news(one, news))
    return left


def _with_news(one: Findings, news: Sequence[News]) -> Findings:
    matched = sum(bool(new.topics) for new in news)
    reading = one.reading and replace(one.reading, new_items=len(news), matched_items=matched)
    return replace(one, news=news, reading=reading)
