"""Whether articles helped those who read them."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0030"
down_revision = "r0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "article_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("voted_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_votes_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_votes")),
        sa.UniqueConstraint("visitor", name=op.f("uq_article_votes_visitor")),
    )
    live.add_index("ix_article_votes_article", "article_votes", ["article_id", "version"])


def downgrade() -> None:
    live.drop_index("ix_article_votes_article", "article_votes")
    op.drop_table("article_votes")
