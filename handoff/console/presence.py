"""Online or away, as a member chooses; and that whoever looks at the console is there."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import db
from bot.transactions import transact
from handoff import presence
from handoff.console.routes import blueprint, chosen_view
from handoff.console.visit import helps, member, services, sidebar


@blueprint.before_request
def i_am_here() -> None:
    """Every page of the console counts; an open one goes on counting through its stream."""
    presence.seen(services().sessions, member().id)


@blueprint.post("/presence")
@helps
def choose_presence() -> ResponseReturnValue:
    """Take cases, or take none for a while; whatever one has, one keeps."""
    status = request.form.get("status", "")
    if status not in presence.STATES:
        abort(400)
    transact(services().sessions, lambda session: presence.choose(session, member().id, status))
    if "HX-Request" not in request.headers:
        return redirect(url_for("console.start", view=chosen_view()))
    with db.reading(services().sessions) as session:
        return render_template("console/side.html", view=chosen_view(), **sidebar(session))
