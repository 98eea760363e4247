"""Imported orders, and what was tried to prove that one is somebody's."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0031"
down_revision = "r0030c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "shop_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("payment", sa.String(length=12), nullable=False),
        sa.Column("total", sa.String(length=40), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("line_user", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("changed_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_orders")),
        sa.UniqueConstraint("key", name=op.f("uq_shop_orders_key")),
    )
    live.add_index("ix_shop_orders_line_user", "shop_orders", ["line_user"])
    live.add_index("ix_shop_orders_phone", "shop_orders", ["phone"])
    live.create_table(
        "order_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_order_proofs_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_proofs")),
    )
    live.add_index("ix_order_proofs_conversation", "order_proofs", ["conversation_id", "at"])
    live.add_index("ix_order_proofs_key", "order_proofs", ["key", "at"])


def downgrade() -> None:
    for index in ("ix_order_proofs_key", "ix_order_proofs_conversation"):
        live.drop_index(index, "order_proofs")
    op.drop_table("order_proofs")
    for index in ("ix_shop_orders_phone", "ix_shop_orders_line_user"):
        live.drop_index(index, "shop_orders")
    op.drop_table("shop_orders")
