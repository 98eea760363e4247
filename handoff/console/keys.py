"""Colleagues who cannot come in: whoever leads gives a one-time password, or takes off the step of a lost phone."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.auth import allow, may, passwords, provided, provider, renewal, second_step
from bot.errors import FrontlineError
from bot.models import User
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
    colleague, password, by = _colleague(), passwords.one_time(), member().id
    kept = passwords.kept(password)
    transact(services().sessions, lambda session: renewal.reset(session, colleague.username, kept, by))
    return _page(colleague.name, password)


@blueprint.post("/second-step")
@leads
def take_off_second_step() -> ResponseReturnValue:
    colleague, by = _colleague(), member().id
    transact(services().sessions, lambda session: second_step.take_off(session, colleague.id, by))
    flash(gettext("%(name)s 的兩步驟驗證已移除，其他裝置都已登出。", name=colleague.name))
    return redirect(url_for("console.keys.page"))


@blueprint.post("/provider")
@allow("house.run")
def name_at_provider() -> ResponseReturnValue:
    """What the sign-in provider calls a colleague."""
    colleague, name, by, settings = _colleague(), request.form.get("name", "")[:254], member().id, services().settings
    try:
        transact(services().sessions, lambda session: provided.call(session, settings, colleague.username, name, by))
        flash(gettext("已儲存。"))
    except FrontlineError as refused:
        flash(gettext("沒有儲存：%(why)s", why=refused))
    return redirect(url_for("console.keys.page"))


def _colleague() -> User:
    """Whom the form names, if this member may let them in."""
    with db.reading(services().sessions) as session:
        found = [user for user in _helped(session) if user.username == request.form.get("username")]
    if not found:
        abort(404)
    return found[0]


def _helped(session: Session) -> list[User]:
    return renewal.helped_by(session, member().role, member().id)


def _page(whose: str = "", password: str = "") -> str:
    with db.reading(services().sessions) as session:
        people = _helped(session)
        known = {"people": people, "stepped": second_step.those_who_have_one(session)}
        named = provider.is_set_up() and may(member().role, "house.run")
        told = {"whose": whose, "password": password, "named": named}
        return render_template("console/people/keys.html", view="people", **known, **told, **sidebar(session))
