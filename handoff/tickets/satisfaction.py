"""How satisfied the customer is with what was done: asked by buttons when a case is solved, once a case."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.models import Conversation
from handoff.clocks import versions
from handoff.models import CaseThread, Complaint, Ticket
from handoff.sla.rules import SHOP
from handoff.tickets import phrases, records, speaking

PATIENCE = timedelta(hours=72)


def awake(session: Session, ticket: Ticket) -> bool:
    """Whether the team is open by its calendar, also where its worst cases are answered around the clock."""
    rules = versions.current(session)
    return rules.hours(rules.teams.get(ticket.team, SHOP)).is_open(now())


def asked(session: Session, ticket: Ticket) -> bool:
    """Whether the question was put: then never again, however often the case is solved anew."""
    known = session.get(Complaint, ticket.id)
    return known is not None and bool(known.asked_at or known.satisfaction)


def ask(session: Session, ticket: Ticket) -> None:
    """Ask once whether the customer is satisfied, by buttons. On the phone nobody can be asked so."""
    if asked(session, ticket):
        return
    known = session.get(Complaint, ticket.id) or Complaint(ticket_id=ticket.id)
    session.add(known)
    known.asked_at = now()
    where = speaking.able(session, ticket)
    if where is not None:
        question = phrases.say(session, where, "satisfaction_question", phrases.SATISFACTION, number=ticket.number)
        conversations.deliver_soon(session, where.id)
        records.tell(session, ticket, "ticket.rating_asked", message_id=question.id)


def meant(session: Session, conversation: Conversation) -> Ticket | None:
    """The case of which bare words speak: the one asked about last here, while the question is fresh."""
    joined = select(CaseThread.ticket_id).where(CaseThread.conversation_id == conversation.id)
    unanswered = (
        select(Ticket)
        .join(Complaint, Complaint.ticket_id == Ticket.id)
        .where((Ticket.conversation_id == conversation.id) | Ticket.id.in_(joined))
        .where(Ticket.contact_id.is_not_distinct_from(conversation.contact_id))
        .where(Complaint.asked_at > now() - PATIENCE, Complaint.satisfaction == "")
    )
    return session.scalar(unanswered.order_by(Complaint.asked_at.desc()).limit(1))


def answered(session: Session, ticket: Ticket, satisfaction: str, message_id: int) -> bool:
    """Keep what the customer said; False where he was not asked, or has said something else."""
    known = session.get(Complaint, ticket.id)
    if known is None or known.asked_at is None or known.satisfaction not in ("", "none", satisfaction):
        return False
    if known.satisfaction != satisfaction:
        known.satisfaction, known.answered_at = satisfaction, now()
        records.record(session, ticket, "ticket.rated", message_id=message_id, satisfaction=satisfaction)
    return True
