"""Giving out what waits: the RQ job `drain`, and the ticker's look at the queue, which needs no Redis.

Each case is given in a transaction of its own; two who drain at once are harmless.
"""

from dataclasses import replace
from functools import partial

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bot import db, services
from bot.clock import now
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from handoff.assignment import claims, departures, queue, staffing
from handoff.assignment.picking import Agent, Choice, Waiting, pick
from handoff.models import Ticket

ROUNDS = 50

log = structlog.get_logger()

assigned = Counter("frontline_cases_assigned_total", "Cases given to somebody by the queue")


def drain() -> None:
    """The RQ job: what waits goes to whoever is there."""
    look(services.current())


@every(2)
def look(current: Services) -> None:
    """Give out what can be given, the most urgent first; begin again with fresh eyes when somebody was faster."""
    _relieve(current)
    for _ in range(ROUNDS):
        if _gave_all(current):
            return


def _relieve(current: Services) -> None:
    with db.reading(current.sessions) as session:
        found = session.scalar(select(Ticket.id).where(departures.left_alone()).limit(1))
    if found is not None:
        transact(current.sessions, departures.relieve)


def _gave_all(current: Services) -> bool:
    """Whether nothing is left that could be given; False when what we knew was old."""
    with db.reading(current.sessions) as session:
        agents = staffing.agents(session, now(), current.settings.zone)
    skip, page = 0, _page(current, agents, 0)
    while page:
        for case in page:
            choice = pick(case, agents)
            if choice is None:
                skip += 1
                continue
            given = _give(current, case, choice)
            if given is False:
                return False
            if given is None:
                skip += 1
                continue
            assigned.inc()
            agents = _after(agents, choice.agent.id)
        page = _page(current, agents, skip) if len(page) == queue.PAGE else []
    return True


def _give(current: Services, case: Waiting, choice: Choice) -> bool | None:
    """Whether it was given; None where that failed: those behind it must not wait for it."""
    try:
        return transact(current.sessions, partial(claims.assign, ticket_id=case.id, choice=choice))
    except DBAPIError:
        raise  # no other could be given now either
    except Exception:
        log.exception("case.not_given", ticket_id=case.id)
        return None


def _page(current: Services, agents: list[Agent], skip: int) -> list[Waiting]:
    """The next cases that somebody who is there might take; none is read while nobody might."""
    there = [agent for agent in agents if agent.there]
    if not any(agent.free or agent.senior for agent in there):
        return []
    with db.reading(current.sessions) as session:
        return queue.waiting(session, now(), {agent.team for agent in there if agent.free}, skip)


def _after(agents: list[Agent], chosen: int) -> list[Agent]:
    """The agents, now that one of them has a case more."""
    at = now()
    return [replace(a, load=a.load + 1, assigned=at) if a.id == chosen else a for a in agents]
