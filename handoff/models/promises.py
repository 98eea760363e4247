"""What was promised to customers and colleagues, and whether it was kept."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import User
from handoff.models.tickets import Ticket


class CasePromise(Base):
    """What, to whom, by when. state: open → kept or broken; one that is broken may still be kept, late."""

    __tablename__ = "case_promises"
    __table_args__ = (Index("ix_case_promises_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    what: Mapped[str] = mapped_column(String(200))
    to_whom: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    broken_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    ticket: Mapped[Ticket] = relationship()
    maker: Mapped[User] = relationship()
