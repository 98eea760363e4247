"""Reply templates count their changes: who saves what somebody else has changed meanwhile sees both."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0043"
down_revision = "r0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "reply_templates",
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("reply_templates", "user_id")
    op.drop_column("reply_templates", "revision")
