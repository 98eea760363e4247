"""Tickets: fields of a case, who joins it, promises, complaints, contacts that are one person."""

import sqlalchemy as sa
from alembic import op

import bot.db
from bot.migrations import live

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

ONE_OPEN = "state <> 'resolved'"
ONE_MAIN = "state NOT IN ('resolved', 'closed') AND NOT side"


def upgrade() -> None:
    live.add_columns(
        "tickets",
        sa.Column("side", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("type", sa.String(length=20), server_default="question", nullable=False),
        sa.Column("risk", sa.String(length=8), server_default="", nullable=False),
        sa.Column("tags", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("custom", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("source", sa.String(length=20), server_default="", nullable=False),
        sa.Column("department", sa.String(length=40), server_default="", nullable=False),
        sa.Column("taps", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("handoffs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeats", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.String(length=200), server_default="", nullable=False),
        sa.Column("proposed_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_message_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("split_from_id", sa.Integer(), nullable=True),
    )
    live.loosen_unique("uq_tickets_one_open", "uq_tickets_one_main", "tickets", ["conversation_id"], ONE_MAIN)
    live.create_table(
        "case_threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_case_threads_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_case_threads_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_threads")),
        sa.UniqueConstraint("ticket_id", "conversation_id", name=op.f("uq_case_threads_ticket_id_conversation_id")),
    )
    live.add_index("ix_case_threads_conversation_id", "case_threads", ["conversation_id"])
    live.create_table(
        "case_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("floor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("joined_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("left_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_case_members_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_members_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_members")),
        sa.UniqueConstraint("ticket_id", "user_id", name=op.f("uq_case_members_ticket_id_user_id")),
    )
    live.add_index("ix_case_members_user_id", "case_members", ["user_id"])
    live.create_table(
        "case_promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("to_whom", sa.String(length=80), nullable=False),
        sa.Column("due_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("broken_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("kept_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_case_promises_made_by_users")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_case_promises_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_promises")),
    )
    live.add_index("ix_case_promises_ticket_id", "case_promises", ["ticket_id"])
    live.add_index("ix_case_promises_due", "case_promises", ["state", "due_at"])
    live.create_table(
        "complaints",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("responsible", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("reply_message_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("satisfaction", sa.String(length=12), nullable=False),
        sa.Column("answered_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["reply_message_id"], ["messages.id"], name=op.f("fk_complaints_reply_message_id_messages")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_complaints_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_complaints")),
    )
    live.create_table(
        "contact_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("verified_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_keys_contact_id_contacts")),
        sa.ForeignKeyConstraint(["verified_by"], ["users.id"], name=op.f("fk_contact_keys_verified_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_keys")),
        sa.UniqueConstraint("contact_id", "kind", "value", name=op.f("uq_contact_keys_contact_id_kind_value")),
    )
    live.add_index("ix_contact_keys_value", "contact_keys", ["kind", "value"])
    live.create_table(
        "contact_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("merged_at", bot.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", bot.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["contacts.id"], name=op.f("fk_contact_merges_kept_id_contacts")),
        sa.ForeignKeyConstraint(["merged_by"], ["users.id"], name=op.f("fk_contact_merges_merged_by_users")),
        sa.ForeignKeyConstraint(["merged_id"], ["contacts.id"], name=op.f("fk_contact_merges_merged_id_contacts")),
        sa.ForeignKeyConstraint(["undone_by"], ["users.id"], name=op.f("fk_contact_merges_undone_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_merges")),
    )
    live.add_index("ix_contact_merges_kept_id", "contact_merges", ["kept_id"])
    live.add_index("ix_contact_merges_merged_id", "contact_merges", ["merged_id"])


def downgrade() -> None:
    for table in ("contact_merges", "contact_keys", "complaints", "case_promises", "case_members", "case_threads"):
        op.drop_table(table)
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("uq_tickets_one_main")
        for column in (
            "split_from_id",
            "merged_into_id",
            "seen_message_id",
            "closed_at",
            "proposed_at",
            "outcome",
            "repeats",
            "handoffs",
            "taps",
            "department",
            "source",
            "custom",
            "tags",
            "risk",
            "type",
            "side",
        ):
            batch_op.drop_column(column)
        batch_op.create_index(
            "uq_tickets_one_open",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text(ONE_OPEN),
            postgresql_where=sa.text(ONE_OPEN),
        )
