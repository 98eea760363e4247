"""Changing one's own password: the current one is asked for, and every other browser is signed out."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from bot.auth import attempts, passwords, renewal
from bot.auth.passwords import WeakPassword
from bot.transactions import transact
from bot.web.account import member, own
from bot.web.pages import blueprint, services, way_on
from bot.web.refusals import refusal


@blueprint.get("/account/password")
@own
def password() -> ResponseReturnValue:
    return _form()


@blueprint.post("/account/password")
@own
def change_password() -> ResponseReturnValue:
    who, current, new = member(), request.form.get("current", ""), request.form.get("new", "")
    tried = attempts.attempt(services().sessions, who.username, current, request.remote_addr or "")
    if tried.user is None:
        return _form(wrong=refusal(tried)), 400
    mistake = _mistake(current, new)
    if mistake:
        return _form(mistake=mistake), 400
    kept = passwords.kept(new)  # slow, so outside of the transaction
    transact(services().sessions, lambda session: renewal.change(session, who.id, kept, who.sign_in))
    if request.form.get("next"):
        return redirect(way_on())
    flash(gettext("密碼已更換，其他裝置都已登出。"))
    return redirect(url_for("web.account"))


def _mistake(current: str, new: str) -> str:
    """The name of what is wrong with a new password."""
    if new == current:
        return "same"
    try:
        passwords.check(new, member().username, member().name, services().settings.shop_name)
    except WeakPassword as weak:
        return weak.code
    return ""


def _form(mistake: str = "", wrong: str = "") -> str:
    return render_template("password.html", next=request.values.get("next", ""), mistake=mistake, wrong=wrong)
