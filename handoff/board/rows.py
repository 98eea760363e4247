"""A case as the board shows it: the promise that is next, and who could have the case instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handoff import models
from handoff.assignment.crew import Colleague
from handoff.console.clocks import Clock, countdown, of_row
from handoff.models import Ticket

OFFERED = 6


@dataclass(frozen=True)
class Row:
    """`promise`: what is due next (first, next, resolution); `helpers`: who has room, the fittest first."""

    ticket: Ticket
    promise: str
    clock: Clock
    helpers: tuple[Colleague, ...]

    @property
    def name(self) -> str:
        return self.ticket.contact.name if self.ticket.contact else ""


def rows(
    tickets: Sequence[Ticket], promised: Mapping[int, models.Clock], crew: Sequence[Colleague], at: datetime
) -> list[Row]:
    return [_row(ticket, promised.get(ticket.id), crew, at) for ticket in tickets]


def _row(ticket: Ticket, promise: models.Clock | None, crew: Sequence[Colleague], at: datetime) -> Row:
    helpers = _helpers(ticket, crew)
    if promise is None or promise.due_at is None:
        return Row(ticket, "", of_row(ticket, ticket.waiting_since or ticket.opened_at, at), helpers)
    return Row(ticket, promise.kind, countdown(promise.started_at, promise.due_at, at), helpers)


def _helpers(ticket: Ticket, crew: Sequence[Colleague]) -> tuple[Colleague, ...]:
    """Who would get it from the queue comes first, then who has most room."""
    free = (one for one in crew if one.free and one.id != ticket.assignee_id)

    def by_fitness(one: Colleague) -> tuple[bool, float, str]:
        return (not one.fits(ticket.team, ticket.category), one.load / one.capacity, one.name)

    return tuple(sorted(free, key=by_fitness)[:OFFERED])
