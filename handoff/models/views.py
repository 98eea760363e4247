"""How each member of staff looks at the list."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


class SavedFilter(Base):
    """A view with what it is narrowed to, under a name of its owner's."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(40))
    view: Mapped[str] = mapped_column(String(20))
    criteria: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
