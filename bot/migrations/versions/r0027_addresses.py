"""Where customers' files lie, on platforms that tell."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0027"
down_revision = "r0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("attachments", sa.Column("address", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("attachments", "address")
