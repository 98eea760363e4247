"""Programs elsewhere that are told what happens on the desk."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


class WebhookEndpoint(Base):
    """An address that takes our signed webhooks, until it says that it is gone. No `kinds` means all of them."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(1000), unique=True)
    secret: Mapped[str] = mapped_column(String(80))
    kinds: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    gone_at: Mapped[datetime | None]
