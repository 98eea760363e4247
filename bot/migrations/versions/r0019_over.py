"""The list of what is over is read in its order, however many cases there are, resolved and closed alike."""

from bot.migrations import live

revision = "r0019"
down_revision = "r0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_index("ix_tickets_over", "tickets", ["resolved_at", "id"])


def downgrade() -> None:
    live.drop_index("ix_tickets_over", "tickets")
