"""Articles on their way: drafts, versions, steps, long pages, and what of them never leaves."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0028"
down_revision = "r0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_columns(
        "articles",
        sa.Column("passages", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("tiers", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("for_staff", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("state", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("authors", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("drafted_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("drafted_by", sa.Integer(), nullable=True),
        sa.Column("sent_version", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("review_at", sa.Date(), nullable=True),
    )
    live.add_index("ix_articles_state", "articles", ["state"])
    live.add_index("ix_articles_review_at", "articles", ["review_at"])
    live.create_table(
        "article_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("live_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_versions_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_versions")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_article_versions_article_id_number")),
    )
    live.create_table(
        "article_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_steps_article_id_articles")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_article_steps_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_steps")),
    )
    live.add_index("ix_article_steps_article_id", "article_steps", ["article_id"])
    live.create_table(
        "withheld",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_withheld_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld")),
    )
    live.add_index("ix_withheld_article_id", "withheld", ["article_id"])


def downgrade() -> None:
    for table in ("withheld", "article_steps"):
        live.drop_index(f"ix_{table}_article_id", table)
        op.drop_table(table)
    op.drop_table("article_versions")
    for column in ("review_at", "state"):
        live.drop_index(f"ix_articles_{column}", "articles")
    for column in (
        *("review_at", "owner_id", "sent_version", "drafted_by", "drafted_at", "authors", "revision", "draft"),
        *("state", "for_staff", "valid_until", "valid_from", "tiers", "tags", "passages"),
    ):
        op.drop_column("articles", column)
