"""How often a case changed hands: each time that somebody has it who is not the one who had it last.

That is what a customer can notice, a new person, whether a colleague, the queue or a head gave it to her. Lying in a
queue is no hand-over, nor is coming back to the same person.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import JournalEntry
from handoff.models import Ticket

LEFT = ("ticket.requeued", "ticket.reopened")  # what tells from whom a case went back to a queue
LOOKED_AT = 20


def given(session: Session, ticket: Ticket, user_id: int, before: int | None = None) -> None:
    """Somebody has the case now; `before` is who gave it away, where it did not come from a queue."""
    if (before or _former(session, ticket)) not in (None, user_id):
        ticket.handoffs += 1


def _former(session: Session, ticket: Ticket) -> int | None:
    """Who had it before it went into the queue; nobody where it is new."""
    left = select(JournalEntry).where(
        JournalEntry.conversation_id == ticket.conversation_id, JournalEntry.kind.in_(LEFT)
    )
    for entry in session.scalars(left.order_by(JournalEntry.id.desc()).limit(LOOKED_AT)):
        if entry.data.get("ticket_id") == ticket.id and entry.data.get("from_user") is not None:
            return int(entry.data["from_user"])
    return None
