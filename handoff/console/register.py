"""The page of what was promised, in all cases: what is still to be done, the next one due first, and what was done."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from bot import db
from bot.auth import may
from bot.clock import now
from handoff.console.parts import Order, cut
from handoff.console.routes import blueprint
from handoff.console.visit import member, services, sidebar, staff
from handoff.models import CasePromise, Ticket

SIZE = 50
NEXT_FIRST = Order(CasePromise.due_at, CasePromise.id, newest_first=False)
LAST_KEPT_FIRST = Order(CasePromise.kept_at, CasePromise.id, newest_first=True)


@blueprint.get("/promises")
@staff
def promises() -> ResponseReturnValue:
    """Everybody's, or what concerns the member alone: her cases, and what she promised herself."""
    kept, mine = "kept" in request.args, "mine" in request.args
    with db.reading(services().sessions) as session:
        order = LAST_KEPT_FIRST if kept else NEXT_FIRST
        return render_template(
            "console/case/promises.html",
            part=cut(session, _wanted(kept, mine), order, request.args.get("after", ""), SIZE),
            kept=kept,
            mine=mine,
            at=now(),
            leads=may(member().role, "desk.lead"),
            view="promises",
            **sidebar(session),
        )


def _wanted(kept: bool, mine: bool) -> Select[CasePromise]:
    done = CasePromise.kept_at.is_not(None) if kept else CasePromise.kept_at.is_(None)
    shown = joinedload(CasePromise.ticket).options(joinedload(Ticket.assignee), joinedload(Ticket.contact))
    found = select(CasePromise).join(CasePromise.ticket).where(done).options(shown, joinedload(CasePromise.maker))
    me = member().id
    return found.where(or_(Ticket.assignee_id == me, CasePromise.made_by == me)) if mine else found
