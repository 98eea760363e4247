"""The board's pages: live, on the wall, and the cases behind each number.

A change elsewhere has the page ask for itself again; the wall's page is nobody's console, so nobody is there by it.
"""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.errors import Refused
from handoff import overview, presence
from handoff.board import chart
from handoff.board.rows import rows
from handoff.clocks import pressing
from handoff.console.visit import leads, member, services, sidebar
from handoff.models import Team
from handoff.overview import behind

blueprint = Blueprint("board", "handoff", url_prefix="/board", template_folder="templates")


@blueprint.before_request
def i_am_here() -> None:
    """Whoever looks at the board has the console open."""
    if request.endpoint != "board.wall":
        presence.seen(services().sessions, member().id)


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """The page, or what a live page puts in place of itself."""
    return show()


@blueprint.get("/wall")
@leads
def wall() -> ResponseReturnValue:
    """For a screen that everybody sees and nobody touches."""
    with db.reading(services().sessions) as session:
        asked = "HX-Request" in request.headers
        return render_template("board/wall_live.html" if asked else "board/wall.html", **_known(session))


@blueprint.get("/cases")
@leads
def cases() -> ResponseReturnValue:
    """The cases that a number of the board counts."""
    number, of = request.args.get("number", ""), request.args.get("of", "")[:40]
    if number not in behind.NUMBERS:
        abort(404)
    with db.reading(services().sessions) as session:
        at = now()
        tickets = session.scalars(behind.cases(number, of, at)).all()
        promised = pressing.soonest(session, [ticket.id for ticket in tickets])
        found = rows(tickets, promised, (), at)
        return render_template(
            "board/cases.html",
            rows=found,
            number=number,
            of=session.scalar(select(Team.name).where(Team.key == of)) or of,
            most=behind.LISTED,
            view="board",
            **sidebar(session),
        )


def show(refused: Refused | None = None) -> ResponseReturnValue:
    """The board as it is now; a refusal says why on top of it."""
    problem = gettext(refused.reason, **refused.facts) if refused else ""
    with db.reading(services().sessions) as session:
        return render_template(
            "board/live.html" if "HX-Request" in request.headers else "board/page.html",
            problem=problem,
            view="board",
            **_known(session),
            **sidebar(session),
        )


def _known(session: Session) -> dict[str, Any]:
    zone = services().settings.zone
    seen = overview.look(session, now(), zone)
    return {
        "seen": seen,
        "first": rows(seen.first.cases, seen.promised, seen.crew, seen.at),
        "near": rows(seen.near.cases, seen.promised, seen.crew, seen.at),
        "chart": chart.drawn(seen.hours, zone),
        "soon": pressing.SOON,
    }
