"""Messages, people and cases are found by what they say."""

from alembic import op

from bot.migrations import live

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("messages", "contacts", "tickets"):
        live.add_search(table)


def downgrade() -> None:
    for table in ("messages", "contacts", "tickets"):
        if op.get_bind().dialect.name == "sqlite":
            for change in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER find_{table}_{change}")
            op.execute(f"DROP TABLE find_{table}")
        else:
            op.execute(f"DROP INDEX ix_find_{table}")
        op.drop_index(f"ix_find_{table}_wordless", table)
        op.drop_column(table, "words")
