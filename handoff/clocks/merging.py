"""A case goes on in another: what is left of the time of somebody who is on both goes along."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from handoff.clocks import rows
from handoff.models import Ticket


def goes_along(session: Session, ticket: Ticket, into: Ticket, kind: str, subjects: Mapping[int, int]) -> None:
    """Clocks of these subjects run on in the other case; a subject is told by what it was and what it is there."""
    for clock in rows.of(session, ticket.id, kind):
        if clock.subject in subjects and clock.state == "running":
            rows.inherit(session, rows.found_or_made(session, into, kind, subjects[clock.subject]), clock)
            rows.stop(session, clock)
