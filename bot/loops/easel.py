"""The tables become a picture of how things stand: counted, planned, drawn by a process of its own, kept for a minute.

One picture is drawn at a time, whoever asks; a failure is kept as long, so that presses cost no more than that.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.alerts.dates import last_days
from bot.alerts.render import TopicLabel
from bot.events import Event, LoopFailed
from bot.model import DeliveryState
from bot.ops.picture.plan import plan_picture
from bot.ops.picture.process import DrawLimits, NotDrawn, can_draw, draw
from bot.store.database import Database
from bot.store.overview import alerts_per_day, overview
from bot.telegram.admin.doors import Picture

KEPT = timedelta(minutes=1)


@dataclass(slots=True)
class Easel:
    """`topics`: those in use at this moment, by id."""

    database: Database
    topics: Callable[[], Mapping[str, TopicLabel]]
    emit: Callable[[Event], None]
    limits: DrawLimits = field(default_factory=DrawLimits)
    installed: bool = field(default_factory=can_draw)
    kept: dict[tuple[str, str], tuple[datetime, Picture | None]] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def picture(self, language: str, timezone: str, now: datetime) -> Picture | None:
        """In that language, with the days of that zone; None when it was not drawn, which the log says."""
        if not self.installed:
            return None
        async with self.turn:
            self.kept = {key: kept for key, kept in self.kept.items() if now - kept[0] < KEPT}
            if (language, timezone) not in self.kept:
                self.kept[language, timezone] = now, await self._drawn(language, timezone, now)
            return self.kept[language, timezone][1]

    async def _drawn(self, language: str, timezone: str, now: datetime) -> Picture | None:
        days, edges = zip(*last_days(now, timezone), strict=True)
        async with self.database.read() as conn:
            seen = await overview(conn, now)
            per_day = await alerts_per_day(conn, edges)
        plan = plan_picture(seen, days, per_day, self.topics(), (language, timezone))
        try:
            png = await draw(plan, self.limits)
        except NotDrawn as failure:
            self.emit(LoopFailed("picture", str(failure)))
            return None
        return Picture(
            png=png,
            taken_at=now,
            days=len(days),
            alerts={topic: sum(counts) for topic, counts in per_day.items()},
            failing_feeds=len(seen.failing),
            waiting=seen.queue.get(DeliveryState.PENDING.value, 0),
        )
