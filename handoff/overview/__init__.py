"""How the desk stands now, for the supervisor's board and for programs: one look, a statement for each of its parts.

Whatever it counts is live, or indexed by its time: a long past makes none of it slower.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from handoff.assignment.crew import Colleague, everybody
from handoff.clocks import pressing
from handoff.models import Clock, Ticket
from handoff.overview.alarms import Alarms, raised
from handoff.overview.arrivals import Hour, hours
from handoff.overview.queues import Queue, lined_up

LEVELS = ("L1", "L2", "L3")
LISTED = 12


@dataclass(frozen=True)
class Pressing:
    """Cases of one sort: the first of them, and how many there are in all."""

    cases: Sequence[Ticket]
    total: int


@dataclass(frozen=True)
class Overview:
    """`late` counts by level; `promised` tells of the listed cases what is due next."""

    at: datetime
    first: Pressing
    near: Pressing
    late: Mapping[str, int]
    promised: Mapping[int, Clock]
    queues: Sequence[Queue]
    crew: Sequence[Colleague]
    hours: Sequence[Hour]
    alarms: Alarms

    @property
    def waiting(self) -> int:
        return sum(queue.cases for queue in self.queues)

    @property
    def overdue(self) -> int:
        return sum(self.late.values())

    @property
    def last_hour(self) -> Hour:
        """The one that ends now."""
        return next(hour for hour in self.hours if hour.ends == self.at)

    @property
    def surging(self) -> list[Queue]:
        return [queue for queue in self.queues if queue.surge_since]


def look(session: Session, at: datetime, zone: ZoneInfo) -> Overview:
    """Everything at once, as it is at one moment."""
    comes_first, is_near = pressing.comes_first(at), pressing.is_near(at, pressing.SOON)
    late = [pressing.is_late(at) & (Ticket.level == level) for level in LEVELS]
    first_total, near_total, *overdue = pressing.tally(session, comes_first, is_near, *late)
    first = session.scalars(pressing.cases(comes_first, pressing.WORST_FIRST, LISTED)).all()
    near = session.scalars(pressing.cases(is_near, pressing.SOONEST_FIRST, LISTED)).all()
    crew = everybody(session, at, zone)
    return Overview(
        at=at,
        first=Pressing(first, first_total),
        near=Pressing(near, near_total),
        late=dict(zip(LEVELS, overdue, strict=True)),
        promised=pressing.soonest(session, [ticket.id for ticket in (*first, *near)]),
        queues=lined_up(session, at, crew),
        crew=crew,
        hours=hours(session, at),
        alarms=raised(session, at),
    )
