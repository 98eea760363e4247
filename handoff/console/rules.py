"""The page of the rules: what customers are promised, tried on the last cases before it counts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db
from bot.errors import Refused
from bot.transactions import transact
from handoff.clocks import previews, versions
from handoff.console.visit import leads, member, services, sidebar
from handoff.models import RuleVersion
from handoff.sla import InvalidRules, Mistake

LONGEST = 20_000
SHOWN = 20

blueprint = Blueprint("sla", "handoff", url_prefix="/sla")


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """The rules as they are."""
    with db.reading(services().sessions) as session:
        return _show(session, versions.document(session))


@blueprint.post("/preview")
@leads
def preview() -> ResponseReturnValue:
    """What the rules in the form would change; nothing is set."""
    text = _text()
    with db.reading(services().sessions) as session:
        try:
            return _show(session, text, preview=previews.preview(session, text))
        except InvalidRules as invalid:
            return _show(session, text, mistakes=invalid.mistakes), 422


@blueprint.post("")
@leads
def publish() -> ResponseReturnValue:
    """Have them count from now on."""
    text, note, based_on = _text(), request.form.get("note", ""), request.form.get("based_on", 0, type=int)
    me = member().id
    try:
        version = transact(services().sessions, lambda s: versions.publish(s, text, me, note, based_on))
    except InvalidRules as invalid:
        return _refused(text, invalid.mistakes), 422
    except Refused as refused:
        return _refused(text, [Mistake("", refused)]), 409
    flash(gettext("已儲存為第 %(version)s 版，之後的新案件都照它。", version=version))
    return redirect(url_for("console.sla.page"))


def _text() -> str:
    return request.form.get("document", "")[:LONGEST].replace("\r\n", "\n")


def _refused(text: str, mistakes: list[Mistake]) -> str:
    with db.reading(services().sessions) as session:
        return _show(session, text, mistakes=mistakes)


def _show(
    session: Session, text: str, preview: previews.Preview | None = None, mistakes: list[Mistake] | None = None
) -> str:
    history = select(RuleVersion).options(joinedload(RuleVersion.user)).order_by(RuleVersion.id.desc()).limit(SHOWN)
    found = session.scalars(history).all()
    told = [(mistake.field, gettext(mistake.why.reason, **mistake.why.facts)) for mistake in mistakes or ()]
    return render_template(
        "console/sla/page.html",
        document=text,
        preview=preview,
        mistakes=told,
        history=found,
        based_on=found[0].id if found else 0,
        note=request.form.get("note", ""),
        view="sla",
        **sidebar(session),
    )
