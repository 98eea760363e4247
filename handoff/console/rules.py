"""The page of the rules: what customers are promised, tried on the last cases before it counts."""

from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db
from bot.errors import Refused
from bot.transactions import transact
from handoff.clocks import previews, versions
from handoff.clocks.previews import Preview
from handoff.console import rulebook
from handoff.console.visit import leads, member, services, sidebar
from handoff.hours import WEEKDAYS
from handoff.models import RuleVersion, Team
from handoff.sla import SHIPPED, InvalidRules, Mistake

LONGEST = 20_000
SHOWN = 20

blueprint = Blueprint("sla", "handoff", url_prefix="/sla")


class Edition(NamedTuple):
    """A version, and what it changed of the one before."""

    version: RuleVersion
    differences: list[tuple[str, str]]


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """The rules as they are; or those of an older version, to be tried and set again."""
    with db.reading(services().sessions) as session:
        if "version" not in request.args:
            return _show(session, versions.document(session))
        number, text = _older(session)
        again = gettext("回到第 %(version)s 版", version=number) if number else gettext("回到出廠規則")
        return _show(session, text, preview=previews.preview(session, text), note=again)


@blueprint.post("/preview")
@leads
def preview() -> ResponseReturnValue:
    """What the rules in the form would change; nothing is set."""
    with db.reading(services().sessions) as session:
        text = _text(session)
        try:
            return _show(session, text, preview=previews.preview(session, text))
        except InvalidRules as invalid:
            return _show(session, text, mistakes=invalid.mistakes), 422


@blueprint.post("")
@leads
def publish() -> ResponseReturnValue:
    """Have them count from now on."""
    note, based_on, me = request.form.get("note", ""), request.form.get("based_on", 0, type=int), member().id
    with db.reading(services().sessions) as session:
        text = _text(session)
    try:
        version = transact(services().sessions, lambda s: versions.publish(s, text, me, note, based_on))
    except InvalidRules as invalid:
        return _refused(text, invalid.mistakes), 422
    except Refused as refused:
        return _refused(text, [Mistake("", refused)]), 409
    flash(gettext("已儲存為第 %(version)s 版，之後的新案件都照它。", version=version))
    return redirect(url_for("console.sla.page"))


def _text(session: Session) -> str:
    """The document as an expert wrote it, or as the fields say."""
    if "document" in request.form:
        return request.form["document"][:LONGEST].replace("\r\n", "\n")
    return rulebook.written(request.form, versions.document(session))[:LONGEST]


def _older(session: Session) -> tuple[int, str]:
    """The version that is asked for; 0 is what is shipped."""
    number = request.args.get("version", 0, type=int)
    version = session.get(RuleVersion, number) if number else None
    if number and version is None:
        abort(404)
    return number, version.document if version else SHIPPED.read_text("utf-8")


def _refused(text: str, mistakes: list[Mistake]) -> str:
    with db.reading(services().sessions) as session:
        return _show(session, text, mistakes=mistakes)


def _show(
    session: Session,
    text: str,
    preview: Preview | None = None,
    mistakes: list[Mistake] | None = None,
    note: str = "",
) -> str:
    history = _history(session)
    expert = "document" in request.form and bool(mistakes)
    told = [(mistake.field, gettext(mistake.why.reason, **mistake.why.facts)) for mistake in mistakes or ()]
    return render_template(
        "console/sla/page.html",
        document=text,
        book=rulebook.opened(versions.document(session) if expert else text),
        expert=expert,
        preview=preview,
        mistakes=told,
        history=history,
        based_on=history[0].version.id if history else 0,
        note=request.form.get("note", note),
        teams=session.scalars(select(Team).order_by(Team.id)).all(),
        weekdays=WEEKDAYS,
        view="sla",
        **sidebar(session),
    )


def _history(session: Session) -> list[Edition]:
    """The last versions, the newest first, each beside the one before it."""
    newest = select(RuleVersion).options(joinedload(RuleVersion.user)).order_by(RuleVersion.id.desc()).limit(SHOWN + 1)
    found = list(session.scalars(newest))
    before = [version.document for version in found[1:]] + [SHIPPED.read_text("utf-8")]
    pairs = zip(found[:SHOWN], before, strict=False)
    return [Edition(version, rulebook.differences(old, version.document)) for version, old in pairs]
