"""Front line proposes that a case is solved: the customer says so by a button, or by saying nothing for 72 hours."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.models import JournalEntry, OutboxRow
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.tickets import closing, complaints, parking, phrases, records, speaking, transitions, undecided

SILENCE = timedelta(hours=72)
NEVER_HEARD = ("failed", "cancelled")


def propose(session: Session, ticket_id: int, user_id: int, seen_message_id: int) -> Ticket:
    """Ask the customer whether it is solved. Asking again while he has not answered is harmless."""
    ticket, user = records.own(session, "propose", ticket_id, user_id)
    if ticket.proposed_at is not None and ticket.state == "waiting":
        return ticket
    records.require_seen(session, ticket, seen_message_id)
    complaints.require_answered(session, ticket)
    undecided.require_none(session, ticket)
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


def unheard(session: Session, ticket: Ticket, message_id: int) -> None:
    """This message did not arrive; if it was the question, his silence says nothing."""
    records.held(session, ticket.id)
    question = _question(session, ticket) if ticket.proposed_at and ticket.state == "waiting" else None
    if question is not None and question.message_id == message_id:
        _lapse(session, ticket, "ticket.proposal_unheard")


def silent(session: Session, ticket: Ticket) -> None:
    """72 hours have passed without a word: the case is solved. Anything else that happened since counts more.

    They count from when the question went out, which may wait for the month's pushes.
    """
    records.held(session, ticket.id)
    if ticket.proposed_at is None or ticket.state != "waiting":
        return
    question = _question(session, ticket)
    over = _heard_at(question, ticket.proposed_at) + SILENCE
    if question is not None and question.state in NEVER_HEARD:
        _lapse(session, ticket, "ticket.proposal_unheard")
    elif now() < over:
        clocks.begin(session, ticket, "proposal", over)
    elif not _solved(session, ticket, "silence"):
        _lapse(session, ticket, "ticket.proposal_lapsed")


def _lapse(session: Session, ticket: Ticket, kind: str) -> None:
    """The question answers nothing: it is our turn again."""
    clocks.our_turn(session, ticket)
    records.move(session, ticket, "lapse", kind)
    parking.look(session, ticket)


def _solved(session: Session, ticket: Ticket, why: str, message_id: int | None = None) -> bool:
    """False where a person must look: the case changed hands since the customer was asked, or lacks something now."""
    lacks = complaints.lacking(session, ticket) or undecided.waits(session, ticket)
    if lacks or ticket.state not in transitions.ALLOWED["resolve"]:
        return False
    closing.solved(session, ticket, why, message_id=message_id)
    return True


def _heard_at(question: OutboxRow | None, proposed_at: datetime) -> datetime:
    """Since when the customer knows the question: not before now while it waits."""
    if question is None or question.state == "unknown":
        return proposed_at
    return question.sent_at or now()


def _question(session: Session, ticket: Ticket) -> OutboxRow | None:
    """What the customer was asked last, on its way."""
    proposed = select(JournalEntry.message_id).where(
        JournalEntry.conversation_id == ticket.conversation_id,
        JournalEntry.kind == "ticket.proposed",
        JournalEntry.data["ticket_id"].as_integer() == ticket.id,
    )
    last = proposed.order_by(JournalEntry.id.desc()).limit(1).scalar_subquery()
    return session.scalar(select(OutboxRow).where(OutboxRow.message_id == last))
