"""Forms that customers are asked, and codes that prove who they are."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0032b"
down_revision = "r0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "intakes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("asked", sa.String(length=40), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("begun_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_intakes_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intakes")),
    )
    live.add_index("ix_intakes_conversation_id", "intakes", ["conversation_id"])
    live.add_index("ix_intakes_due", "intakes", ["state", "due_at"])
    live.create_table(
        "identity_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intakes.id"], name=op.f("fk_identity_checks_intake_id_intakes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_checks")),
    )
    live.add_index("ix_identity_checks_intake_id", "identity_checks", ["intake_id"])
    live.add_index("ix_identity_checks_due", "identity_checks", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("identity_checks")
    live.drop_index("ix_intakes_due", "intakes")
    live.drop_index("ix_intakes_conversation_id", "intakes")
    op.drop_table("intakes")
