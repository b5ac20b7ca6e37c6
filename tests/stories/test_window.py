"""A window in memory and a store that follows the contract give every item the same story."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from bot.stories.candidates import COMMON, NEAREST, nearest, telling_keys
from bot.stories.fingerprint import fingerprint, from_json
from bot.stories.group import MEMBERS, REMEMBERED_FOR, Candidate, Joined, choose
from bot.stories.rarity import Rarity, ordinary
from bot.stories.window import Window

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TOWNS = ("Montcler", "Belair", "Sherval")
MATTERS = (
    "un incendie à l’usine",
    "la grève des éboueurs",
    "un budget de {n} M$",
    "la démission du maire",
    "le pont fermé",
)
VERBS = ("inquiète", "divise", "coûte {n} $ à", "frappe", "réjouit")


def items(count):
    dice = random.Random(8)
    for number in range(count):
        at = NOON + number * timedelta(hours=2)
        words = {"n": dice.randrange(2, 9)}
        title = f"{dice.choice(MATTERS)} {dice.choice(VERBS)} {dice.choice(TOWNS)}".format(**words).capitalize()
        lead = f"À {dice.choice(TOWNS)}, {dice.choice(MATTERS)} {dice.choice(VERBS)} les citoyens.".format(**words)
        yield fingerprint(title, lead, "fr", f"outlet {number % 3}", at)


class Rows:
    """What a store keeps, asked as a store would be: rows, no state of the window's own."""

    def __init__(self):
        self.rows = []  # (fingerprint as JSON, story)
        self.opened = {}

    def put(self, new):
        kept = [(from_json(stored), story) for stored, story in self.rows]
        kept = [(item, story) for item, story in kept if item.at >= new.at - REMEMBERED_FOR]
        uses = {(key, story) for item, story in kept for key in item.keys if key in new.keys}  # one a story
        rarity = Rarity(len({story for _, story in kept}), Counter(key for key, _ in uses))
        holding = defaultdict(set)
        for key, story in uses:
            if key in telling_keys(rarity):
                holding[key].add(story)
        candidates = []
        for story in nearest(rarity, holding):
            members = [item for item, held in kept if held == story]
            candidates.append(Candidate(story, self.opened[story], (members[0], *members[1:][-(MEMBERS - 1) :])))
        grouping = choose(new, candidates, rarity)
        story = grouping.story_id if isinstance(grouping, Joined) else len(self.opened) + 1
        self.opened.setdefault(story, new.at)
        self.rows.append((new.to_json(), story))
        return story, grouping


def test_a_store_and_the_window_decide_alike():
    window, rows = Window(), Rows()
    joined = 0
    for item in items(400):  # thirty-three days: stories open, close and are forgotten
        ours, theirs = window.put(item), rows.put(item)
        assert ours == theirs
        joined += isinstance(ours[1], Joined)
    assert 20 < joined < 380


def test_what_is_forgotten_leaves_nothing_behind():
    window = Window()
    for item in items(60):
        window.put(item)
    window.put(fingerprint("Un titre", "", "fr", "x", NOON + timedelta(days=400)))
    assert len(window._remembered) == len(window._stories) == 1
    assert set(window._holding) == set(window._remembered[0][0].keys)
    assert all(list(holders.values()) == [1] for holders in window._holding.values())


def test_only_rare_keys_find_stories_and_only_the_nearest_are_weighed():
    rarity = Rarity(5_000, {"greve": COMMON + 1, "rochef": 2, "tremor": 1, "absent": 0})
    assert telling_keys(rarity) == ("rochef", "tremor")
    holding = {"rochef": range(1, NEAREST + 9), "tremor": {NEAREST + 5}}
    found = nearest(rarity, holding)
    assert found[0] == NEAREST + 5
    assert found[1:] == list(range(1, NEAREST))


def test_the_rarer_a_word_the_more_it_proves():
    rarity = Rarity(1_000, {"greve": 90, "rochef": 1})
    assert 0 <= rarity.weight("greve") < rarity.weight("rochef") < rarity.weight("never")
    assert rarity.weight("greve", own=1) > rarity.weight("greve")
    assert ordinary("canada") == 0 < ordinary("greve") < ordinary("rochef")
    assert ordinary("greve+rochef") > ordinary("greve")
