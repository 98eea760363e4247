"""What the ticker asks for: the conversations in which something is due."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.clock import after, now
from bot.models import OutboxRow
from bot.outbox.claims import OPEN
from bot.outbox.packing import CALL_SECONDS

WAKE_AGAIN = 2.0


def take_due(session: Session, limit: int) -> list[int]:
    """Conversations with rows that are due; each is handed out once every few seconds.

    What somebody is at right now is skipped, so nobody waits and nobody locks another out.
    """
    due = (OutboxRow.state.in_(OPEN), OutboxRow.wake_at <= now())
    found = session.execute(
        select(OutboxRow.id, OutboxRow.conversation_id).where(*due).limit(limit).with_for_update(skip_locked=True)
    ).all()
    if found:
        again = update(OutboxRow).where(OutboxRow.id.in_([id for id, _ in found])).values(wake_at=after(WAKE_AGAIN))
        session.execute(again)
    return list(dict.fromkeys(conversation for _, conversation in found))


def pull_in(session: Session) -> None:
    """Make all that waits due now: the machine was away, or its clock was set back.

    A call that is under way keeps its time, unless that is longer than any call can take.
    """
    queued = (OutboxRow.state == "queued", OutboxRow.wake_at > now())
    session.execute(update(OutboxRow).where(*queued).values(due_at=now(), wake_at=now()))
    latest = after(CALL_SECONDS)
    strayed = (OutboxRow.state == "sending", OutboxRow.due_at > latest)
    session.execute(update(OutboxRow).where(*strayed).values(due_at=latest, wake_at=latest))
