"""What each answer of Telegram means for a message that is edited, or answered."""

from datetime import timedelta

import pytest

from bot.alerts.living import PAUSE, Known, Way, known_after
from bot.alerts.outcome import TOKEN_PAUSE
from bot.model import (
    AnswerLost,
    CannotParse,
    ChatGone,
    Migrated,
    NotReceived,
    Refused,
    Sent,
    ThreadGone,
    Unauthorised,
)
from tests.alerts.samples import NOW

SOON = timedelta(seconds=9)


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        (Sent(5), Known(done=True)),
        (NotReceived("telegram_dns"), Known(again_at=NOW + PAUSE)),
        (NotReceived("flood", SOON), Known(again_at=NOW + SOON, hold_chat_until=NOW + SOON)),
        (NotReceived("flood", SOON, for_all=True), Known(again_at=NOW + SOON, hold_all_until=NOW + SOON)),
        (ChatGone("kicked"), Known(blocked="kicked")),
        (Migrated(-7), Known(migrated_to=-7)),
        (CannotParse("format_refused"), Known()),
        (ThreadGone("thread_gone"), Known()),
        (Refused("message_not_found"), Known()),
        (Unauthorised("token_refused"), Known(again_at=NOW + TOKEN_PAUSE, hold_all_until=NOW + TOKEN_PAUSE)),
    ],
)
def test_an_answer_says_whether_it_is_done_tried_later_or_never_again(outcome, way, known):
    assert known_after(outcome, way, NOW) == known


def test_an_edit_whose_answer_was_lost_is_made_again_and_a_reply_is_not():
    assert known_after(AnswerLost("timeout"), Way.EDIT, NOW) == Known(again_at=NOW + PAUSE)
    assert known_after(AnswerLost("timeout"), Way.REPLY, NOW) == Known()
