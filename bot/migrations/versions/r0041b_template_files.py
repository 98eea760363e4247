"""Files of reply templates."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0041b"
down_revision = "r0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "template_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("picture", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["reply_templates.id"], name=op.f("fk_template_files_template_id_reply_templates")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_template_files_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_files")),
        sa.UniqueConstraint("key", name=op.f("uq_template_files_key")),
    )
    live.add_index("ix_template_files_template_id", "template_files", ["template_id"])


def downgrade() -> None:
    live.drop_index("ix_template_files_template_id", "template_files")
    op.drop_table("template_files")
