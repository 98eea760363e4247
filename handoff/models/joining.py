"""Who and what joins a case beside its own customer in its own conversation."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import Conversation, User
from handoff.models.tickets import Ticket


class CaseThread(Base):
    """Another conversation of the same customer, from which he wrote about this case."""

    __tablename__ = "case_threads"
    __table_args__ = (UniqueConstraint("ticket_id", "conversation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    joined_at: Mapped[datetime] = mapped_column(default=now)
    ticket: Mapped[Ticket] = relationship()
    conversation: Mapped[Conversation] = relationship()


class CaseMember(Base):
    """A department's contact who sees a case and writes notes on it; with the floor, also to the customer."""

    __tablename__ = "case_members"
    __table_args__ = (UniqueConstraint("ticket_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    department: Mapped[str] = mapped_column(String(40))
    floor: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    joined_at: Mapped[datetime] = mapped_column(default=now)
    accepted_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
