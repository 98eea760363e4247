"""A case whose customer blocked us everywhere is parked: it waits, its clocks rest, and it goes on once he is back.

One that nobody has taken up yet stays in its queue: whoever does may know another way to him. One that waited for him
anyway goes on waiting when he is back, unless what we wrote to him is too old to go out by itself; his silence says
nothing meanwhile. One that waited for a department waits for it again, unless it has answered by then.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.clock import now
from bot.models import JournalEntry, OutboxRow
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.tickets import records, speaking, transitions

STILL_TRUE = timedelta(hours=24)  # what was written longer ago goes out only when somebody says so: the case is hers


def look(session: Session, ticket: Ticket) -> None:
    """What somebody did may have made the case ours: not while nothing that we write reaches its customer."""
    if ticket.state in ("open", "department"):
        left(session, ticket)


def left(session: Session, ticket: Ticket) -> None:
    """Park the case if nothing that we write reaches its customer."""
    if ticket.state in transitions.ALLOWED["park"] and speaking.reach(session, ticket).blocked:
        ticket.waiting_since = None
        clocks.rest(session, ticket)
        records.move(session, ticket, "park", "ticket.parked", why="blocked")
        assignment.drain_after_commit(session)


def reached(session: Session, ticket: Ticket, *, unblocked: bool) -> bool:
    """He is there: what was kept from him goes out, and a case that waited for him is ours again. Whether one did."""
    if speaking.reach(session, ticket).blocked:
        return False
    kept = _kept(session, ticket)
    lately = [row.id for row in kept if row.created_at >= now() - STILL_TRUE]
    outbox.resend(session, lately)
    if not unblocked or ticket.state not in transitions.ALLOWED["unpark"]:
        return False
    before = _parked_from(session, ticket)
    if len(lately) == len(kept) and not before:
        clocks.waits_again(session, ticket)
        return False
    clocks.our_turn(session, ticket)
    action = "unpark_department" if before == "department" else "unpark"
    records.move(session, ticket, action, "ticket.unparked", why="unblocked")
    return True


def _parked_from(session: Session, ticket: Ticket) -> str:
    """The state in which it would be, had he not blocked us; empty where it waits since we had asked him something."""
    about, was = JournalEntry.data["ticket_id"].as_integer(), JournalEntry.data["before"].as_string()
    began = JournalEntry.data["state"].as_string() == "waiting", was != "waiting"
    his = select(JournalEntry).where(JournalEntry.conversation_id == ticket.conversation_id, about == ticket.id)
    parked = session.scalar(his.where(*began).order_by(JournalEntry.id.desc()).limit(1))
    if parked is None or parked.kind != "ticket.parked":
        return ""
    answers = JournalEntry.kind == "ticket.department_answered", JournalEntry.id > parked.id
    answered = session.scalar(his.where(*answers).limit(1)) is not None
    return "open" if answered else str(parked.data["before"])


def _kept(session: Session, ticket: Ticket) -> Sequence[OutboxRow]:
    """What colleagues wrote and only his having blocked us kept from him."""
    where = [one.id for one in records.threads(session, ticket)]
    kept = OutboxRow.state == "failed", OutboxRow.error == outbox.BLOCKED, OutboxRow.speaker == "agent"
    since = OutboxRow.created_at >= ticket.opened_at
    return session.scalars(select(OutboxRow).where(OutboxRow.conversation_id.in_(where), *kept, since)).all()
