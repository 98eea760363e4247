"""Articles are found by their words and by what their questions mean."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0030c"
down_revision = "r0030b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_search("articles")
    live.create_table(
        "article_vectors",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_vectors_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_vectors")),
    )
    live.add_index("ix_article_vectors_made_at", "article_vectors", ["made_at"])


def downgrade() -> None:
    live.drop_index("ix_article_vectors_made_at", "article_vectors")
    op.drop_table("article_vectors")
    if op.get_bind().dialect.name == "sqlite":
        for change in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER find_articles_{change}")
        op.execute("DROP TABLE find_articles")
    else:
        op.execute("DROP INDEX ix_find_articles")
    op.drop_index("ix_find_articles_wordless", "articles")
    op.drop_column("articles", "words")
