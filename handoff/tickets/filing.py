"""What people write on a case's cover: type, tags, fields of the house, department, outcome; and its marks."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.errors import Refused
from handoff.models import Ticket
from handoff.tickets import complaints, marking, records

TYPES = ("question", "request", "complaint", "incident", "feedback")


def file(
    session: Session,
    ticket_id: int,
    user_id: int,
    *,
    type: str,
    tags: Sequence[str],
    custom: Mapping[str, str],
    outcome: str,
) -> Ticket:
    """Set all of it as it stands in the form. A complaint stays one: only a lead may say that it was none."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    _set_type(session, ticket, type, user.role)
    ticket.tags = marking.tags(session, ticket, tags)
    ticket.custom = marking.custom(session, ticket, custom)
    ticket.outcome = outcome.strip()[: marking.LONGEST]
    records.record(session, ticket, "ticket.filed", user_id=user.id, type=ticket.type, tags=ticket.tags)
    return ticket


def repeated(session: Session, ticket_id: int, user_id: int) -> Ticket:
    """The customer had to explain it once more."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    ticket.repeats += 1
    records.record(session, ticket, "ticket.repeated", user_id=user.id)
    return ticket


def _set_type(session: Session, ticket: Ticket, type: str, role: str) -> None:
    if type not in TYPES:
        raise Refused("沒有這種案件類型。")
    if ticket.type == complaints.TYPE != type and role not in ("supervisor", "admin"):
        raise Refused("客訴要由主管改成其他類型。")
    if type == complaints.TYPE:
        complaints.begin(session, ticket)
    ticket.type = type
