"""Pictures and films of articles."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0035"
down_revision = "r0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "article_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_pictures_article_id_articles")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_article_pictures_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_pictures")),
        sa.UniqueConstraint("key", name=op.f("uq_article_pictures_key")),
    )
    live.add_index("ix_article_pictures_article_id", "article_pictures", ["article_id"])
    live.add_columns(
        "articles",
        sa.Column("picture", sa.String(length=36), server_default="", nullable=False),
        sa.Column("video", sa.Text(), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("articles", "video")
    op.drop_column("articles", "picture")
    live.drop_index("ix_article_pictures_article_id", "article_pictures")
    op.drop_table("article_pictures")
