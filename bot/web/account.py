"""One's own account: where one is signed in, and signing out there."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from bot import db
from bot.auth import Member, allow, me, second_step, sign_ins
from bot.models import User
from bot.transactions import transact
from bot.web.pages import blueprint, services

own = allow("self")


@blueprint.get("/account")
@own
def account() -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        known = {"places": sign_ins.of(session, member().id), "step": second_step.of(session, member().id)}
        spoken = session.get_one(User, member().id).language
        return render_template("account.html", here=member().sign_in, spoken=spoken, **known)


@blueprint.post("/account/sign-out")
@own
def sign_out_there() -> ResponseReturnValue:
    """End the session of one browser, say of a lost phone."""
    key = request.form.get("key", "")
    transact(services().sessions, lambda session: sign_ins.end(session, member().id, key))
    flash(gettext("那台裝置已登出。"))
    return redirect(url_for("web.account"))


@blueprint.post("/account/sign-out-everywhere")
@own
def sign_out_everywhere() -> ResponseReturnValue:
    transact(services().sessions, lambda session: sign_ins.end_all(session, member().id, member().id))
    flash(gettext("所有裝置都已登出。"))
    return redirect(url_for("web.sign_in_form"))


def member() -> Member:
    """Who looks at the own account."""
    found = me()
    assert found is not None, "the gate lets only members in"
    return found
