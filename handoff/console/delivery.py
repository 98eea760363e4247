"""What became of one of our messages, as the desk tells it, read off its row and its account alone."""

from dataclasses import dataclass
from datetime import datetime

from bot.models import OutboxRow


@dataclass(frozen=True)
class Delivery:
    """`kind` is the row's state, or what a waiting row waits for: its next try (retrying), the quota (held).

    `next_at` is when a waiting row is tried again at the latest; `error` says why it has not arrived.
    """

    kind: str
    error: str = ""
    next_at: datetime | None = None

    @property
    def undecided(self) -> bool:
        """Whether only a person can bring it on."""
        return self.kind in ("failed", "unknown")


def of(row: OutboxRow, paused_until: datetime | None, at: datetime) -> Delivery:
    """`paused_until` is until when the account has no quota for pushes."""
    if row.state != "queued":
        return Delivery(row.state, row.error)
    if paused_until is not None and paused_until > at and not _free(row, at):
        return Delivery("held", row.error, paused_until)
    if row.attempts or row.error:
        return Delivery("retrying", row.error, row.due_at)
    return Delivery("queued")


def _free(row: OutboxRow, at: datetime) -> bool:
    """Whether the row may still go out as a reply, which costs no quota."""
    return row.reply_token is not None and row.reply_until is not None and row.reply_until > at
