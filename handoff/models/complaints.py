"""What is known of a case's end: how the customer took it, and of a complaint what must be known before it closes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db import Base
from bot.models import Message

LOST = frozenset({"failed", "unknown", "cancelled"})


class Complaint(Base):
    """Who was responsible, why it happened, what was done, what the customer was told and how he took it.

    Of a case that is no complaint only how he took it is kept here. satisfaction: satisfied, neutral, dissatisfied;
    none: he was asked and did not answer in time.
    """

    __tablename__ = "complaints"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    responsible: Mapped[str] = mapped_column(String(80), default="")
    cause: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    reply_message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    asked_at: Mapped[datetime | None]
    satisfaction: Mapped[str] = mapped_column(String(12), default="")
    answered_at: Mapped[datetime | None]
    reply: Mapped[Message | None] = relationship()

    @property
    def lost(self) -> bool:
        """Whether the closing reply did not surely arrive; what was said on the phone did."""
        return bool(self.reply and self.reply.outbox and self.reply.outbox.state in LOST)

    @property
    def told(self) -> bool:
        """Whether the customer was told what came of it, as far as anybody knows."""
        return bool(self.reply_message_id) and not self.lost
