"""A Rasa server that does not take up what it has just learned is not taught that again at once."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0052"
down_revision = "r0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("rasa_models", sa.Column("refused_at", bot.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("rasa_models", "refused_at")
