"""Somebody calls: the case is looked for first; only who has none gets a new one."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from bot import db
from bot.errors import Refused
from bot.nlu.policy import load as load_policy
from bot.transactions import transact
from handoff import tickets
from handoff.console.routes import blueprint
from handoff.console.visit import member, services, sidebar, staff


@blueprint.get("/phone")
@staff
def phone() -> ResponseReturnValue:
    """Search by number, phone or e-mail; under what was found, the form for a new case."""
    return _show(request.args.get("q", ""))


@blueprint.post("/phone")
@staff
def called() -> ResponseReturnValue:
    """A new case for a caller whose case was not found."""
    number, name, text, level, category = (
        request.form.get(field, "") for field in ("phone", "name", "text", "level", "category")
    )
    zone, caller, call = services().settings.zone, member().id, tickets.heard(text, level, category)
    try:
        opened = transact(
            services().sessions,
            lambda session: tickets.open_by_phone(session, caller, number, name, call, zone).number,
        )
    except Refused as refused:
        return _show(number, gettext(refused.reason, **refused.facts)), 409
    return redirect(url_for("console.case", number=opened))


def _show(query: str, problem: str = "") -> str:
    with db.reading(services().sessions) as session:
        return render_template(
            "console/case/phone.html",
            found=tickets.search(session, query),
            query=query.strip(),
            given=request.form,
            problem=problem,
            categories=tuple(load_policy()[0].categories),
            view="phone",
            **sidebar(session),
        )
