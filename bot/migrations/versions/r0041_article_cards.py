"""Cards of articles; what customers may read of each, to be searched for sentences of others; of which dates of
review somebody was told; and which state of a solved case or a contact somebody had on the screen.
"""

import sqlalchemy as sa
from alembic import op

from bot.migrations import live

revision = "r0041"
down_revision = "r0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "articles",
        sa.Column("card", sa.JSON(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("review_told", sa.Date(), nullable=True),
        sa.Column("review_urged", sa.Date(), nullable=True),
    )
    for table in ("solved_cases", "department_contacts"):
        live.add_columns(table, sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    live.add_columns("department_contacts", sa.Column("user_id", sa.Integer(), nullable=True))
    live.add_index("ix_articles_unread", "articles", ["id"], where="told IS NULL")


def downgrade() -> None:
    live.drop_index("ix_articles_unread", "articles")
    op.drop_column("department_contacts", "user_id")
    for table in ("department_contacts", "solved_cases"):
        op.drop_column(table, "revision")
    op.drop_column("articles", "review_urged")
    op.drop_column("articles", "review_told")
    op.drop_column("articles", "told")
    op.drop_column("articles", "card")
