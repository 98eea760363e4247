"""A chat shows up to four pictures of an article; those after the first."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0054"
down_revision = "r0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("articles", sa.Column("more_pictures", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("articles", "more_pictures")
