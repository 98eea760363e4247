"""What the bot prepared for a customer, and who let it go out, or did not."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import User
from handoff.models.tickets import Ticket


class Proposal(Base):
    """An answer, or what is said of a change, that no customer hears before people have approved it.

    state: pending → approved (it was said, as `message_id`), refused, or taken_back by the customer. `changes` is what
    is to be changed, `proof` how the customer proved who he is. Of two `approvals` that are needed, `first_by` gave the
    first; whoever edits the text approves only her own.
    """

    __tablename__ = "proposals"
    __table_args__ = (Index("ix_proposals_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    proof: Mapped[str] = mapped_column(String(200), default="")
    approvals: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    made_at: Mapped[datetime] = mapped_column(default=now)
    first_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    edited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    ticket: Mapped[Ticket] = relationship()
    first: Mapped[User | None] = relationship(foreign_keys=[first_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])
