"""Who speaks for a story to a chat that muted or prefers some of its sources."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.sources import SourceChoice, as_told, class_source, outlet_source
from bot.model import SourceClass
from tests.alerts.samples import alert, mention

MUTE, PREFER = SourceChoice.MUTE, SourceChoice.PREFER
PRESS = replace(mention("Le Quotidien"), title="Le premier", summary="Une dépêche.")
UNION = replace(mention("La Centrale", SourceClass.UNION), title="Le syndicat", summary="Un communiqué.")
DAILY = replace(mention("The Daily"), title="The third", summary="A report.", lang="en")
STORY = alert(title="Le premier", url=PRESS.url, summary="Une dépêche.", mentions=(PRESS, UNION, DAILY))


def outlets(of):
    return [one.outlet for one in of.mentions]


def test_without_choices_the_first_outlet_speaks():
    assert as_told(STORY, {}) == STORY


def test_a_preferred_outlet_speaks_in_its_own_words_and_language():
    seen = as_told(STORY, {outlet_source("The Daily"): PREFER})
    assert (seen.title, seen.url, seen.summary, seen.lang) == ("The third", DAILY.url, "A report.", "en")
    assert outlets(seen) == ["The Daily", "Le Quotidien", "La Centrale"]


def test_a_muted_outlet_lets_the_next_one_speak_and_is_named_last():
    seen = as_told(STORY, {outlet_source("Le Quotidien"): MUTE})
    assert seen.title == "Le syndicat"
    assert outlets(seen) == ["La Centrale", "The Daily", "Le Quotidien"]


def test_a_choice_about_an_outlet_weighs_more_than_one_about_its_kind():
    choices = {class_source(SourceClass.PRESS): MUTE, outlet_source("The Daily"): PREFER}
    assert outlets(as_told(STORY, choices)) == ["The Daily", "La Centrale", "Le Quotidien"]
    choices = {class_source(SourceClass.PRESS): PREFER, outlet_source("Le Quotidien"): MUTE}
    assert outlets(as_told(STORY, choices)) == ["The Daily", "La Centrale", "Le Quotidien"]


def test_an_alert_without_outlets_is_told_as_it_is():
    assert as_told(alert(mentions=()), {outlet_source("x"): MUTE}) == alert(mentions=())


SOURCES = [*map(outlet_source, ("Le Quotidien", "La Centrale", "The Daily")), *map(class_source, SourceClass)]


@given(st.dictionaries(st.sampled_from(SOURCES), st.sampled_from(SourceChoice)))
def test_whatever_is_chosen_nobody_is_lost_and_the_title_is_the_speaker_s(choices):
    seen = as_told(STORY, choices)
    assert sorted(outlets(seen)) == sorted(outlets(STORY))
    assert (seen.title, seen.summary) == (seen.mentions[0].title, seen.mentions[0].summary)
