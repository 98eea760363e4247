"""A case that was solved, and of which nobody has said a word since, is closed by itself after a while.

Found by the index of states and times, the longest solved first; a complaint only once nothing is missing of it.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.models import OutboxRow
from bot.services import Services
from bot.sweeper import every
from handoff.clocks import versions
from handoff.models import Complaint, Ticket
from handoff.models.complaints import LOST
from handoff.tickets import closing, complaints, records, rounds
from handoff.tickets.satisfaction import PATIENCE

BATCH = 50


@every(60)
def look(current: Services) -> None:
    """Close what has been silent for long enough; what is left waits for the next look."""
    with db.reading(current.sessions) as session:
        patience = versions.current(session).close_after
        found = _silent(session, patience)
    rounds.each(current.sessions, found, partial(_close, patience=patience), "expiring")


def _silent(session: Session, patience: timedelta) -> Sequence[int]:
    solved = Ticket.state == "resolved", Ticket.resolved_at <= now() - patience, _closable()
    return session.scalars(select(Ticket.id).where(*solved).order_by(Ticket.resolved_at).limit(BATCH)).all()


def _close(session: Session, ticket_id: int, patience: timedelta) -> None:
    """Under the lock, if it is still so."""
    ticket = records.held(session, ticket_id)
    if ticket.state == "resolved" and ticket.resolved_at is not None and ticket.resolved_at <= now() - patience:
        closing.closed(session, ticket, "silence")


def _closable() -> ColumnElement[bool]:
    """As `complaints.require_closable` asks, so that what cannot be closed is not looked at again and again."""
    asked = or_(Complaint.satisfaction != "", Complaint.asked_at <= now() - PATIENCE)
    known = Complaint.responsible != "", Complaint.cause != "", Complaint.remedy != ""
    lost = exists().where(OutboxRow.message_id == Complaint.reply_message_id, OutboxRow.state.in_(LOST))
    told = Complaint.reply_message_id.is_not(None), ~lost
    whole = exists().where(Complaint.ticket_id == Ticket.id, asked, *known, *told)
    return or_(Ticket.type != complaints.TYPE, whole)
