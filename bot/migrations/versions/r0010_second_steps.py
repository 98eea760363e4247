"""Second steps of signing in, and by which way somebody came."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns("sign_ins", sa.Column("way", sa.String(length=10), server_default="password", nullable=False))
    live.create_table(
        "second_steps",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_steps_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_steps")),
    )
    live.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_codes_digest")),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("second_steps")
    op.drop_column("sign_ins", "way")
