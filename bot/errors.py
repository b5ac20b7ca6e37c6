"""What went wrong becomes words a person can act on: the error tree, drawn once.

    GuetteurError
    ├── ConfigError      the files or settings are wrong; holds every Problem found, not the first
    └── FetchFailed      one fetch or parse of one feed failed; `cause` is a catalogue key

Expected results of sending are values (model.Outcome), not exceptions. Foreign exceptions are translated where their
library lives, with the cause chained.
"""

from dataclasses import dataclass

from bot.locales import say


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file a person wrote: where, what, and what to write instead.

    `line` counts from 1; 0 when the whole file is meant. `what` and `mend` are sentences in `language`: that of the
    command line, or of the person who sent the file; `warning` problems do not stop the bot.
    """

    file: str
    line: int
    what: str
    mend: str = ""
    warning: bool = False
    language: str = "fr"

    def __str__(self) -> str:
        key = "written.problem_at" if self.line else "written.problem"
        told = say(self.language, key, file=self.file, line=self.line, what=self.what)
        return f"{told} → {self.mend}" if self.mend else told


class GuetteurError(Exception):
    """Anything of ours that can be raised."""


class ConfigError(GuetteurError):
    """Refused configuration, with every problem at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class FetchFailed(GuetteurError):
    """A poll that brought nothing. `cause` is a catalogue key ("dns", "tls", "http_403", "not_a_feed" …)."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail
