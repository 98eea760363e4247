"""Campaigns, who took part, what was written to them, and whom marketing must not write to."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0038"
down_revision = "r0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("postback", sa.String(length=100), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=False),
        sa.Column("starts_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("retired_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_campaigns_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    live.add_index("ix_campaigns_ends_at", "campaigns", ["ends_at"])
    live.create_table(
        "campaign_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("traffic", sa.String(length=12), nullable=False),
        sa.Column("thanked", sa.Boolean(), nullable=False),
        sa.Column("at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_entries_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_campaign_entries_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_campaign_entries_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_entries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_campaign_entries_message_id")),
    )
    live.add_index("ix_campaign_entries_campaign", "campaign_entries", ["campaign_id", "id"])
    live.add_index("ix_campaign_entries_conversation", "campaign_entries", ["conversation_id", "campaign_id"])
    live.create_table(
        "campaign_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_batches_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_campaign_batches_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_batches")),
        sa.UniqueConstraint("key", name=op.f("uq_campaign_batches_key")),
    )
    live.add_index("ix_campaign_batches_campaign_id", "campaign_batches", ["campaign_id"])
    live.create_table(
        "campaign_sends",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("said_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["campaign_batches.id"], name=op.f("fk_campaign_sends_batch_id_campaign_batches")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_campaign_sends_contact_id_contacts")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_campaign_sends_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_campaign_sends_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_sends")),
        sa.UniqueConstraint("batch_id", "contact_id", name=op.f("uq_campaign_sends_batch_id_contact_id")),
    )
    live.add_index("ix_campaign_sends_state", "campaign_sends", ["state", "id"])
    live.add_index("ix_campaign_sends_conversation", "campaign_sends", ["conversation_id", "said_at"])
    live.create_table(
        "marketing_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_marketing_refusals_contact_id_contacts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_refusals")),
    )
    live.add_index("ix_marketing_refusals_at", "marketing_refusals", ["at"])
    live.create_table(
        "audience_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=8), nullable=False),
        sa.Column("users", sa.JSON(), nullable=False),
        sa.Column("audience", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_audience_calls_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience_calls")),
    )
    live.add_index("ix_audience_calls_state", "audience_calls", ["state", "due_at"])
    live.add_index("ix_audience_calls_account_id", "audience_calls", ["account_id"])


def downgrade() -> None:
    for name in (
        "audience_calls",
        "marketing_refusals",
        "campaign_sends",
        "campaign_batches",
        "campaign_entries",
        "campaigns",
    ):
        op.drop_table(name)
