"""Letters and pushes are in the language of each member of staff."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0055"
down_revision = "r0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("users", sa.Column("language", sa.String(10), server_default="zh-TW", nullable=False))


def downgrade() -> None:
    op.drop_column("users", "language")
