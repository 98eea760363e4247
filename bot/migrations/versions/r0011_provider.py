"""What the sign-in provider calls a member of staff."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("users", sa.Column("provider_name", sa.String(length=254), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "provider_name")
