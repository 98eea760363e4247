"""What a rung of the ladder does beside telling: each thing once a climb, and only where it still makes sense."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from handoff import assignment
from handoff.models import Ticket
from handoff.sla import Rung
from handoff.tickets import grading, parking

Deed = Callable[[Session, Ticket, str], object]


def climbed(session: Session, ticket: Ticket, rungs: Sequence[Rung], clock: str) -> None:
    """The clock of this kind has come to these rungs: do what they say."""
    for action in dict.fromkeys(action for rung in rungs for action in rung.do):
        DEEDS[action](session, ticket, clock)


def _to_queue(session: Session, ticket: Ticket, why: str) -> None:
    """Whoever has it and lets the customer wait has it no more, nor gets it again at once."""
    if ticket.assignee_id is not None and ticket.live and ticket.waiting_since is not None:
        assignment.passed_over(session, ticket, ticket.assignee_id)
        assignment.requeue(session, ticket, why)


def _to_lead(session: Session, ticket: Ticket, why: str) -> None:
    if ticket.live:
        assignment.to_lead(session, ticket, why)
        parking.look(session, ticket)


def _call_standby(session: Session, ticket: Ticket, why: str) -> None:
    assignment.surge.call_for_late(session, ticket.team)


DEEDS: Mapping[str, Deed] = {
    "urgent": grading.urge,
    "queue": _to_queue,
    "lead": _to_lead,
    "standby": _call_standby,
}
