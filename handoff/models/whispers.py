"""What a senior said into the ear of whoever has a case."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import User
from handoff.models.tickets import Ticket

TOLD = "ticket.whispered"  # as the journal calls it


class Whisper(Base):
    """It is bound to its case. No message, so that whatever sends, searches or lists messages cannot know it."""

    __tablename__ = "whispers"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ticket: Mapped[Ticket] = relationship()
    user: Mapped[User] = relationship()
