"""Tokens that may do less than their role."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("api_tokens", sa.Column("scopes", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("api_tokens", "scopes")
