"""What the ticker asks for: the conversations in which something is due."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.breaker import LONGEST_ASKED
from bot.clock import after, now
from bot.models import OutboxRow
from bot.outbox.claims import OPEN
from bot.outbox.echoes import AWAITED
from bot.outbox.packing import CALL_SECONDS

WAKE_AGAIN = 2.0
LONGEST_WAIT = LONGEST_ASKED + 2.0  # no rule lets a row wait for longer at a time, its spread included


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
    """Make due now what waits for no good reason: the machine was away, or its clock was set back.

    What was tried keeps its pause, which the platform may have asked for, unless that is longer than any rule gives;
    a call that is under way keeps its time, unless that is longer than any call can take.
    """
    strayed = or_(OutboxRow.due_at > after(LONGEST_WAIT), OutboxRow.wake_at > after(LONGEST_WAIT))
    queued = (OutboxRow.state == "queued", OutboxRow.wake_at > now(), or_(OutboxRow.attempts == 0, strayed))
    session.execute(update(OutboxRow).where(*queued).values(due_at=now(), wake_at=now()))
    latest = after(CALL_SECONDS)
    sending = (OutboxRow.state == "sending", OutboxRow.due_at > latest)
    session.execute(update(OutboxRow).where(*sending).values(due_at=latest, wake_at=latest))
    session.execute(update(OutboxRow).where(OutboxRow.echo_by > after(AWAITED)).values(echo_by=now()))
