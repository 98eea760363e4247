"""What people write on a case's cover: type, tags, fields of the house, department, outcome; and its marks."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.errors import Refused
from handoff.models import Ticket
from handoff.tickets import complaints, records

TYPES = ("question", "request", "complaint", "incident", "feedback")
TAGS, FIELDS, LONGEST = 20, 20, 200


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
    ticket.tags = list(dict.fromkeys(tag.strip()[:40] for tag in tags if tag.strip()))[:TAGS]
    kept = {name.strip()[:40]: value.strip()[:LONGEST] for name, value in custom.items() if name.strip()}
    ticket.custom = dict(list(kept.items())[:FIELDS])
    ticket.outcome = outcome.strip()[:LONGEST]
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
