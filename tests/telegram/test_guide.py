"""The screens the guides show are those people see: each is made at the wire and looked for in docs/guide-*.md."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Field, Reason, Verdict
from tests.store.facts import add_feed, tell

DOCS = Path(__file__).parents[2] / "docs"
NEWS = {
    "fr": ("Des permis de travail prolongés pour les infirmières", "permis de travail", 4, "permis infirmières"),
    "en": ("Longer work permits for nurses", "work permits", 7, "permits nurses"),
}
SUMMARY = {
    "fr": "Le ministère prolonge d’un an les permis des infirmières recrutées à l’étranger.",
    "en": "The department extends by a year the permits of nurses recruited abroad.",
}
TYPED = {
    "fr": ("/sujets", "/dernieres", "/chercher", "/pourquoi", "/motscles", "/etat", "/canal", "/oublier", "/rythme"),
    "en": ("/topics", "/latest", "/search", "/why", "/keywords", "/status", "/channel", "/forget", "/rhythm"),
}


async def walk(room, language):
    """The screens of the guide, in its order, as text with their buttons."""
    topics, latest, search, why, keywords, status, channel, forget, rhythm = TYPED[language]
    title, words, start, sought = NEWS[language]
    await add_feed(room.store._database, room.clock.now)
    ana = room.api.person(language=language)
    yield (await room.says(ana, "/start")).show()
    for topic in ("Immigration", "👷"):
        await room.presses(ana, topic)
    reason = Reason("immigration", words, Field.TITLE, words, 1.25, start, start + len(words))
    verdict = Verdict("immigration", 1.25, 1.0, True, (reason,))
    room.clock.passes(hours=-3)
    await tell(
        room.store._database,
        room.clock.now,
        title=title,
        summary=SUMMARY[language],
        lang=language,
        verdicts=(verdict,),
        digest=SUMMARY[language],
    )
    room.clock.passes(hours=3)
    yield (await room.says(ana, topics)).show()
    await room.presses(ana, "⏰")
    await room.presses(ana, "Revue" if language == "fr" else "Digest")
    yield ana.inbox[-1].show()
    yield (await room.says(ana, rhythm)).show()
    yield (await room.says(ana, f"{keywords} {sought.split()[1]}")).show()
    yield (await room.says(ana, latest)).show()
    yield (await room.says(ana, f"{why} https://courrier.example/k1")).show()
    yield (await room.says(ana, f"{search} {sought}")).show()
    room.clock.passes(seconds=timedelta(seconds=30).total_seconds())
    yield (await room.says(ana, status)).show()
    yield (await room.says(ana, channel)).show()
    yield (await room.says(ana, forget)).show()


@pytest.mark.parametrize("language", NEWS)
async def test_every_screen_of_the_guide_is_the_one_people_see(room, language):
    guide = (DOCS / f"guide-{language}.md").read_text("utf-8")
    seen = [screen async for screen in walk(room, language)]
    missing = [screen for screen in seen if screen not in guide]
    assert missing == []
    assert guide.count("```text") == len(seen)
