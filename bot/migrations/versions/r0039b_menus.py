"""LINE's rich menus: what content staff drew, what of it is at LINE, and who sees which."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0039b"
down_revision = "r0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "menu_designs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("live", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("live_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_designs")),
        sa.UniqueConstraint("state", name=op.f("uq_menu_designs_state")),
    )
    live.create_table(
        "line_menus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("design", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("menu", sa.String(length=80), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_line_menus_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_menus")),
        sa.UniqueConstraint("account_id", "state", "version", name=op.f("uq_line_menus_account_id_state_version")),
    )
    live.add_index("ix_line_menus_step", "line_menus", ["step", "due_at"])
    live.create_table(
        "menu_links",
        sa.Column("conversation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_menu_links_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_menu_links")),
    )
    live.add_index("ix_menu_links_due", "menu_links", ["done", "due_at"])


def downgrade() -> None:
    for name in ("menu_links", "line_menus", "menu_designs"):
        op.drop_table(name)
