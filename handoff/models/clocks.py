"""What runs against the clock, and the rules it runs by."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import User
from handoff.models.tickets import Ticket


class Clock(Base):
    """One target of a case. `subject` tells several of a kind apart (the promise, the department's request).

    It has run for `spent` seconds of its calendar's time before `anchor_at`, and runs on since then unless paused.
    `target` is the whole span in seconds; without one it only measures. `next_at` is when somebody must be told
    next, `told` the last part of the target (in percent) that somebody was told of.
    state: running ⇄ paused → stopped, in time or late; `breached_at` is when it was seen to be late.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        UniqueConstraint("ticket_id", "kind", "subject"),
        Index("ix_clocks_next", "next_at"),
        Index("ix_clocks_stopped", "kind", "stopped_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(10), default="running")
    started_at: Mapped[datetime]
    anchor_at: Mapped[datetime]
    spent: Mapped[float] = mapped_column(default=0.0)
    target: Mapped[float | None]
    calendar: Mapped[str] = mapped_column(String(40), default="")
    rules: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    told: Mapped[int] = mapped_column(default=0)
    breached_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    ticket: Mapped[Ticket] = relationship()


class RuleVersion(Base):
    """The promises of the house as a supervisor set them, as YAML. The newest counts; none is ever changed."""

    __tablename__ = "sla_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    user: Mapped[User | None] = relationship()
