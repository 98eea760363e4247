"""Keys of further accounts, sealed."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0023"
down_revision = "r0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "account_keys",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_keys_account_id_accounts")),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_account_keys_set_by_users")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_keys")),
    )


def downgrade() -> None:
    op.drop_table("account_keys")
