"""What clears a jam: each button says what the board showed, and is refused where that is no longer so."""

import json
from collections.abc import Callable

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.models import User
from bot.transactions import transact
from handoff import presence, tickets
from handoff.assignment import surge, teams
from handoff.board.routes import blueprint, show
from handoff.console.visit import leads, member, services
from handoff.models import Ticket

WHY = "主管從看板轉派"


@blueprint.post("/cases/<number>/give")
@leads
def give(number: str) -> ResponseReturnValue:
    """To a colleague who has room, if it is still with whom it was."""
    to, had_it, by = request.form.get("to", 0, type=int), request.form.get("had", type=int), member().id

    def deed(session: Session) -> object:
        case = session.scalar(select(Ticket.id).where(Ticket.number == number))
        return tickets.to_somebody_free(session, case or 0, by, to, had_it, WHY)

    return _do(deed, gettext("已轉派。"))


@blueprint.post("/teams/<key>/call")
@leads
def call(key: str) -> ResponseReturnValue:
    by = member().id
    return _do(lambda session: surge.call(session, key, by), gettext("已呼叫支援，他們現在會分到案件。"))


@blueprint.post("/teams/<key>/send-home")
@leads
def send_home(key: str) -> ResponseReturnValue:
    by = member().id
    return _do(lambda session: surge.send_home(session, key, by), gettext("支援結束了，手上的案件仍由他們處理。"))


@blueprint.post("/people/<username>/capacity")
@leads
def resize(username: str) -> ResponseReturnValue:
    team, by = request.form.get("team", ""), member().id
    was, capacity = request.form.get("was", type=int), request.form.get("capacity", type=int)
    if was is None or capacity is None:
        abort(400)
    return _do(
        lambda session: teams.resize(session, team, username, was, capacity, by=by), gettext("同時處理的上限已更新。")
    )


@blueprint.post("/people/<username>/away")
@leads
def send_away(username: str) -> ResponseReturnValue:
    by = member().id

    def deed(session: Session) -> None:
        user = session.scalar(select(User.id).where(User.username == username))
        presence.send_away(session, user if user is not None else abort(404), by)

    return _do(deed, gettext("已改為離開，不會再分案件給他；手上的案件還在，可以轉派。"))


def _do(deed: Callable[[Session], object], done: str) -> ResponseReturnValue:
    """Do it, have every screen look, and show the board as it is then."""

    def work(session: Session) -> None:
        deed(session)
        services().broker.wake_after_commit(session)

    refused = None
    try:
        transact(services().sessions, work)
    except Refused as refusal:
        refused = refusal
    if "HX-Request" not in request.headers:
        flash(gettext(refused.reason, **refused.facts) if refused else done)
        return redirect(url_for("board.page"))
    return _drawn(refused, done)


def _drawn(refused: Refused | None, done: str) -> Response:
    response: Response = make_response(show(refused))
    if refused is not None:
        response.status_code = 409
    else:
        response.headers["HX-Trigger"] = json.dumps({"toast": done})
    return response
