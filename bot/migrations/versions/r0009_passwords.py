"""Passwords that must be changed."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("users", sa.Column("one_time_until", bot.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "one_time_until")
