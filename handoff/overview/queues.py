"""What waits in each team's queue: how much, for how long, how near to its promise, and who could help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, case, cast, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from handoff.assignment.crew import Colleague
from handoff.assignment.queue import QUEUED
from handoff.models import Team, Ticket

WAITS = Ticket.assignee_id.is_(None), Ticket.state.in_(QUEUED)


class Waiting(NamedTuple):
    """How many cases, since when the oldest waits, and the largest share of its time that one has used."""

    cases: int
    oldest: datetime | None
    share: int


NOTHING = Waiting(0, None, 0)


@dataclass(frozen=True)
class Queue:
    """A team's queue. `share`: how much of its time the case that is worst off has used, in percent.

    `standby` and `overflow` are who could be called; `surge_since`: they are, since then.
    """

    team: str
    title: str
    cases: int
    oldest: datetime | None
    share: int
    surge_since: datetime | None
    standby: tuple[str, ...]
    overflow: str

    @property
    def help(self) -> bool:
        """Whether there is anybody to call."""
        return bool(self.standby or self.overflow)


def lined_up(session: Session, at: datetime, crew: Sequence[Colleague]) -> list[Queue]:
    """The fullest of their time first; every team of the house, and whatever other names cases have."""
    teams = {team.key: team for team in session.scalars(select(Team).order_by(Team.id))}
    waiting = _waiting(session, at)
    found = [_queue(key, teams, waiting.get(key, NOTHING), crew) for key in teams | waiting]
    return sorted(found, key=lambda queue: (-queue.share, -queue.cases))


def _queue(key: str, teams: Mapping[str, Team], waiting: Waiting, crew: Sequence[Colleague]) -> Queue:
    team = teams.get(key)
    helper = teams.get(team.overflow) if team else None
    return Queue(
        key,
        team.name if team else key,
        *waiting,
        surge_since=team.surge_since if team else None,
        standby=tuple(one.name for one in crew if any(seat.team == key and seat.standby for seat in one.seats)),
        overflow=helper.name if helper else "",
    )


def _waiting(session: Session, at: datetime) -> dict[str, Waiting]:
    """By team."""
    opened, due = _seconds(Ticket.opened_at), _seconds(Ticket.first_response_due_at)
    used = (int(at.timestamp()) - opened) * 100 // func.nullif(due - opened, 0)
    share = func.max(case((Ticket.first_response_at.is_(None), used), else_=0))
    since = func.min(func.coalesce(Ticket.waiting_since, Ticket.opened_at))
    found = session.execute(select(Ticket.team, func.count(), since, share).where(*WAITS).group_by(Ticket.team))
    return {team: Waiting(cases, oldest, max(0, int(used or 0))) for team, cases, oldest, used in found}


def _seconds(moment: InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    return cast(extract("epoch", moment), BigInteger)
