"""Who was told what, how, and what became of it; and how each member of staff wishes to be told."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import JournalEntry, User
from handoff.models.tickets import Ticket


class Notice(Base):
    """Somebody is to know of something. Without a user it is for the staff's group.

    `key` names what and whom: the same thing is told once, however often it is looked at. `backs_id`: the notice
    whose receiver did not look. `backup_at` is when somebody else is told unless this one was seen by then.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_user", "user_id", "seen_at"),
        Index("ix_notices_ticket", "ticket_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    level: Mapped[str] = mapped_column(String(2), default="")
    loudness: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    backs_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    backup_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime | None]
    user: Mapped[User | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    entry: Mapped[JournalEntry | None] = relationship()
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="notice", order_by="Delivery.id")


class Delivery(Base):
    """One notice by one medium to one address. The row is written before the call, its outcome after.

    state: queued → sending → sent | queued again | failed (for good, or too old) | cancelled (seen before it went) |
    collapsed (an unread notice of the same case says it already). `why`: fallback or quiet. `key` is told to the
    medium, where it takes one, so that a repeat is not shown twice. `due_at` is the next try's time, `first_due_at` the
    first one's, from which its age counts (an older release writes none). `code` is what the last try was answered,
    by a medium that tells.
    """

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "medium", "address"),
        Index("ix_notice_deliveries_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    medium: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(254), default="")
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    state: Mapped[str] = mapped_column(String(12), default="queued")
    why: Mapped[str] = mapped_column(String(12), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    first_due_at: Mapped[datetime | None] = mapped_column(default=now)
    error: Mapped[str] = mapped_column(Text, default="")
    code: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    notice: Mapped[Notice] = relationship(back_populates="deliveries")


class NoticeCursor(Base):
    """The journal entry up to which everybody was told, and those `ahead` of it that were told already; one row."""

    __tablename__ = "notice_cursor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int]
    ahead: Mapped[list[int]] = mapped_column(JSON, default=list)


class NoticeChoice(Base):
    """How a member of staff wishes to be told: an address for mail, and quiet hours (22:00-08:00; empty: none)."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(String(254), default="")
    quiet: Mapped[str] = mapped_column(String(11), default="")


class PushSubscription(Base):
    """A browser of a member of staff that takes pushes, until its push service says that it is gone."""

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True)
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=now)
    gone_at: Mapped[datetime | None]
