"""When somebody must be told of a clock: at which parts of its target, and how high up the ladder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.hours import OpeningHours

BREACH = 100
ACTIONS = ("urgent", "queue", "lead", "standby")


@dataclass(frozen=True)
class Rung:
    """At this part of the target (in percent; 100 is the breach) it is told to: agent, lead or head.

    `do`: what is done then as well, of ACTIONS: its priority becomes urgent, it goes back to the team's queue or to
    the team's lead, stand-by is called.
    """

    at: int
    to: str
    do: tuple[str, ...] = ()


def usual(at: int) -> tuple[str, ...]:
    """What a rung does that does not say: what is late is urgent."""
    return ("urgent",) if at >= BREACH else ()


@dataclass(frozen=True)
class Run:
    """A target that has run for `spent` before `anchor`, and runs on since then in the time of `hours`."""

    target: timedelta
    anchor: datetime
    spent: timedelta
    hours: OpeningHours

    def at(self, moment: datetime) -> timedelta:
        """How much of it is spent at a moment."""
        return self.spent + self.hours.between(self.anchor, moment)


def mark(run: Run, percent: int) -> datetime:
    """When this part of the target is over; where it is already, since the anchor."""
    left = run.target * percent / BREACH - run.spent
    return run.hours.add(run.anchor, left) if left > timedelta() else run.anchor


def next_mark(run: Run, ladder: Sequence[Rung], told: int) -> datetime | None:
    """When the next rung is due that nobody was told of."""
    return next((mark(run, rung.at) for rung in ladder if rung.at > told), None)


def passed(run: Run, ladder: Sequence[Rung], told: int, at: datetime) -> list[Rung]:
    """The rungs since `told` whose time has come."""
    return [rung for rung in ladder if rung.at > told and mark(run, rung.at) <= at]
