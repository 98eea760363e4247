"""Nobody has another's name at the sign-in provider."""

from alembic import op

from bot.migrations import live

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.add_unique("uq_users_provider_name", "users", "provider_name")


def downgrade() -> None:
    op.drop_index("uq_users_provider_name", "users")
