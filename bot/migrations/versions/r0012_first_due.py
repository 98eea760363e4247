"""When a call to staff was first due: a mail that waited for the morning is not old in the morning."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("notice_deliveries", sa.Column("first_due_at", bot.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("notice_deliveries", "first_due_at")
