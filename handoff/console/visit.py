"""Who asks, and of which services: what every address of the console begins with."""

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from bot.auth import Member, allow, may, me
from bot.services import Services
from handoff import presence
from handoff.console import filters, quota, trouble
from handoff.console.views import GUESTS, VIEWS, counts
from handoff.notify import bell

staff = allow("desk.work")
helps = allow("case.helped")  # also who helps a team in a rush, with its cases
decides = allow("desk.decide")
leads = allow("desk.lead")
invited = allow("case.joined")  # also a department's contact, to the cases into which she was asked
told = allow("told")  # everybody whom anything is told of


def member() -> Member:
    """The member of staff who asks."""
    found = me()
    assert found is not None, "the gate lets only members in"
    return found


def services() -> Services:
    """The services of this app."""
    found: Services = current_app.extensions["frontline"]
    return found


def views() -> tuple[str, ...]:
    """The lists that the member may look at."""
    return VIEWS if may(member().role, "desk.work") else GUESTS


def sidebar(session: Session) -> dict[str, Any]:
    """The sidebar's numbers and gauges; who leads the desk also sees how much waits for a decision."""
    numbers = counts(session, views(), member().id) | {"notices": bell.count(session, member().id)}
    if may(member().role, "desk.lead"):
        numbers |= {"trouble": trouble.count(session)}
    return {
        "views": views(),
        "counts": numbers,
        "saved": filters.saved(session, member().id),
        "gauges": quota.gauges(session),
        "presence": presence.of(session, member().id),
        "takes_cases": may(member().role, "case.helped"),
        "runs": may(member().role, "house.run"),
        "keeps": may(member().role, "content.edit"),
        "follows": may(member().role, "case.joined"),
    }
