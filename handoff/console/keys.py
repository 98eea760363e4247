"""Colleagues who cannot come in: whoever leads gives them a one-time password, shown once."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from bot import db
from bot.auth import passwords, renewal
from bot.transactions import transact
from handoff.console.visit import leads, member, services, sidebar

blueprint = Blueprint("keys", "handoff", url_prefix="/people/keys")


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    return _page()


@blueprint.post("/password")
@leads
def reset_password() -> ResponseReturnValue:
    """The answer is the only place where the new password is ever shown."""
    username, password, by = _colleague(), passwords.one_time(), member().id
    kept = passwords.kept(password)
    transact(services().sessions, lambda session: renewal.reset(session, username, kept, by))
    return _page(username, password)


def _colleague() -> str:
    """Whom the form names, if this member may let them in."""
    username = request.form.get("username", "")
    with db.reading(services().sessions) as session:
        if username not in {user.username for user in renewal.helped_by(session, member().role, member().id)}:
            abort(404)
    return username


def _page(username: str = "", password: str = "") -> str:
    with db.reading(services().sessions) as session:
        people = renewal.helped_by(session, member().role, member().id)
        known = {"people": people, "whose": username, "password": password}
        return render_template("console/people/keys.html", view="people", **known, **sidebar(session))
