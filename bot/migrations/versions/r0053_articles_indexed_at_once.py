"""What staff write stands in PostgreSQL's index of words at once: a search reads nothing beside it."""

from bot.migrations import live

revision = "r0053"
down_revision = "r0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.index_at_once("articles")
    live.index_at_once("solved_cases")


def downgrade() -> None:
    live.index_by_and_by("articles")
    live.index_by_and_by("solved_cases")
