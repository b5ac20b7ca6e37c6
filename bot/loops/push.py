"""Hubs are asked for the feeds that name one; what they verify is agreed to, and what they bring is read at once.

    ask:      subscriptions that are due → POST to the hub → it verifies over GET → lease; again before it ends
    receive:  a body with its signature → claim its feed, due at once if this fails → parse → keep unseen → … ONE COMMIT

A body that is not signed with our secret is taken politely and ignored (WebSub § 7.1.2). A hub that fails, lies or
falls silent costs nothing: the feed is polled. Must never log a callback or a secret.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bot.errors import FetchFailed
from bot.events import Event, HubFailed, HubVerified, LoopFailed
from bot.feeds.fetch import Fetcher
from bot.feeds.websub import Offer, ask_again, is_signed, read_challenge, read_lease, renew_at, subscription
from bot.loops.poll import Poller
from bot.store import feeds, pushes
from bot.store.database import Database, StoreUnavailable
from bot.store.feeds import DueFeed, FeedTaken
from bot.store.pushes import Push

AT_ONCE = 20  # hubs asked in one round
PENDING = 16  # bodies held at once, each under the fetcher's limit; beyond them a hub is told to come again
TRIES, TRY_SECONDS = 600, 0.2  # for a feed that is being polled: longer than any one poll takes


@dataclass(slots=True)
class Pusher:
    """`base`: our public address (GUETTEUR_WEBHOOK_URL). `emit` takes facts after their commit."""

    database: Database
    fetcher: Fetcher
    poller: Poller
    base: str
    emit: Callable[[Event], None]
    clock: Callable[[], datetime]
    _pending: int = 0
    _latest: dict[str, bytes] = field(default_factory=dict)  # the digest of the last body read, by feed

    async def ask_due(self) -> int:
        """Asks the hubs whose turn it is; returns how many."""
        async with self.database.write() as conn:
            due = await pushes.claim_asks(conn, self.clock(), ask_again, AT_ONCE)
        await asyncio.gather(*map(self._ask, due))
        return len(due)

    async def _ask(self, push: Push) -> None:
        form = subscription(Offer(push.hub, push.topic), self.base, push.path, push.secret)
        try:
            await self.fetcher.post(push.hub, form)
        except FetchFailed as error:
            self.emit(HubFailed(push.feed_id, error.cause, error.detail))

    async def verify(self, path: str, query: Mapping[str, str]) -> str | None:
        """What to answer a hub's GET: the challenge when we asked for this, "" for a refusal noted, None for a 404."""
        now = self.clock()
        async with self.database.read() as conn:
            push = await pushes.find_push(conn, path)
        if push is None or query.get("hub.topic") != push.topic:
            return None
        if query.get("hub.mode") == "denied":
            async with self.database.write() as conn:
                await pushes.deny_push(conn, push.feed_id, now + ask_again(push.asks + 1))
            self.emit(HubFailed(push.feed_id, "hub_denied", ""))
            return ""
        challenge = read_challenge(query.get("hub.challenge", ""))
        if query.get("hub.mode") != "subscribe" or not push.asks or challenge is None:
            return None
        lease = read_lease(query.get("hub.lease_seconds", ""))
        async with self.database.write() as conn:
            await pushes.verify_push(conn, push.feed_id, now + lease, renew_at(now, lease))
        self.emit(HubVerified(push.feed_id, lease))
        return challenge

    async def expects(self, path: str) -> bool:
        """Whether a hub knows this callback from us; asked before a body is read."""
        async with self.database.read() as conn:
            return await pushes.find_push(conn, path) is not None

    async def receive(self, path: str, body: bytes, content_type: str, signature: str) -> bool:
        """Takes a body, and starts to read it if it is signed; False: too many are waiting, come again."""
        async with self.database.read() as conn:
            push = await pushes.find_push(conn, path)
        if push is None or not is_signed(push.secret, body, signature):
            return True
        digest = sha256(body).digest()
        if self._latest.get(push.feed_id) == digest:
            return True
        if self._pending >= PENDING:
            return False
        self._pending += 1
        self._latest[push.feed_id] = digest
        task = asyncio.create_task(self._read(push, body, content_type))
        self.poller.tasks.add(task)
        task.add_done_callback(self._read_done)
        return True

    def _read_done(self, task: asyncio.Task[None]) -> None:
        self._pending -= 1
        self.poller.tasks.discard(task)

    async def _read(self, push: Push, body: bytes, content_type: str) -> None:
        """A broad catch: whatever goes wrong with a pushed body stays there, and the feed is polled."""
        feed = None
        try:
            feed = await self._claim(push.feed_id)
            if feed is not None and feed.primed:
                with self.poller.at_work(feed):
                    await self.poller.read_pushed(feed, push.topic, body, content_type)
                return
        except FetchFailed as error:
            self.emit(HubFailed(push.feed_id, error.cause, error.detail))
        except FeedTaken:
            return  # who has it reads what we would have
        except StoreUnavailable as error:
            self.emit(LoopFailed("push", str(error)))
        except Exception as error:  # noqa: BLE001 (one body must not stop the others)
            self.emit(LoopFailed("push", f"{push.feed_id}: {type(error).__name__}", error))
        self._latest.pop(push.feed_id, None)
        if feed is not None:
            await self._give_back(push.feed_id)

    async def _claim(self, feed_id: str) -> DueFeed | None:
        """The feed, once nobody else polls it; None when somebody holds it for ever."""
        for _ in range(TRIES):
            async with self.database.write() as conn:
                feed = await feeds.claim_pushed_feed(
                    conn, feed_id, self.clock(), self.poller.lease, self.poller.claim()
                )
            if feed is not None:
                return feed
            await asyncio.sleep(TRY_SECONDS)
        return None

    async def _give_back(self, feed_id: str) -> None:
        try:
            async with self.database.write() as conn:
                await pushes.give_back(conn, feed_id, self.clock())
        except StoreUnavailable as error:  # its lease ends by itself
            self.emit(LoopFailed("push", str(error)))
