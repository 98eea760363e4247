"""What proves that two contacts are one person, and how their merging can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


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
