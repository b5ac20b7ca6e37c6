"""What admins changed, laid over the files: what stands, what no longer fits, and files that say the same."""

from pathlib import Path

import pytest

from bot.changes import Change, ChangeKind
from bot.config import load_config, merge, merged_files
from bot.feeds.overlay import change_feed, remove_feed, write_feed
from bot.model import Text
from bot.topics.overlay import add_term, remove_term
from bot.topics.topic import Group

FEEDS = """\
feeds:
  # the daily
  - {id: a, url: 'https://a.example/rss', outlet: A, language: fr, class: press, every: 90s}
  - id: b
    url: https://b.example/rss  # the other
    outlet: B
    language: fr
    class: union
    enabled: false
"""
TOPICS = """\
lists: {élu: [maire, échevin]}
topics:
  villes:
    names: {fr: Villes, en: Cities}
    emoji: 🏛️
    strong: ['@élu & budget', conseil municipal]  # seats
    weak: [{term: taxe, weight: 0.7}, fr: rue]
  travail:
    names: {fr: Travail, en: Work}
    emoji: ⚒️
    strong: [grève]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text(FEEDS, "utf-8")
    (tmp_path / "topics.yaml").write_text(TOPICS, "utf-8")
    return tmp_path


def terms(config, topic):
    found = next(one for one in config.topics.topics if one.id == topic)
    return {term.term.source: (term.group.value, term.weight) for term in found.terms}


def warned(config, *changes):
    return [str(one) for one in merge(config, changes).warnings if one not in config.warnings]


def test_nothing_changed_is_the_very_files(folder):
    files = load_config(folder)
    assert merge(files, []) is files


def test_terms_come_go_and_move_and_the_index_follows(folder):
    files = load_config(folder)
    config = merge(
        files,
        [
            add_term("travail", "lockout", Group.STRONG),
            add_term("villes", "taxe", Group.STRONG),
            remove_term("villes", "conseil municipal"),
            remove_term("villes", "fr: rue"),
        ],
    )
    assert terms(config, "travail") == {"grève": ("strong", 1.0), "lockout": ("strong", 1.0)}
    assert terms(config, "villes") == {"@élu & budget": ("strong", 1.0), "taxe": ("strong", 1.0)}
    flags = lambda config, title: config.index.match(Text(title, lang="fr")).topics  # noqa: E731 (short)
    assert flags(config, "Un lockout au port") == ("travail",)
    assert flags(config, "Le conseil municipal siège") == ()
    assert flags(files, "Le conseil municipal siège") == ("villes",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (add_term("absent", "mot", Group.WEAK), "absent"),
        (add_term("travail", "@liste & mot", Group.WEAK), "liste"),
        (add_term("travail", "grèves", Group.WEAK), "grève"),
        (remove_term("travail", "grève"), "dernier"),
        (change_feed("c", {"url": "https://c.example/"}), "outlet"),
        (change_feed("a", {"url": "ftp://a"}), "http"),
        (change_feed("a", {"url": "https://B.example/rss"}), "« b »"),
    ],
)
def test_what_no_longer_fits_is_left_out_with_a_warning_and_the_rest_stands(folder, change, words):
    files = load_config(folder)
    told = warned(files, change)
    assert len(told) == 1
    assert words in told[0]
    config = merge(files, [change, add_term("travail", "lockout", Group.WEAK)])
    assert "lockout" in terms(config, "travail")
    assert config.feeds.feeds == files.feeds.feeds


def test_feeds_come_go_and_change_key_by_key(folder):
    files = load_config(folder)
    new = {"url": "https://c.example/rss", "outlet": "C", "language": "en", "class": "press"}
    config = merge(files, [change_feed("a", {"outlet": "Le A"}), remove_feed("b"), change_feed("c", new)])
    assert [(feed.id, feed.outlet, feed.url) for feed in config.feeds.feeds] == [
        ("a", "Le A", "https://a.example/rss"),
        ("c", "C", "https://c.example/rss"),
    ]
    later = load_config(folder)
    (folder / "feeds.yaml").write_text(FEEDS.replace("https://a.example/rss", "https://a.example/new"), "utf-8")
    later = merge(load_config(folder), [change_feed("a", {"outlet": "Le A"})])
    assert later.feeds.feeds[0].url == "https://a.example/new", "what a person mends in the file counts"


def test_a_feed_is_written_as_it_is_read(folder):
    feeds = load_config(folder).feeds.feeds
    assert write_feed(feeds[0])["every"] == "90s"
    assert write_feed(feeds[1])["enabled"] is False


def test_the_merged_files_say_what_is_in_use_and_keep_their_comments(folder, tmp_path):
    config = merge(
        load_config(folder),
        [
            add_term("travail", "lockout", Group.NEVER),
            add_term("villes", "taxe", Group.AGAINST, 0.5),
            remove_term("villes", "fr: rue"),
            change_feed("a", {"every": "5m", "outlet": "Le A: « x »"}),
            change_feed("b", {"enabled": True}),
            change_feed("c", {"url": "https://c.example/rss", "outlet": "C", "language": "en", "class": "press"}),
        ],
    )
    out = tmp_path / "out"
    out.mkdir()
    for name, text in merged_files(folder, config).items():
        (out / name).write_text(text, "utf-8")
    back = load_config(out)
    assert back.feeds.feeds == config.feeds.feeds
    assert [terms(back, topic) for topic in ("villes", "travail")] == [
        terms(config, topic) for topic in ("villes", "travail")
    ]
    assert "# the daily" in (out / "feeds.yaml").read_text("utf-8")
    assert "# seats" in (out / "topics.yaml").read_text("utf-8")


def test_a_value_nobody_understands_any_more_takes_the_term_out_rather_than_stop_the_bot(folder):
    config = merge(load_config(folder), [Change(ChangeKind.TERM, "villes:taxe", {"group": "loud"})])
    assert "taxe" not in terms(config, "villes")
