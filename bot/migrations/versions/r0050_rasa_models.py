"""Rasa servers learn a release once: which of their files holds it is remembered."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0050"
down_revision = "r0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "rasa_models",
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("learned", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("learned_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server", "learned", name=op.f("pk_rasa_models")),
    )


def downgrade() -> None:
    op.drop_table("rasa_models")
