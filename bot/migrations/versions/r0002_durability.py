"""Durability: quota, settling, indexes."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0002"
down_revision = "0001_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "accounts",
        sa.Column("push_paused_until", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("quota_limit", sa.Integer(), nullable=True),
        sa.Column("quota_used", sa.Integer(), nullable=True),
        sa.Column("quota_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("quota_alarm", sa.Integer(), server_default="0", nullable=False),
    )
    live.add_columns(
        "outbox",
        sa.Column("alone", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("keyed_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("resent_at", bot.db.UtcDateTime(timezone=True), nullable=True),
    )
    live.add_index("ix_conversations_held", "conversations", ["owner", "last_customer_at"])
    live.add_index("ix_tickets_assignee", "tickets", ["assignee_id", "state"])
    live.add_index("ix_tickets_resolved", "tickets", ["state", "resolved_at"])
    live.drop_index("ix_tickets_assignee_id", "tickets")


def downgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("ix_tickets_resolved")
        batch_op.drop_index("ix_tickets_assignee")
        batch_op.create_index(batch_op.f("ix_tickets_assignee_id"), ["assignee_id"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("resent_at")
        batch_op.drop_column("keyed_at")
        batch_op.drop_column("alone")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index("ix_conversations_held")

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("quota_alarm")
        batch_op.drop_column("quota_at")
        batch_op.drop_column("quota_used")
        batch_op.drop_column("quota_limit")
        batch_op.drop_column("push_paused_until")
