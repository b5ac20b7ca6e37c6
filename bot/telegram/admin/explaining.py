"""/expliquer: a text or the page at an address becomes what each topic sees in it, word by word, and what it lacks."""

from aiogram import Router
from aiogram.types import TelegramObject

from bot.alerts.clean import clean, cut_at_word
from bot.alerts.rich import Rich, bold, joined, text
from bot.changes import Role
from bot.errors import FetchFailed
from bot.locales import known, say
from bot.model import Text
from bot.telegram.admin.doors import Office
from bot.telegram.admin.staff import staff_router, to_state
from bot.telegram.commands import spelled
from bot.telegram.news import points
from bot.telegram.reply import Reply, Screen, page
from bot.telegram.routing import asks
from bot.telegram.screens import label
from bot.telegram.subscriber import is_address
from bot.telegram.visit import Visit
from bot.topics.explain import Account, Evidence, explain
from bot.topics.topic import Topics

TOPICS = 4  # accounts shown
WORDS = 6  # words shown of each
SENTENCE = 200


def explaining() -> Router:
    router = staff_router("explaining", Role.EDITOR)
    router.message(asks("explain"))(account)
    return router


async def account(_event: TelegramObject, visit: Visit, office: Office) -> Reply:
    """/expliquer <text or address>."""
    language, given = visit.language, visit.argument.strip()
    if not given:
        how = say(language, "admin.explain_how", explain=spelled("explain", language))
        return Reply(Screen(page(say(language, "admin.explain_title"), how), ((to_state(language),),)))
    if not is_address(given):
        title, _, rest = given.partition("\n")
        return Reply(explained(language, Text(title, rest), office))

    async def made() -> Screen:
        try:
            return explained(language, await office.read_page(given), office)
        except FetchFailed as error:
            cause = f"cause.{error.cause}"
            why = say(language, cause) if known(language, cause) else error.cause
            return Screen(page(say(language, "admin.explain_title"), why), ((to_state(language),),))

    return Reply(later=made)


def explained(language: str, read: Text, office: Office) -> Screen:
    """What the topics in use see in a text."""
    _, accounts = explain(read, office.index(), language)
    parts = [_account(one, office.topics(), language) for one in accounts[:TOPICS]]
    title = cut_at_word(clean(read.title), SENTENCE)
    body = page(say(language, "admin.explain_title"), title, *(parts or [text(say(language, "admin.explain_none"))]))
    while not body.fits and len(parts) > 1:
        parts.pop()
        body = page(say(language, "admin.explain_title"), title, *parts)
    return Screen(body, ((to_state(language),),))


def _account(one: Account, topics: Topics, language: str) -> Rich:
    """One topic: its points, and the words in their sentences."""
    verdict = one.verdict
    topic = next((topic for topic in topics.topics if topic.id == verdict.topic), None)
    head = say(
        language,
        "chat.why_flagged" if verdict.score >= verdict.threshold else "chat.why_below",  # a veto is said below it
        topic=label(topic, language) if topic else verdict.topic,
        score=points(verdict.score, language),
        threshold=points(verdict.threshold, language),
    )
    words = [_evidence(each, language) for each in one.evidence[:WORDS]]
    return joined("\n", (bold(text(head)), text(one.lacking), *words))


def _evidence(evidence: Evidence, language: str) -> Rich:
    """« term », its weight, and the sentence with its words in bold."""
    reason, sentence = evidence.reason, Rich()
    at = 0
    for start, end in evidence.marks:
        sentence += text(_cleaned(evidence.sentence[at:start])) + bold(text(clean(evidence.sentence[start:end])))
        at = end
    group = say(language, f"admin.group_{reason.group}")
    head = text(f"• {clean(reason.term)} ({group}, {points(reason.weight, language)}) — ")
    return head + sentence + text(cut_at_word(_cleaned(evidence.sentence[at:]), SENTENCE))


def _cleaned(part: str) -> str:
    """A part of a sentence, cleaned, with the spaces at its ends."""
    return " " * part[:1].isspace() + clean(part) + " " * (part[-1:].isspace() and bool(part.strip()))
