"""The desk's tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import Contact, Conversation, User
from bot.searching import Searched
from handoff.models.complaints import Complaint

LIVE = ("new", "open", "waiting", "department")
DONE = ("resolved", "closed")
ONE_MAIN = "state NOT IN ('resolved', 'closed') AND NOT side"


class Ticket(Searched, Base):
    """A case that a person owns. One an episode of a conversation, so opening twice is harmless.

    state: new (nobody has it) → open (claimed) ⇄ waiting (for the customer) or department → resolved → closed.
    `resolution` tells how it ended: solved, handed_back (the bot goes on), or merged (into another case).
    `side`: it lives beside the conversation's main case, from which it was split. `proposed_at`: the customer was
    asked whether it is solved. `handoffs`: how often a new person had it; `repeats`: how often the customer had to
    explain again. `version` rises with every change; a stale screen is told by it.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("conversation_id", "episode"),
        Index("ix_tickets_state_due", "state", "first_response_due_at"),
        Index("ix_tickets_assignee", "assignee_id", "state"),
        Index("ix_tickets_resolved", "state", "resolved_at"),
        Index("ix_tickets_opened", "opened_at", "team"),
        Index("ix_tickets_over", "resolved_at", "id"),
        Index(
            "uq_tickets_one_main",
            "conversation_id",
            unique=True,
            sqlite_where=text(ONE_MAIN),
            postgresql_where=text(ONE_MAIN),
        ),
    )
    SAYS = ("number", "summary", "outcome", "facts", "tags", "custom")

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    episode: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="new")
    reason: Mapped[str] = mapped_column(String(200))
    intent: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(2))
    priority: Mapped[str] = mapped_column(String(10))
    team: Mapped[str] = mapped_column(String(20))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    waiting_since: Mapped[datetime | None]
    first_response_due_at: Mapped[datetime]
    resolution_due_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(String(12), default="")
    reopened: Mapped[int] = mapped_column(default=0)
    side: Mapped[bool] = mapped_column(default=False, server_default="0")
    type: Mapped[str] = mapped_column(String(20), default="question", server_default="question")
    risk: Mapped[str] = mapped_column(String(8), default="", server_default="")
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    source: Mapped[str] = mapped_column(String(20), default="", server_default="")
    department: Mapped[str] = mapped_column(String(40), default="", server_default="")
    taps: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    handoffs: Mapped[int] = mapped_column(default=0, server_default="0")
    repeats: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[str] = mapped_column(String(200), default="", server_default="")
    proposed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    seen_message_id: Mapped[int | None]
    merged_into_id: Mapped[int | None]
    split_from_id: Mapped[int | None]
    conversation: Mapped[Conversation] = relationship()
    contact: Mapped[Contact | None] = relationship()
    assignee: Mapped[User | None] = relationship()
    ending: Mapped[Complaint | None] = relationship(viewonly=True)

    @property
    def live(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state in LIVE


class TicketCounter(Base):
    """The last case number given out on a day (local to the shop)."""

    __tablename__ = "ticket_counters"

    day: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int]


class ReplyKey(Base):
    """The idempotency key of an agent's reply: a double click or a repeated call sends once."""

    __tablename__ = "reply_keys"

    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
