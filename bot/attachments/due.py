"""What the ticker asks for: files that are due to be fetched or removed."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.attachments.rows import LEASE, OPEN, PAUSES
from bot.clock import after, now
from bot.models import Attachment

WAKE_AGAIN = 10.0
LONGEST_WAIT = max(LEASE, *PAUSES) + 2.0  # no rule lets a row wait for longer at a time


def any_due(session: Session) -> bool:
    """Whether there is something to do; asked several times a second, and locks nothing."""
    due = select(Attachment.id).where(Attachment.state.in_(OPEN), Attachment.wake_at <= now())
    return session.scalar(due.limit(1)) is not None


def take_due(session: Session, limit: int) -> Sequence[int]:
    """Files that somebody must be woken for; each is handed out once every few seconds."""
    due = select(Attachment.id).where(Attachment.state.in_(OPEN), Attachment.wake_at <= now())
    found = session.scalars(due.order_by(Attachment.wake_at).limit(limit).with_for_update(skip_locked=True)).all()
    if found:
        session.execute(update(Attachment).where(Attachment.id.in_(found)).values(wake_at=after(WAKE_AGAIN)))
    return found


def pull_in(session: Session) -> None:
    """Make due now what waits for longer than any rule gives: the clock was set back."""
    strayed = Attachment.due_at > after(LONGEST_WAIT)
    session.execute(update(Attachment).where(Attachment.state.in_(OPEN), strayed).values(due_at=now(), wake_at=now()))
