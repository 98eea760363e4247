"""Programs may be paused and get another secret without a gap; what they answered is kept."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0021"
down_revision = "r0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "webhook_endpoints",
        sa.Column("old_secret", sa.String(length=80), server_default="", nullable=False),
        sa.Column("old_until", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("paused_at", bot.db.UtcDateTime(timezone=True), nullable=True),
    )
    live.add_columns("notice_deliveries", sa.Column("code", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("notice_deliveries", "code")
    op.drop_column("webhook_endpoints", "paused_at")
    op.drop_column("webhook_endpoints", "old_until")
    op.drop_column("webhook_endpoints", "old_secret")
