"""What the bot prepared, for people to approve."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0032"
down_revision = "r0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=True),
        sa.Column("edited_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_proposals_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["first_by"], ["users.id"], name=op.f("fk_proposals_first_by_users")),
        sa.ForeignKeyConstraint(["edited_by"], ["users.id"], name=op.f("fk_proposals_edited_by_users")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_proposals_decided_by_users")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_proposals_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    live.add_index("ix_proposals_ticket_id", "proposals", ["ticket_id"])
    live.add_index("ix_proposals_state", "proposals", ["state", "id"])


def downgrade() -> None:
    op.drop_table("proposals")
