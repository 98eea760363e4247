"""Content staff's sentences, releases made of them, and the messages that they have seen to."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0029"
down_revision = "r0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("releases", sa.Column("base", sa.String(length=64), nullable=True))
    live.create_table(
        "sentence_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("edited_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sentence_edits_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sentence_edits")),
        sa.UniqueConstraint("key", name=op.f("uq_sentence_edits_key")),
    )
    live.create_table(
        "settled_messages",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_settled_messages_message_id_messages")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_settled_messages_user_id_users")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_settled_messages")),
    )
    live.create_table(
        "builds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("sentences", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("asked_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("beat_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_builds_release_id_releases")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_builds_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_builds")),
    )
    live.add_index("ix_builds_release_id", "builds", ["release_id"])


def downgrade() -> None:
    live.drop_index("ix_builds_release_id", "builds")
    op.drop_table("builds")
    op.drop_table("settled_messages")
    op.drop_table("sentence_edits")
    with op.batch_alter_table("releases") as releases:
        releases.drop_column("base")
