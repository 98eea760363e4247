"""A release is what was learned and the policy; a trial names the release that it was beside; intents of staff."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0034"
down_revision = "r0032b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "releases",
        sa.Column("learned", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("shipped_at", bot.db.UtcDateTime(timezone=True), nullable=True),
    )
    live.add_columns("policy_trials", sa.Column("release_id", sa.Integer(), nullable=True))
    live.create_table(
        "own_intents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("risk", sa.String(length=10), nullable=False),
        sa.Column("complexity", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("team", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_own_intents_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_intents")),
        sa.UniqueConstraint("title", name=op.f("uq_own_intents_title")),
    )


def downgrade() -> None:
    op.drop_table("own_intents")
    with op.batch_alter_table("policy_trials") as trials:
        trials.drop_column("release_id")
    with op.batch_alter_table("releases") as releases:
        for column in ("shipped_at", "model_id", "policy_id", "learned"):
            releases.drop_column(column)
