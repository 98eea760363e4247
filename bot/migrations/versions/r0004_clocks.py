"""Clocks."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("anchor_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("spent", sa.Double(), nullable=False),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("next_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("breached_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_clocks_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
        sa.UniqueConstraint("ticket_id", "kind", "subject", name=op.f("uq_clocks_ticket_id_kind_subject")),
    )
    live.add_index("ix_clocks_next", "clocks", ["next_at"])
    live.add_index("ix_clocks_stopped", "clocks", ["kind", "stopped_at"])
    live.create_table(
        "sla_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sla_versions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_versions")),
    )


def downgrade() -> None:
    op.drop_table("sla_versions")
    op.drop_table("clocks")
