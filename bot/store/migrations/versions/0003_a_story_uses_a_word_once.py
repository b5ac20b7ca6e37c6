"""A story uses a word once, however many of its items repeat it

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TABLE story_key_kept AS SELECT key, story_id, max(at) AS at FROM story_key GROUP BY key, story_id")
    op.drop_table("story_key")
    op.create_table(
        "story_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_story_key_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "story_id", name=op.f("pk_story_key")),
    )
    op.execute("INSERT INTO story_key (key, story_id, at) SELECT key, story_id, at FROM story_key_kept")
    op.drop_table("story_key_kept")
    with op.batch_alter_table("story_key", schema=None) as batch_op:
        batch_op.create_index("ix_story_key_key_at", ["key", "at"], unique=False)
        batch_op.create_index("ix_story_key_story_id", ["story_id"], unique=False)
