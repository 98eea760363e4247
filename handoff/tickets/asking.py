"""Nobody is woken to be asked how satisfied he is: who was to be asked at night is asked when the team opens."""

from collections.abc import Sequence
from itertools import islice

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.services import Services
from bot.sweeper import every
from handoff.models import Complaint, Ticket
from handoff.tickets import complaints, records, rounds, satisfaction

BATCH = 50


@every(60)
def look(current: Services) -> None:
    """Ask those whose case was solved while they slept; each once."""
    with db.reading(current.sessions) as session:
        found = _awake(session)
    rounds.each(current.sessions, found, _ask, "asking")


def _awake(session: Session) -> Sequence[int]:
    """The longest solved first; a team that is closed for days keeps no other team's customers waiting."""
    unasked = session.scalars(_unasked().order_by(Ticket.resolved_at), execution_options={"yield_per": BATCH})
    return list(islice((ticket.id for ticket in unasked if satisfaction.awake(session, ticket)), BATCH))


def _unasked() -> Select[Ticket]:
    """While the customer still knows what it was about: so an older version's thousands are asked nothing after an
    upgrade. Complaints however long ago, as after a closure of many days: unasked, none could be closed.
    """
    fresh = or_(Ticket.type == complaints.TYPE, Ticket.resolved_at > now() - satisfaction.PATIENCE)
    solved = Ticket.state == "resolved", Ticket.resolution == "solved", fresh
    asked = exists().where(Complaint.ticket_id == Ticket.id, _asked())
    return select(Ticket).where(*solved, ~asked)


def _asked() -> ColumnElement[bool]:
    return or_(Complaint.asked_at.is_not(None), Complaint.satisfaction != "")


def _ask(session: Session, ticket_id: int) -> None:
    """Under the lock, if it is still so."""
    ticket = records.held(session, ticket_id)
    if session.scalar(_unasked().where(Ticket.id == ticket_id)) is not None and satisfaction.awake(session, ticket):
        satisfaction.ask(session, ticket)
