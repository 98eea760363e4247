"""Whether an answer helped its customer stands beside what became of his question."""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0047"
down_revision = "r0046"
branch_labels = None
depends_on = None

SUMS = ["day", "intent", "release_id", "fate", "handed", "cleared", "wrong"]


def upgrade() -> None:
    """The new index is there before the old one goes: reports go on meanwhile."""
    live.add_columns("bot_turns", sa.Column("helped", sa.Boolean(), nullable=True))
    live.add_index("ix_bot_turns_totals", "bot_turns", [*SUMS, "helped"])
    live.drop_index("ix_bot_turns_sums", "bot_turns")


def downgrade() -> None:
    live.add_index("ix_bot_turns_sums", "bot_turns", SUMS)
    live.drop_index("ix_bot_turns_totals", "bot_turns")
    op.drop_column("bot_turns", "helped")
