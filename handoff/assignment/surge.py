"""A rush on a team: far more cases than usual, or some that nobody took in time. Help is called until it is calm.

It takes less to call help than to send it home, and calm must last, so that nobody is called every few minutes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import db, journal, services
from bot.clock import now
from bot.errors import Refused
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from handoff.assignment.queue import QUEUED
from handoff.models import Member, Team, Ticket
from handoff.waking import drain_after_commit

WINDOW = timedelta(minutes=10)
DAYS = 7
FEWEST = 10  # arrivals: fewer are no rush, however quiet it usually is
FAR_ABOVE, NEARLY = 3.0, 1.5  # times the usual: where a rush begins, and where it is over
CALM_FOR = timedelta(minutes=10)

log = structlog.get_logger()


@dataclass(frozen=True)
class Load:
    """What a team has to do: cases of the last minutes, how many are usual then, and those that wait too long."""

    arrivals: int = 0
    usual: float = 0.0
    overdue: int = 0

    @property
    def rush(self) -> bool:
        return self.overdue > 0 or self.arrivals >= max(FEWEST, FAR_ABOVE * self.usual)

    @property
    def calm(self) -> bool:
        return self.overdue == 0 and self.arrivals < max(FEWEST / 2, NEARLY * self.usual)


@every(30)
def look(current: Services) -> None:
    """Call help where there is a rush; send it home where it has been calm for long enough."""
    with db.reading(current.sessions) as session:
        loads = measure(session, now())
        surging = set(session.scalars(select(Team.key).where(Team.surge_since.is_not(None))))
    for team in surging | {team for team, load in loads.items() if load.rush}:
        load = loads.get(team, Load())
        transact(current.sessions, lambda session, team=team, load=load: step(session, team, load))  # type: ignore[misc]


def measure(session: Session, at: datetime) -> dict[str, Load]:
    """The load of every team that has any."""
    arrivals, overdue = _opened(session, at), _overdue(session, at)
    before: Counter[str] = sum((_opened(session, at - timedelta(days=day)) for day in range(1, DAYS + 1)), Counter())
    return {team: Load(arrivals[team], before[team] / DAYS, overdue[team]) for team in arrivals | overdue}


def step(session: Session, key: str, load: Load) -> None:
    """What this load means for a team, whose row it locks."""
    team = _locked(session, key)
    if team is None:
        return
    if team.surge_since is None:
        if load.rush:
            _begin(session, team, load)
        return
    team.calm_since = (team.calm_since or now()) if load.calm else None
    if team.calm_since is not None and now() - team.calm_since >= CALM_FOR:
        _end(session, team)


def call(session: Session, key: str, by: int) -> None:
    """Somebody who leads calls who stands by and the team that helps, before there is a rush by the numbers.

    They are sent home as after any rush, or by hand.
    """
    team = _locked(session, key)
    if team is None or not (team.overflow or _standby(session, team)):
        raise Refused("這組沒有待命的人，也沒有支援的團隊。")
    if team.surge_since is not None:
        raise Refused("已經呼叫過支援了。")
    _begin(session, team, measure(session, now()).get(key, Load()), by)


def send_home(session: Session, key: str, by: int) -> None:
    """Somebody who leads needs no more help; what guests of the team have goes back, as after any rush."""
    team = _locked(session, key)
    if team is None or team.surge_since is None:
        raise Refused("支援已經結束了。")
    _end(session, team, by)


def call_for_late(session: Session, key: str) -> None:
    """One case is late enough for it: who stands by comes, and who helps, until it is calm."""
    team = _locked(session, key)
    if team is not None and team.surge_since is None:
        _begin(session, team, Load(overdue=1))


def _locked(session: Session, key: str) -> Team | None:
    wanted = select(Team).where(Team.key == key).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _begin(session: Session, team: Team, load: Load, by: int | None = None) -> None:
    team.surge_since, team.calm_since = now(), None
    facts: dict[str, Any] = {"arrivals": load.arrivals, "usual": round(load.usual, 1), "overdue": load.overdue}
    standby = list(_standby(session, team))
    journal.write(session, "surge.began", user_id=by, team=team.key, **facts, standby=standby, overflow=team.overflow)
    log.warning("surge.began", team=team.key, **facts)
    drain_after_commit(session)
    services.current().broker.wake_after_commit(session)


def _end(session: Session, team: Team, by: int | None = None) -> None:
    since = team.surge_since.isoformat() if team.surge_since else ""
    journal.write(session, "surge.ended", user_id=by, team=team.key, since=since)
    log.info("surge.ended", team=team.key)
    team.surge_since = team.calm_since = None
    services.current().broker.wake_after_commit(session)


def _standby(session: Session, team: Team) -> Sequence[int]:
    """Who is called: their ids."""
    called = select(Member.user_id).where(Member.team_id == team.id, Member.standby)
    return session.scalars(called.order_by(Member.id)).all()


def _opened(session: Session, until: datetime) -> Counter[str]:
    found = select(Ticket.team, func.count()).where(Ticket.opened_at > until - WINDOW, Ticket.opened_at <= until)
    return Counter({team: count for team, count in session.execute(found.group_by(Ticket.team)).all()})


def _overdue(session: Session, at: datetime) -> Counter[str]:
    """Cases in a queue whose customers should have had an answer by now."""
    late = Ticket.assignee_id.is_(None), Ticket.state.in_(QUEUED), Ticket.first_response_due_at < at
    found = select(Ticket.team, func.count()).where(*late, Ticket.first_response_at.is_(None))
    return Counter({team: count for team, count in session.execute(found.group_by(Ticket.team)).all()})
