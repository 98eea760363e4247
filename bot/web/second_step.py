"""The second step: asked for at the sign-in, set up and taken off by its owner."""

from typing import Any

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from bot import db
from bot.auth import attempts, halfway, public, second_step, sign_in
from bot.transactions import transact
from bot.web.account import member, own
from bot.web.pages import blueprint, services, way_on
from bot.web.refusals import refusal

DRAFT = "second_step"  # in the cookie of who sets one up: the secret on the page, until a code proves that it was read


@blueprint.get("/sign-in/code")
@public
def code_form() -> ResponseReturnValue:
    if halfway.who(services().sessions) is None:
        return redirect(url_for("web.sign_in_form", next=request.args.get("next", "")))
    return _ask()


@blueprint.post("/sign-in/code")
@public
def try_code() -> ResponseReturnValue:
    user = halfway.who(services().sessions)
    if user is None:
        flash(gettext("等太久了，請重新登入。"))
        return redirect(url_for("web.sign_in_form", next=request.form.get("next", "")))
    code = request.form.get("code", "")
    tried = second_step.attempt(services().sessions, services().settings, user.id, code)
    if tried.user is None:
        return _ask(refusal(tried)), 401
    sign_in(tried.user)
    return redirect(way_on())


@blueprint.get("/account/second-step", endpoint="second_step")
@own
def own_second_step() -> ResponseReturnValue:
    return _page()


@blueprint.post("/account/second-step")
@own
def set_up() -> ResponseReturnValue:
    """The answer is the only place where the recovery codes are ever shown."""
    me, settings, secret, code = member(), services().settings, session.get(DRAFT, ""), request.form.get("code", "")
    codes = transact(services().sessions, lambda s: second_step.set_up(s, settings, me.id, secret, code, me.sign_in))
    if not codes:
        return _page(mistake=gettext("驗證碼不對。確認手機的時間是自動設定，再輸入最新的一組。")), 400
    session.pop(DRAFT)
    return render_template("recovery_codes.html", codes=codes, way_on=way_on())


@blueprint.post("/account/second-step/off")
@own
def take_off() -> ResponseReturnValue:
    me = member()
    password, address = request.form.get("password", ""), request.remote_addr or ""
    tried = attempts.attempt(services().sessions, me.username, password, address)
    if tried.user is None:
        return _page(mistake=refusal(tried)), 400
    transact(services().sessions, lambda session: second_step.take_off(session, me.id, by=me.id))
    flash(gettext("兩步驟驗證已關閉。"))
    return redirect(url_for("web.account"))


def _ask(mistake: str = "") -> str:
    return render_template("code.html", next=request.values.get("next", ""), mistake=mistake)


def _page(mistake: str = "") -> str:
    with db.reading(services().sessions) as reader:
        known = second_step.of(reader, member().id)
        left = second_step.codes_left(reader, member().id)
    more = {"left": left} if known else _drafted()
    wanted = request.values.get("next", "")
    return render_template("second_step.html", known=known, mistake=mistake, next=wanted, **more)


def _drafted() -> dict[str, Any]:
    """The secret that waits for its first code, as text and as a picture."""
    secret = session.setdefault(DRAFT, second_step.draft())
    address = second_step.address(secret, member().username, services().settings.shop_name)
    picture = segno.make(address, error="m").svg_inline(svgclass="qr", lineclass=None, omitsize=True, light="#fff")
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return {"secret": " ".join(groups), "address": address, "picture": Markup(picture)}
