"""The two files of config/, and what admins changed in the chat, become one Config; or every problem of both files.

Used by everything that reads config/: the bot at start and at reload, `check`, `match`, `explain`. A wrong file never
starts the bot and never replaces a good one: the caller keeps the Config it has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.alerts.render import TopicLabel
from bot.changes import Change
from bot.errors import ConfigError, Problem
from bot.feeds.file import FeedFile, load_feeds
from bot.feeds.overlay import lay_feeds, merged_feeds
from bot.text.fold import fold
from bot.topics.file import Topics, load_topics
from bot.topics.match import Index, build_index
from bot.topics.overlay import lay_terms, merged_topics

FEEDS = "feeds.yaml"
TOPICS = "topics.yaml"


@dataclass(frozen=True, slots=True)
class Config:
    """What people wrote, ready to use. `digest` is of the files, whatever admins changed since."""

    feeds: FeedFile
    topics: Topics
    index: Index
    digest: str = ""

    @property
    def labels(self) -> Mapping[str, TopicLabel]:
        """How each topic is shown."""
        return {topic.id: TopicLabel(topic.names, topic.emoji) for topic in self.topics.topics}

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets of the feeds that are read, each once, in the order of a phone book."""
        return tuple(sorted({feed.outlet for feed in self.feeds.feeds if feed.enabled}, key=fold))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return (*self.feeds.warnings, *self.topics.warnings)


def load_config(folder: Path) -> Config:
    """Raises ConfigError with the problems of both files."""
    problems: list[Problem] = []
    feeds: FeedFile | None = None
    topics: Topics | None = None
    try:
        feeds = load_feeds(folder / FEEDS)
    except ConfigError as error:
        problems.extend(error.problems)
    try:
        topics = load_topics(folder / TOPICS)
    except ConfigError as error:
        problems.extend(error.problems)
    if feeds is None or topics is None:
        raise ConfigError(tuple(problems))
    return Config(feeds, topics, build_index(topics), digest_of(folder))


def digest_of(folder: Path) -> str:
    """Equal for files that say the same: lines of comment, empty ones, and how lines end do not count."""
    told = sha256()
    for name in (FEEDS, TOPICS):
        lines = (line.rstrip() for line in (folder / name).read_text("utf-8-sig").splitlines())
        said = [line for line in lines if line and not line.lstrip().startswith("#")]
        told.update("\n".join((name, *said, "")).encode())
    return told.hexdigest()


def merge(files: Config, changes: Sequence[Change]) -> Config:
    """The files with what stands of the admins' changes laid over them; changes that no longer fit are warnings."""
    feeds, topics = lay_feeds(files.feeds, changes), lay_terms(files.topics, changes)
    if (feeds, topics) == (files.feeds, files.topics):
        return files
    return Config(feeds, topics, build_index(topics), files.digest)


def merged_files(folder: Path, config: Config) -> Mapping[str, str]:
    """Both files as they would read with the changes written in, by name. Raises ConfigError when one is wrong."""
    return {
        FEEDS: merged_feeds(folder / FEEDS, config.feeds.feeds),
        TOPICS: merged_topics(folder / TOPICS, config.topics),
    }
