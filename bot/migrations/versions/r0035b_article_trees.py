"""Scenario trees of articles."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0035b"
down_revision = "r0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "articles",
        sa.Column("tree", sa.Text(), server_default="", nullable=False),
        sa.Column("tree_for", sa.String(length=12), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("articles", "tree_for")
    op.drop_column("articles", "tree")
