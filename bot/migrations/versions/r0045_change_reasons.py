"""Why an order was not changed is kept as a sentence to be translated, and what fills it."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0045"
down_revision = "r0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("order_changes", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("order_changes", "facts")
