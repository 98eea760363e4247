"""A case goes on in another: what is left of the time of somebody who is on both, or waits in it, goes along."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from handoff.clocks import cases, rows
from handoff.models import Clock, Ticket

ANSWERS = ("first", "next")


def goes_along(session: Session, ticket: Ticket, into: Ticket, kind: str, subjects: Mapping[int, int]) -> None:
    """Clocks of these subjects run on in the other case; a subject is told by what it was and what it is there."""
    for clock in rows.of(session, ticket.id, kind):
        if clock.subject in subjects and clock.state == "running":
            rows.inherit(session, rows.found_or_made(session, into, kind, subjects[clock.subject]), clock)
            rows.stop(session, clock)


def waits_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    """The customer is answered by the time that he was promised first, in whichever case; and that is what he hears."""
    for kinds in (ANSWERS, ("told",)):
        promised, there = _running(session, ticket, kinds), _running(session, into, kinds)
        if promised and (not there or rows.ends(session, promised) < rows.ends(session, there)):
            heir = there or rows.found_or_made(session, into, "told" if "told" in kinds else "next")
            rows.inherit(session, heir, promised)
    cases.write_down(session, into)


def _running(session: Session, ticket: Ticket, kinds: Sequence[str]) -> Clock | None:
    return next((one for one in rows.of(session, ticket.id, *kinds) if one.stopped_at is None), None)
