"""Programs elsewhere that are told what happens on the desk."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


class WebhookEndpoint(Base):
    """An address that takes our signed webhooks, until it says that it is gone. No `kinds` means all of them.

    While it is paused what it would be told waits. `old_secret` signs beside the new one until `old_until`.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(1000), unique=True)
    secret: Mapped[str] = mapped_column(String(80))
    old_secret: Mapped[str] = mapped_column(String(80), default="", server_default="")
    old_until: Mapped[datetime | None]
    kinds: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    paused_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]

    def secrets(self, at: datetime) -> list[str]:
        """What signs, newest first."""
        return [self.secret, *([self.old_secret] if self.old_until and at < self.old_until else [])]
