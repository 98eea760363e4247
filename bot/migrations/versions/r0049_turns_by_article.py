"""What was answered with an article is counted by an index: its editor asks for it."""

from bot.migrations import live

revision = "r0049"
down_revision = "r0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_index("ix_bot_turns_article", "bot_turns", ["article", "day", "message_id"])


def downgrade() -> None:
    live.drop_index("ix_bot_turns_article", "bot_turns")
