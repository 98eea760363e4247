"""A draft says on which page it was written last, so that who never heard of it is no stranger."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0051"
down_revision = "r0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("articles", sa.Column("drafted_on", sa.String(60), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("articles", "drafted_on")
