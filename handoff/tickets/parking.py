"""A case whose customer blocked us everywhere is parked: it waits, its clocks rest, and it goes on once he is back.

One that nobody has taken up yet stays in its queue: whoever does may know another way to him.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.models import OutboxRow
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.tickets import records, speaking, transitions


def look(session: Session, ticket: Ticket) -> None:
    """Park the case if nothing that we write reaches its customer."""
    if ticket.state in transitions.ALLOWED["park"] and speaking.blocked(session, ticket):
        ticket.waiting_since = None
        clocks.rest(session, ticket)
        records.move(session, ticket, "park", "ticket.parked", why="blocked")
        assignment.drain_after_commit(session)


def reached(session: Session, ticket: Ticket, *, unblocked: bool) -> bool:
    """He is there: what was kept from him goes out, and a case that waited for him is ours again. Whether one did."""
    if speaking.blocked(session, ticket):
        return False
    outbox.resend(session, _kept(session, ticket))
    if not unblocked or ticket.state not in transitions.ALLOWED["unpark"]:
        return False
    clocks.our_turn(session, ticket)
    records.move(session, ticket, "unpark", "ticket.unparked", why="unblocked")
    return True


def _kept(session: Session, ticket: Ticket) -> list[int]:
    """What colleagues wrote and only his having blocked us kept from him."""
    where = [one.id for one in records.threads(session, ticket)]
    kept = OutboxRow.state == "failed", OutboxRow.error == outbox.BLOCKED, OutboxRow.speaker == "agent"
    since = OutboxRow.created_at >= ticket.opened_at
    return list(session.scalars(select(OutboxRow.id).where(OutboxRow.conversation_id.in_(where), *kept, since)))
