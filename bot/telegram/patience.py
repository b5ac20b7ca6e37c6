"""A person who writes becomes heard, warned once, or left unheard: one person cannot keep the others waiting.

A GCRA as in `pace`: twenty messages or presses at once, one a second after that. Held in memory: it protects this
process and nothing depends on it. It never says anything about a chat to anyone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.telegram.pace import LONG_AGO, NOTHING, Limit, admitted

PERSON = Limit(timedelta(seconds=1), 20)
PEOPLE_AT_MOST = 10_000  # remembered at once; the calm ones are forgotten first


class Heard(StrEnum):
    LISTEN = "listen"
    WARN = "warn"  # the first time too many: say it
    IGNORE = "ignore"


@dataclass(slots=True)
class Patience:
    """What is remembered of who writes a lot."""

    limit: Limit = PERSON
    calm_at: dict[int, datetime] = field(default_factory=dict)
    warned: set[int] = field(default_factory=set)

    def hears(self, person_id: int, now: datetime) -> Heard:
        """Whether to listen to a person now, counting it."""
        wait, calm_at = admitted(self.calm_at.get(person_id, LONG_AGO), now, self.limit)
        if wait > NOTHING:
            if person_id in self.warned:
                return Heard.IGNORE
            self.warned.add(person_id)
            return Heard.WARN
        if len(self.calm_at) >= PEOPLE_AT_MOST:
            self._forget(now)
        if calm_at - now <= self.limit.interval:  # calm again: a later flood is told again
            self.warned.discard(person_id)
        self.calm_at[person_id] = calm_at
        return Heard.LISTEN

    def _forget(self, now: datetime) -> None:
        self.calm_at = {person: at for person, at in self.calm_at.items() if at > now}
        self.warned &= self.calm_at.keys()
