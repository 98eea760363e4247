"""The page of everything that happened to a case."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from bot import db
from bot.models import JournalEntry
from handoff.console import happening
from handoff.console.parts import Order, Part, cut
from handoff.console.routes import blueprint
from handoff.console.visit import invited, member, services, sidebar
from handoff.models import Ticket
from handoff.tickets import guests, records
from handoff.tickets.transitions import DESK

PAGE = 100
NEWEST_FIRST = Order(JournalEntry.at, JournalEntry.id, newest_first=True)


@blueprint.get("/cases/<number>/history")
@invited
def history(number: str) -> ResponseReturnValue:
    """Newest first, page by page."""
    with db.reading(services().sessions) as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one_or_none()
        if ticket is None or not (member().role in DESK or guests.sees(session, ticket, member().id)):
            abort(404)
        wanted = happening.of_case(ticket, records.threads(session, ticket))
        entries = cut(session, wanted, NEWEST_FIRST, request.args.get("after", ""), PAGE)
        return render_template(
            "console/case/history.html",
            ticket=ticket,
            part=Part(happening.told(session, entries.shown), entries.following),
            view="",
            **sidebar(session),
        )
