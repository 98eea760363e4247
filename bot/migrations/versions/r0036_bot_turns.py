"""What became of the messages that the bot judged, for its report."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0036"
down_revision = "r0035c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "bot_turns",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("intent", sa.String(length=60), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(length=12), nullable=False),
        sa.Column("handed", sa.Boolean(), nullable=False),
        sa.Column("cleared", sa.Boolean(), nullable=True),
        sa.Column("wrong", sa.String(length=12), nullable=False),
        sa.Column("article", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_bot_turns_message_id_messages")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_bot_turns")),
    )
    live.add_index(
        "ix_bot_turns_sums", "bot_turns", ["day", "intent", "release_id", "fate", "handed", "cleared", "wrong"]
    )
    live.add_index("ix_bot_turns_day", "bot_turns", ["day", "message_id"])
    live.add_index("ix_bot_turns_intent", "bot_turns", ["intent", "day", "message_id"])
    live.add_index("ix_bot_turns_conversation", "bot_turns", ["conversation_id", "message_id"])
    live.create_table(
        "tally_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_cursor")),
    )


def downgrade() -> None:
    op.drop_table("tally_cursor")
    for name in ("conversation", "intent", "day", "sums"):
        live.drop_index(f"ix_bot_turns_{name}", "bot_turns")
    op.drop_table("bot_turns")
