"""The queue: cases that nobody has, in the order in which they are given out."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from handoff.assignment.picking import URGENT, Waiting
from handoff.models import PassedOver, Ticket

QUEUED = ("new", "open")
PAGE = 200
FORGIVEN = timedelta(minutes=15)  # a case may go again to somebody who let it lie that long ago
KNOWN_FOR = timedelta(days=30)
COLUMNS = (
    Ticket.id,
    Ticket.team,
    Ticket.category,
    Ticket.level,
    Ticket.first_response_due_at,
    Ticket.opened_at,
    Ticket.contact_id,
)
Rows = Sequence[Row[*tuple[Any, ...]]]
ORDER = (Ticket.level, Ticket.first_response_due_at, Ticket.opened_at, Ticket.id)  # as picking.in_order


def waiting(session: Session, at: datetime, teams: Collection[str], skip: int) -> list[Waiting]:
    """A page of the queue beyond the first `skip` cases: those of `teams`, and the urgent ones of every team."""
    rows = session.execute(_page(teams, skip)).all()
    known, not_for = _known(session, rows, at), _not_for(session, rows, at)
    return [
        Waiting(
            id=row.id,
            team=row.team,
            category=row.category,
            level=row.level,
            due=row.first_response_due_at,
            opened=row.opened_at,
            known_to=known.get(row.contact_id),
            not_for=frozenset(not_for[row.id]),
        )
        for row in rows
    ]


def _page(teams: Collection[str], skip: int) -> Select[*tuple[Any, ...]]:
    queued: Select[*tuple[Any, ...]] = select(*COLUMNS).where(Ticket.assignee_id.is_(None), Ticket.state.in_(QUEUED))
    wanted = queued.where(or_(Ticket.team.in_(teams), Ticket.level == URGENT))
    return wanted.order_by(*ORDER).offset(skip).limit(PAGE)


def _known(session: Session, rows: Rows, at: datetime) -> dict[int, int]:
    """By contact: who dealt with them last."""
    contacts = {row.contact_id for row in rows if row.contact_id is not None}
    earlier = select(Ticket.contact_id, Ticket.assignee_id).where(
        Ticket.contact_id.in_(contacts), Ticket.assignee_id.is_not(None), Ticket.opened_at > at - KNOWN_FOR
    )
    found: Rows = session.execute(earlier.order_by(Ticket.id)).all()
    return {row.contact_id: row.assignee_id for row in found}


def _not_for(session: Session, rows: Rows, at: datetime) -> dict[int, set[int]]:
    """By case: who let it lie."""
    found: dict[int, set[int]] = defaultdict(set)
    lying = select(PassedOver).where(PassedOver.ticket_id.in_([row.id for row in rows]), PassedOver.at > at - FORGIVEN)
    for passed in session.scalars(lying):
        found[passed.ticket_id].add(passed.user_id)
    return found
