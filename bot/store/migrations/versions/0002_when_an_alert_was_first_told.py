"""When an alert was first told

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("alert", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE alert SET told_at = (SELECT min(sent_at) FROM delivery WHERE delivery.alert_id = alert.id)")
