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
    live.add_columns("bot_turns", sa.Column("helped", sa.Boolean(), nullable=True))
    live.drop_index("ix_bot_turns_sums", "bot_turns")
    live.add_index("ix_bot_turns_sums", "bot_turns", [*SUMS, "helped"])


def downgrade() -> None:
    live.drop_index("ix_bot_turns_sums", "bot_turns")
    live.add_index("ix_bot_turns_sums", "bot_turns", SUMS)
    op.drop_column("bot_turns", "helped")
