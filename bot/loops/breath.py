"""Work on many texts becomes work in breaths: the loop is let go after so many characters or entries.

Long feeds are matched and stored on the loop that everybody shares; no stretch of it may take more than a few
hundredths of a second.
"""

import asyncio
from dataclasses import dataclass

CHARACTERS = 8_000  # of text that is matched or folded: about ten milliseconds
ENTRIES = 25


@dataclass(slots=True)
class Breath:
    """How much was done since others had their turn."""

    characters: int = 0
    entries: int = 0

    async def after(self, characters: int) -> None:
        """Another entry of so many characters is done."""
        self.characters += characters
        self.entries += 1
        if self.characters >= CHARACTERS or self.entries >= ENTRIES:
            self.characters = self.entries = 0
            await asyncio.sleep(0)
