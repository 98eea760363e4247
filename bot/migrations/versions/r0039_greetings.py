"""A reply template may be what the bot greets with, and has buttons then."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0039"
down_revision = "r0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "reply_templates",
        sa.Column("serves", sa.String(length=10), server_default="", nullable=False),
        sa.Column("buttons", sa.JSON(), server_default="[]", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("reply_templates", "buttons")
    op.drop_column("reply_templates", "serves")
