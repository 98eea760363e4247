"""How long people wait now, so that nobody is promised what the last hour has not kept."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.clock import now
from handoff.clocks import versions
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
    found = session.scalars(_just_answered(), {"kind": kind, "team": team, "since": at - RECENT})
    return [timedelta(seconds=spent) for spent in found]


def _waiting(session: Session, team: str, kind: str, at: datetime) -> list[timedelta]:
    """A night does not count: who came after hours waits since the opening."""
    waits = [
        timedelta(seconds=spent) + versions.of(session, rules).hours(calendar).between(anchor, at)
        for rules, calendar, anchor, spent in session.execute(_first_in_line(kind), {"kind": kind, "team": team})
    ]
    return [wait for wait in waits if wait > timedelta()]


# Asked for every new case, so they are built once.
@cache
def _just_answered() -> Select[float]:
    return (
        select(Clock.spent)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(
            Clock.kind == bindparam("kind"),
            Clock.stopped_at > bindparam("since"),
            Ticket.team == bindparam("team"),
        )
        .order_by(Clock.stopped_at.desc())
        .limit(LOOKED_AT)
    )


@cache
def _first_in_line(kind: str) -> Select[int, str, datetime, float]:
    state, since = LINES[kind]
    return (
        select(Clock.rules, Clock.calendar, Clock.anchor_at, Clock.spent)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(
            Ticket.state == state,
            Ticket.team == bindparam("team"),
            Clock.kind == bindparam("kind"),
            Clock.stopped_at.is_(None),
        )
        .order_by(since)
        .limit(LOOKED_AT // 5)
    )
