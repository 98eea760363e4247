"""What colleagues know of a contact; what proves that two are one person, and how their merging can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import Contact, User


class ContactKey(Base):
    """A phone number or e-mail address that a contact proved to be his; `how` says by what."""

    __tablename__ = "contact_keys"
    __table_args__ = (UniqueConstraint("contact_id", "kind", "value"), Index("ix_contact_keys_value", "kind", "value"))

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(120))
    how: Mapped[str] = mapped_column(String(20))
    verified_at: Mapped[datetime] = mapped_column(default=now)
    verified_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    verifier: Mapped[User] = relationship()


class ContactMerge(Base):
    """`merged_id` was found to be `kept_id`. `moved` lists the rows that changed hands, so that they can go back."""

    __tablename__ = "contact_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(120))
    moved: Mapped[dict[str, Any]]
    merged_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    merged_at: Mapped[datetime] = mapped_column(default=now)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    undone_at: Mapped[datetime | None]
    merged: Mapped[Contact] = relationship(foreign_keys=merged_id)
    merger: Mapped[User] = relationship(foreign_keys=merged_by)


class ContactNote(Base):
    """What to know of a customer whatever he writes about. The newest counts; one without words takes it away."""

    __tablename__ = "contact_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime] = mapped_column(default=now)
    user: Mapped[User] = relationship()
