"""Changes of orders that people approve; where an order goes, and to whom."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0040"
down_revision = "r0039b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "shop_orders",
        sa.Column("recipient", sa.String(length=60), server_default="", nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
    )
    live.create_table(
        "order_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name=op.f("fk_order_changes_proposal_id_proposals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_changes")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_order_changes_proposal_id")),
    )
    live.add_index("ix_order_changes_state", "order_changes", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("order_changes")
    op.drop_column("shop_orders", "address")
    op.drop_column("shop_orders", "recipient")
