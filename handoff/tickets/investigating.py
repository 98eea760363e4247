"""What people find out about a complaint, and what they tell the customer came of it."""

from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.models import Message
from handoff.models import Complaint, Ticket
from handoff.tickets import calls, complaints, records, replies, speaking, transitions


def investigate(
    session: Session, ticket_id: int, user_id: int, *, responsible: str, cause: str, remedy: str
) -> Complaint:
    """Write down who was responsible, why it happened, and what is done about it."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    complaint = _complaint(session, ticket)
    complaint.responsible, complaint.cause, complaint.remedy = responsible.strip()[:80], cause.strip(), remedy.strip()
    records.record(session, ticket, "complaint.investigated", user_id=user.id, missing=complaints.missing(complaint))
    return complaint


def closing_reply(session: Session, ticket_id: int, user_id: int, text: str, key: str, seen_message_id: int) -> Message:
    """Tell the customer what came of it. It goes out like every reply; who has only a telephone was told there."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    complaint = _complaint(session, ticket)
    if speaking.able(session, ticket) is not None:
        message = replies.reply(session, ticket_id, user_id, text, key, seen_message_id)
    else:
        transitions.permit("reply", ticket)
        message = calls.spoken(session, ticket, user, "out", text)
    complaint.reply = message
    records.record(session, ticket, "complaint.replied", user_id=user.id, message_id=message.id)
    return message


def _complaint(session: Session, ticket: Ticket) -> Complaint:
    found = complaints.of(session, ticket)
    if found is None:
        raise Refused("這件案件不是客訴。")
    return found
