"""The library of solved cases, and whom one calls in other departments."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0035c"
down_revision = "r0035b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "solved_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("cautions", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_solved_cases_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solved_cases")),
        sa.UniqueConstraint("source", name=op.f("uq_solved_cases_source")),
    )
    live.add_search("solved_cases")
    live.create_table(
        "department_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("updated_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_contacts")),
    )


def downgrade() -> None:
    op.drop_table("department_contacts")
    if op.get_bind().dialect.name == "sqlite":
        for change in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER find_solved_cases_{change}")
        op.execute("DROP TABLE find_solved_cases")
    op.drop_table("solved_cases")
