"""The whole schema, one table a noun; the same on SQLite and PostgreSQL.

Instants are stored in UTC and come back aware (SQLite forgets the zone, `Instant` remembers). What is only shown, never
searched (reasons, rhythm, fingerprints), is JSON. Rows that a worker may hold carry `lease_until`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is refused, because its zone would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime: {value!r}"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
        return aware


# SQLite numbers rows by itself only for INTEGER keys; PostgreSQL wants room for years of items.
Serial = BigInteger().with_variant(Integer, "sqlite")

feed = Table(
    "feed",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", Text, nullable=False),  # where it is asked: the file's address, or the one it moved to for good
    Column("written_url", Text, nullable=False),  # as the file has it
    Column("outlet", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("source_class", String, nullable=False),
    Column("every_seconds", Float),
    Column("enabled", Boolean, nullable=False),
    Column("gone_at", Instant),  # 410: the publisher said never again
    Column("merged_into", String),  # it moved for good onto this feed's address
    # Conditional GET: sent back verbatim.
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String),
    # Due.
    Column("next_poll_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("holder", String, nullable=False, default=""),  # whose lease that is; "": nobody's
    Column("primed_at", Instant),  # first successful poll
    Column("interval_seconds", Float, nullable=False, default=0.0),
    Column("interval_why", String, nullable=False, default=""),
    Column("memory", JSON, nullable=False, default=dict),  # feeds/memory: wishes, rhythm, what identity learned
    # Health.
    Column("last_polled_at", Instant),
    Column("last_success_at", Instant),
    Column("last_new_at", Instant),
    Column("failures", Integer, nullable=False, default=0),
    Column("cause", String, nullable=False, default=""),
    Column("cause_detail", Text, nullable=False, default=""),
    Column("polls", Integer, nullable=False, default=0),
    Column("not_modified", Integer, nullable=False, default=0),
    Column("bytes_read", BigInteger, nullable=False, default=0),
    Column("parse_seconds", Float, nullable=False, default=0.0),
    Column("items_total", Integer, nullable=False, default=0),
    Column("items_matched", Integer, nullable=False, default=0),
    Column("pushes", Integer, nullable=False, default=0),  # bodies that its hub brought (WebSub)
    Column("pushed_until", Instant),  # the hub has proved to bring the news; NULL: polled as if there were none
    Index("ix_feed_due", "enabled", "next_poll_at"),
)

# Seen-marks outlive items: an old item that comes back is not news.
seen = Table(
    "seen",
    metadata,
    Column("feed_id", ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("present_at", Instant, nullable=False),  # last time the feed still listed it
    Index("ix_seen_present_at", "present_at"),
)

item = Table(
    "item",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("feed_id", ForeignKey("feed.id", ondelete="CASCADE"), nullable=False),
    Column("outlet", Text, nullable=False),
    Column("source_class", String, nullable=False),
    Column("key", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("lang", String, nullable=False),
    Column("published_at", Instant),
    Column("found_at", Instant, nullable=False),
    Column("fate", String, nullable=False),
    Column("verdicts", JSON, nullable=False),
    Column("places", JSON, nullable=False),
    Column("digest", Text, nullable=False),
    Column("paywalled", Boolean, nullable=False, default=False),
    Column("machine_written", Boolean, nullable=False, default=False),  # the digest
    Column("search_text", Text, nullable=False),  # words of title and summary (text/search)
    Index("ix_item_outlet_url", "outlet", "canonical_url"),
    Index("ix_item_canonical_url", "canonical_url"),
    Index("ix_item_feed_id_key", "feed_id", "key"),
    Index("ix_item_found_at", "found_at"),
)

item_topic = Table(
    "item_topic",
    metadata,
    Column("item_id", ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String, primary_key=True),
    Column("score", Float, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Index("ix_item_topic_topic_flagged", "topic", "flagged", "item_id"),
)

story = Table(
    "story",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("opened_at", Instant, nullable=False),
    Column("grew_at", Instant, nullable=False),
    Index("ix_story_grew_at", "grew_at"),
)

story_item = Table(
    "story_item",
    metadata,
    Column("item_id", ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("fingerprint", JSON, nullable=False),
    Column("tied_by", JSON, nullable=False),  # the words that joined it, for "why"
    Index("ix_story_item_story_id", "story_id"),
    Index("ix_story_item_at", "at"),
)

# An alert that the operator's own program has not taken yet.
outgoing = Table(
    "outgoing",
    metadata,
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("owed_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("ix_outgoing_due_at", "due_at"),
)

# A summary that a machine was asked for: once an article, whatever came of it.
machine_summary = Table(
    "machine_summary",
    metadata,
    Column("key", String, primary_key=True),  # a hash of the model and the article
    Column("asked_at", Instant, nullable=False),
    Column("tokens", Integer, nullable=False),  # as the endpoint counted them; the most it may take until it says
    Column("text", Text, nullable=False, default=""),  # "" while it is asked and where it was refused
    Column("cause", String, nullable=False, default=""),
    Index("ix_machine_summary_asked_at", "asked_at"),
)

# Candidates come through rare words, never from all pairs. A story uses a word once, however many items repeat it.
story_key = Table(
    "story_key",
    metadata,
    Column("key", String, primary_key=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Instant, nullable=False),  # of the latest item that holds it
    Index("ix_story_key_key_at", "key", "at"),
    Index("ix_story_key_story_id", "story_id"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("item_id", ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("told_at", Instant),  # when Telegram took the first message that tells it
    Column("score", Float, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("grown_at", Instant),  # when its messages are to name one more outlet; NULL: they name all
    Column("grown_after", BigInteger),  # the chat up to which they are due for it; NULL: not begun
    Index("ix_alert_raised_at", "raised_at"),
    Index("ix_alert_grown_at", "grown_at"),
    Index("ix_alert_item_id", "item_id"),
)

alert_topic = Table(
    "alert_topic",
    metadata,
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String, primary_key=True),
    Index("ix_alert_topic_topic", "topic"),
)

chat = Table(
    "chat",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("language", String, nullable=False),
    Column("state", String, nullable=False),
    Column("state_cause", String, nullable=False, default=""),
    Column("state_at", Instant, nullable=False),
    Column("timezone", String, nullable=False),
    Column("rhythm", JSON, nullable=False, default=dict),
    Column("title", Text, nullable=False, default=""),  # of a group or channel; never a person's name
    Column("thread_id", BigInteger, nullable=False, default=0),  # the forum topic it was started in; 0: none
    Column("approved_at", Instant),
    Column("joined_at", Instant, nullable=False),
    Column("lease_until", Instant),  # one deliverer at a time speaks to a chat, so its messages keep their order
    Index("ix_chat_state", "state"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE", onupdate="CASCADE"), primary_key=True),
    Column("topic", String, primary_key=True),
    Column("since", Instant, nullable=False),
    Index("ix_subscription_topic", "topic", "chat_id"),
)

personal_term = Table(
    "personal_term",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE", onupdate="CASCADE"), nullable=False),
    Column("term", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("chat_id", "term"),
)

source_choice = Table(
    "source_choice",
    metadata,
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE", onupdate="CASCADE"), primary_key=True),
    Column("source", String, primary_key=True),  # "outlet:Le Devoir" or "class:employer"
    Column("choice", String, nullable=False),  # mute, prefer
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE", onupdate="CASCADE"), nullable=False),
    Column("thread_id", BigInteger, nullable=False, default=0),
    Column("state", String, nullable=False),
    Column("rank", Integer, nullable=False, default=0),  # 0: told at once; 1: waited for its hour
    Column("not_before", Instant),  # NULL: nothing more will be tried
    Column("attempts", Integer, nullable=False, default=0),
    Column("lost", Integer, nullable=False, default=0),  # calls whose answer was lost; at two, nothing more is tried
    Column("plain", Boolean, nullable=False, default=False),
    Column("keywords", JSON, nullable=False, default=list),  # the chat's own, that stand in what is told
    Column("reason", String, nullable=False, default=""),  # why it waits, was dropped or died
    Column("message_id", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    UniqueConstraint("alert_id", "chat_id"),
    # Only what is still open: as flat with a million settled rows as with none.
    Index(
        "ix_delivery_due",
        "rank",
        "not_before",
        "chat_id",
        sqlite_where=text("not_before IS NOT NULL"),
        postgresql_where=text("not_before IS NOT NULL"),
    ),
    Index("ix_delivery_chat_id_not_before", "chat_id", "not_before"),
    Index("ix_delivery_state", "state"),
    Index("ix_delivery_chat_id_sent_at", "chat_id", "sent_at"),
)

# An alert that is being addressed, a chunk of chats a commit: a row here says up to which chat it is done.
addressing = Table(
    "addressing",
    metadata,
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("after_chat_id", BigInteger, nullable=False),
    Column("not_before", Instant, nullable=False),
)

# A message that stands in a chat, for the day in which it may still be edited; see alerts/frame.
message = Table(
    "message",
    metadata,
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("said_at", Instant, nullable=False),
    Column("frame", JSON, nullable=False),
    Column("print", String, nullable=False),  # a hash of what it says now
    Column("edited_at", Instant),
    Column("edit_due_at", Instant),  # NULL: it says all there is
    Index("ix_message_said_at", "said_at"),
    Index("ix_message_edit_due_at", "edit_due_at"),
)

# A turn of a story, owed to a chat as the answer to the message that told it. Tried at most once.
reply = Table(
    "reply",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("item_id", ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), nullable=False),
    Column("delivery_id", ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    Column("turn", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant),  # NULL: nothing more is tried
    Column("sent_at", Instant),
    UniqueConstraint("item_id", "chat_id"),
    Index("ix_reply_not_before", "not_before"),
    Index("ix_reply_created_at", "created_at"),
    Index("ix_reply_alert_id_chat_id", "alert_id", "chat_id"),
    Index("ix_reply_chat_id", "chat_id"),
    Index("ix_reply_delivery_id", "delivery_id"),
)

# A turn whose replies are being owed, a chunk of chats a commit.
turning = Table(
    "turning",
    metadata,
    Column("item_id", ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("turn", String, nullable=False),
    Column("turned_at", Instant, nullable=False),
    Column("after_chat_id", BigInteger, nullable=False),
    Index("ix_turning_alert_id", "alert_id"),
)

vote = Table(
    "vote",
    metadata,
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("value", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

# What an admin did at once, and what each subject was and is: the journal, and the overlay laid over the files.
act = Table(
    "act",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("action", String, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False, default=""),
    Column("undoes", ForeignKey("act.id")),
    Column("undone_at", Instant),
)

change = Table(
    "change",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("act_id", ForeignKey("act.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String, nullable=False),  # term, feed, admin, ban
    Column("subject", Text, nullable=False),
    Column("before", JSON(none_as_null=True)),  # NULL: as the files have it
    Column("after", JSON(none_as_null=True)),
    Index("ix_change_kind_subject", "kind", "subject", "id"),
    Index("ix_change_act_id", "act_id"),
)

# A message of an admin to every chat that listens, and how far it went; the screen that shows it.
broadcast = Table(
    "broadcast",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("language", String, nullable=False),  # of the admin's screen
    Column("text", Text, nullable=False),
    Column("state", String, nullable=False),  # draft, sending, done, cancelled
    Column("created_at", Instant, nullable=False),
    Column("screen_id", BigInteger),  # the message in the admin's chat that shows the progress
    Column("shown_at", Instant),
    Index("ix_broadcast_state", "state"),
)

broadcast_to = Table(
    "broadcast_to",
    metadata,
    Column("broadcast_id", ForeignKey("broadcast.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "chat_id",
        ForeignKey("chat.id", ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
    ),
    Column("state", String, nullable=False),  # pending, sending, sent, uncertain, failed, cancelled
    Column("not_before", Instant),  # NULL: nothing more is tried
    Index("ix_broadcast_to_not_before", "broadcast_id", "not_before"),
)

# An update delivered twice has one effect.
update_seen = Table(
    "update_seen",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Index("ix_update_seen_at", "at"),
)

# Who may use what alone: the token, a role.
lease = Table(
    "lease",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("until", Instant, nullable=False),
)

# One row a bucket of the shared pace (GCRA: the theoretical arrival time of the next message).
pace = Table(
    "pace",
    metadata,
    Column("bucket", String, primary_key=True),
    Column("arrival_at", Instant, nullable=False),
)

# Small facts of the whole: configuration version, the key of the log's hash.
fact = Table(
    "fact",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

# What operators are told, once when it begins and once when it is over.
notice = Table(
    "notice",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", JSON, nullable=False),  # what fills its sentence
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index(
        "uq_notice_open",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_notice_closed_at", "closed_at"),
)

notice_told = Table(
    "notice_told",
    metadata,
    Column("notice_id", ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),  # an operator's private chat
    Column("told_at", Instant, nullable=False),
    Column("over_told_at", Instant),
)

# A subscription to a feed's hub (W3C WebSub): asked for, or verified until its lease ends.
push = Table(
    "push",
    metadata,
    Column("feed_id", ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),  # the address the publisher calls itself by
    Column("path", String, nullable=False, unique=True),  # the callback's last part: whoever knows it is the hub
    Column("secret", String, nullable=False),
    Column("base", Text, nullable=False),  # our public address, as the hub was told
    Column("ask_at", Instant, nullable=False),  # when to ask (again)
    Column("asks", Integer, nullable=False, default=0),  # since the last verification; 0: none is open
    Column("lease_until", Instant),  # verified until then; NULL: not (yet)
    Index("ix_push_ask_at", "ask_at"),
)
