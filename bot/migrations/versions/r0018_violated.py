"""Cases that were without an owner are found among all that happened: the board counts those of a day."""

from bot.migrations import live

revision = "r0018"
down_revision = "r0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_index("ix_journal_violated", "journal", ["at"], "kind = 'invariant.violated'")


def downgrade() -> None:
    live.drop_index("ix_journal_violated", "journal")
