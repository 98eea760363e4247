"""The tables of orders: those that a shop imports, and what was tried to prove that one is somebody's."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


class ShopOrder(Base):
    """An imported order. `key` is its number as numbers are compared; goods and parcels lie in `details`."""

    __tablename__ = "shop_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    number: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    payment: Mapped[str] = mapped_column(String(12), default="")
    total: Mapped[str] = mapped_column(String(40), default="")
    placed_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    line_user: Mapped[str] = mapped_column(String(80), default="", index=True)
    phone: Mapped[str] = mapped_column(String(20), default="", index=True)
    recipient: Mapped[str] = mapped_column(String(60), default="", server_default="")
    address: Mapped[str] = mapped_column(String(200), default="", server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class OrderProof(Base):
    """A try to prove by the last digits of its phone that an order is one's own. `good`: it was right."""

    __tablename__ = "order_proofs"
    __table_args__ = (
        Index("ix_order_proofs_conversation", "conversation_id", "at"),
        Index("ix_order_proofs_key", "key", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    key: Mapped[str] = mapped_column(String(40))
    good: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)
