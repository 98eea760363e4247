"""What seniors say into the ear of whoever has a case."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0025"
down_revision = "r0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "whispers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_whispers_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_whispers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whispers")),
    )
    live.add_index("ix_whispers_ticket_id", "whispers", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("whispers")
