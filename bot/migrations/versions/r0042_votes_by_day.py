"""Votes of a period are counted by an index: the bot's report asks for them."""

from bot.migrations import live

revision = "r0042"
down_revision = "r0041b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_index("ix_article_votes_voted", "article_votes", ["voted_at", "helped"])


def downgrade() -> None:
    live.drop_index("ix_article_votes_voted", "article_votes")
