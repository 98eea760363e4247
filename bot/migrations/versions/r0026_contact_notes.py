"""Notes about customers, kept with the contact."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0026"
down_revision = "r0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "contact_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("written_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_notes_contact_id_contacts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_contact_notes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_notes")),
    )
    live.add_index("ix_contact_notes_contact_id", "contact_notes", ["contact_id"])


def downgrade() -> None:
    live.drop_index("ix_contact_notes_contact_id", "contact_notes")
    op.drop_table("contact_notes")
