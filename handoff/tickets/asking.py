"""Nobody is woken to be asked how satisfied he is: who was to be asked at night is asked when the team opens."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from handoff.models import Complaint, Ticket
from handoff.tickets import complaints, records

BATCH = 50


@every(60)
def look(current: Services) -> None:
    """Ask those whose case was solved while they slept; each once."""
    with db.reading(current.sessions) as session:
        found: Sequence[int] = session.scalars(_unasked().order_by(Ticket.resolved_at).limit(BATCH)).all()
    for ticket_id in found:
        transact(current.sessions, partial(_ask, ticket_id=ticket_id))


def _unasked() -> Select[int]:
    """Of the last days only: what was not asked until then is asked by nobody any more."""
    solved = Ticket.state == "resolved", Ticket.resolved_at > now() - complaints.PATIENCE, Ticket.resolution == "solved"
    unasked = Complaint.asked_at.is_(None), Complaint.satisfaction == ""
    return select(Ticket.id).join(Complaint, Complaint.ticket_id == Ticket.id).where(*solved, *unasked)


def _ask(session: Session, ticket_id: int) -> None:
    """Under the lock, if it is still so."""
    ticket = records.held(session, ticket_id)
    if session.scalar(_unasked().where(Ticket.id == ticket_id)) is not None and complaints.awake(session, ticket):
        complaints.ask(session, ticket)
