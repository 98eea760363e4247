"""Who has a case has seen it up to a message: kept once each, so that the message's journey tells when."""

from sqlalchemy.orm import Session

from handoff.models import Ticket
from handoff.tickets import records


def is_news(ticket: Ticket, user_id: int, message_id: int) -> bool:
    """Whether the one who has the case sees something for the first time."""
    return ticket.assignee_id == user_id and message_id > (ticket.seen_message_id or 0)


def saw(session: Session, ticket_id: int, user_id: int, message_id: int) -> None:
    """Keep it. The version stays: nothing of the case has changed."""
    ticket = records.held(session, ticket_id)
    if is_news(ticket, user_id, message_id):
        ticket.seen_message_id = message_id
        records.tell(session, ticket, "ticket.seen", user_id=user_id, message_id=message_id)
