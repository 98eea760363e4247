"""How long people wait now, so that nobody is promised what the last hour has not kept."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from handoff.clocks import rows
from handoff.models import Clock, Ticket

RECENT = timedelta(hours=1)
LOOKED_AT = 100
AT_LEAST = 5  # waits; fewer tell nothing
LINES = {"first": ("new", Ticket.first_response_due_at), "next": ("open", Ticket.waiting_since)}
"""In which state of their case people wait for an answer of a kind, and who is first in line."""
SLOW = 0.8  # of the waits are shorter than what we call usual


def usual_wait(session: Session, team: str, kind: str) -> timedelta:
    """What four of five waited at most for a person of a team, for their first answer or the next: of those answered in
    the last hour, and of those who have waited longest so far. Nothing where there are too few to tell.
    """
    at = now()
    waits = sorted(_answered(session, team, kind, at) + _waiting(session, team, kind, at))
    return waits[int(len(waits) * SLOW)] if len(waits) >= AT_LEAST else timedelta()


def _answered(session: Session, team: str, kind: str, at: datetime) -> list[timedelta]:
    recent = (
        select(Clock.spent)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(Clock.kind == kind, Clock.stopped_at > at - RECENT, Ticket.team == team)
        .order_by(Clock.stopped_at.desc())
        .limit(LOOKED_AT)
    )
    return [timedelta(seconds=spent) for spent in session.scalars(recent)]


def _waiting(session: Session, team: str, kind: str, at: datetime) -> list[timedelta]:
    """A night does not count: who came after hours waits since the opening."""
    state, since = LINES[kind]
    first_in_line = (
        select(Clock)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(Ticket.state == state, Ticket.team == team, Clock.kind == kind, Clock.stopped_at.is_(None))
        .order_by(since)
        .limit(LOOKED_AT // 5)
    )
    waits = [rows.run(session, clock).at(at) for clock in session.scalars(first_in_line)]
    return [wait for wait in waits if wait > timedelta()]
