"""Front line proposes that a case is solved: the customer says so by a button, or by saying nothing for 72 hours."""

from datetime import timedelta

from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.tickets import closing, complaints, phrases, records, speaking, transitions

SILENCE = timedelta(hours=72)


def propose(session: Session, ticket_id: int, user_id: int, seen_message_id: int) -> Ticket:
    """Ask the customer whether it is solved. Asking again while he has not answered is harmless."""
    ticket, user = records.own(session, "propose", ticket_id, user_id)
    if ticket.proposed_at is not None and ticket.state == "waiting":
        return ticket
    records.require_seen(session, ticket, seen_message_id)
    complaints.require_answered(session, ticket)
    where = speaking.place(session, ticket)
    message = phrases.say(session, where, "solved_question", phrases.SOLVED, number=ticket.number)
    conversations.deliver_soon(session, where.id)
    ticket.proposed_at, ticket.waiting_since = now(), None
    ticket.first_response_at = ticket.first_response_at or now()
    records.move(session, ticket, "propose", "ticket.proposed", user_id=user.id, message_id=message.id)
    clocks.answered(session, ticket)
    clocks.waits(session, ticket)
    clocks.begin(session, ticket, "proposal", now() + SILENCE)
    assignment.drain_after_commit(session)
    return ticket


def answered(session: Session, ticket: Ticket, tap: str, message_id: int) -> bool:
    """The customer tapped an answer; whether the case is solved. If not, the same person goes on."""
    if tap == "solved_yes" and _solved(session, ticket, "customer_agreed", message_id):
        return True
    withdraw(session, ticket)
    ticket.waiting_since = now()
    kind = "ticket.proposal_refused" if tap == "solved_no" else "ticket.proposal_lapsed"
    records.move(session, ticket, "customer_wrote", kind, message_id=message_id)
    clocks.customer_wrote(session, ticket)
    return False


def withdraw(session: Session, ticket: Ticket) -> None:
    """Whoever writes something else has not agreed: a person reads it, and silence resolves nothing any more."""
    if ticket.proposed_at is not None:
        ticket.proposed_at = None
        clocks.end(session, ticket, "proposal")


def silent(session: Session, ticket: Ticket) -> None:
    """72 hours have passed without a word: the case is solved. Anything else that happened since counts more."""
    records.held(session, ticket.id)
    if ticket.proposed_at is None or ticket.state != "waiting" or now() < ticket.proposed_at + SILENCE:
        return
    if not _solved(session, ticket, "silence"):
        clocks.our_turn(session, ticket)
        records.move(session, ticket, "lapse", "ticket.proposal_lapsed")


def _solved(session: Session, ticket: Ticket, why: str, message_id: int | None = None) -> bool:
    """False where a person must look: the case changed hands since the customer was asked, or lacks something now."""
    if ticket.state not in transitions.ALLOWED["resolve"] or complaints.lacking(session, ticket):
        return False
    closing.solved(session, ticket, why, message_id=message_id)
    return True
