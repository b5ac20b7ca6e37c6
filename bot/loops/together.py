"""Questions that come one by one become questions answered together: whoever asks in the same moment shares an answer.

A transaction costs far more than one more row in it, and many feeds finish in the same tenth of a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


class _Apart(Exception):
    """The group failed: each of it is to be tried alone, so that it fails for its own reasons only."""


@dataclass(slots=True)
class Together(Generic[_Asked, _Answer]):
    """`answer` gives one answer for each question, in order; at most `most` at once, `within` seconds of the first.

    `answer` may be called again with one question of a group that failed, also after it did its work: doing it twice
    must be the same as once.
    """

    answer: Callable[[Sequence[_Asked]], Awaitable[Sequence[_Answer]]]
    within: float
    most: int
    _waiting: list[tuple[_Asked, asyncio.Future[_Answer]]] = field(default_factory=list)
    _at_work: asyncio.Task[None] | None = None

    async def ask(self, asked: _Asked) -> _Answer:
        """The answer to one question; raises what answering it alone raises."""
        future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        try:
            return await future
        except _Apart:
            return await self.alone(asked)

    async def alone(self, asked: _Asked) -> _Answer:
        """The answer to a question that waits for no other."""
        [answer] = await self.answer([asked])
        return answer

    async def _work(self) -> None:
        """Its own task: who asks may be cancelled without taking the others along."""
        try:
            await asyncio.sleep(self.within)
            while self._waiting:
                group = self._waiting[: self.most]
                del self._waiting[: self.most]
                await self._settle(group)
        finally:
            self._at_work = None
            for _, future in self._waiting:  # the loop is closing
                future.cancel()
            self._waiting.clear()

    async def _settle(self, group: Sequence[tuple[_Asked, asyncio.Future[_Answer]]]) -> None:
        try:
            answers = await self.answer([asked for asked, _ in group])
        except Exception as error:  # noqa: BLE001 (goes to who asked)
            for _, future in group:
                if not future.done():
                    future.set_exception(error if len(group) == 1 else _Apart())
        else:
            for (_, future), one in zip(group, answers, strict=True):
                if not future.done():
                    future.set_result(one)
        finally:
            for _, future in group:  # nobody waits for an answer that will not come
                future.cancel()
