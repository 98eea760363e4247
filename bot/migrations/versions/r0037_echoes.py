"""Messages of unknown outcome wait for their echo, and then staff learn of them."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0037"
down_revision = "r0036"
branch_labels = None
depends_on = None

AWAITED = "echo_by IS NOT NULL"


def upgrade() -> None:
    live.add_columns("outbox", sa.Column("echo_by", bot.db.UtcDateTime(timezone=True), nullable=True))
    live.add_index("ix_outbox_echo", "outbox", ["echo_by"], where=AWAITED)


def downgrade() -> None:
    live.drop_index("ix_outbox_echo", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("echo_by")
