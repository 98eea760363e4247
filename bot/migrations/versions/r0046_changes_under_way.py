"""A change that the shop's system makes by and by is looked at for a while."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0046"
down_revision = "r0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("order_changes", sa.Column("until", bot.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("order_changes", "until")
