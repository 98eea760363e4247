"""The policy as content staff change it: versions, the draft, trials on past messages."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0030b"
down_revision = "r0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "policy_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_policy_versions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
    )
    live.create_table(
        "policy_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_policy_drafts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_drafts")),
    )
    live.create_table(
        "policy_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("beat_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_policy_trials_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_trials")),
    )


def downgrade() -> None:
    for table in ("policy_trials", "policy_drafts", "policy_versions"):
        op.drop_table(table)
