"""The others at an open case: an open page says every few seconds that it is looked at, and shows who else looks."""

from dataclasses import dataclass

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.models import User
from handoff import company
from handoff.company import Company
from handoff.console import pane
from handoff.console.routes import blueprint
from handoff.console.visit import invited, member, services
from handoff.models import Ticket
from handoff.tickets import whispers

GONE = "gone"


@dataclass(frozen=True)
class Colleague:
    """Somebody who looks at the case too, and what she is writing there."""

    id: int
    name: str
    writing: str


@blueprint.post("/cases/<number>/company")
@invited
def keep_company(number: str) -> ResponseReturnValue:
    """I look at the case, or write there, or am gone; who else is there."""
    doing, me, broker = request.form.get("doing", ""), member().id, services().broker
    with db.reading(services().sessions) as session:
        ticket = pane.visible(session, number, member())
        if ticket is None:
            abort(404)
        if doing == GONE:
            company.leave(broker, ticket.number, me)
            return Response(status=204)
        found = company.look(broker, ticket.number, me, doing)
        return render_template("console/company.html", colleagues=_named(session, ticket, found))


def _named(session: Session, ticket: Ticket, found: Company) -> list[Colleague]:
    """They, by name. That somebody whispers is seen by who will hear it."""
    if not found.others:
        return []
    hears = whispers.hears(ticket, member().id, member().role)
    shown = {who: kind for who, kind in found.writing.items() if hears or kind != "whisper"}
    users = session.scalars(select(User).where(User.id.in_(found.others)).order_by(User.name, User.id))
    return [Colleague(user.id, user.name, shown.get(user.id, "")) for user in users]
