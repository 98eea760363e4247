"""What colleagues learn of a solved case about its cause, and what to mind, leaves the house on no way either; and in
which weeks content staff were told of what nobody could answer."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0048"
down_revision = "r0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("solved_cases", sa.Column("withheld", sa.Text(), nullable=True))
    live.create_table(
        "unanswered_weeks",
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("looked_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("begins", name=op.f("pk_unanswered_weeks")),
    )


def downgrade() -> None:
    op.drop_table("unanswered_weeks")
    op.drop_column("solved_cases", "withheld")
