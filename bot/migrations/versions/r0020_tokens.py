"""Tokens tell who made them, and until when they open something."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0020"
down_revision = "r0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "api_tokens",
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", bot.db.UtcDateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("api_tokens", "expires_at")
    op.drop_column("api_tokens", "made_by")
