"""The page of the rules: what customers are promised, tried on the last cases before it counts."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from handoff.clocks import previews, versions
from handoff.console import rulebook
from handoff.console.rulesheet import Sheet
from handoff.console.visit import leads, services
from handoff.models import RuleVersion
from handoff.sla import SHIPPED

blueprint = Blueprint("sla", "handoff", url_prefix="/sla")
SHEET = Sheet("console/sla/page.html", "sla", "console.sla.page", rulebook.written, lambda session, text: {})


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """The rules as they are; or those of an older version, to be tried and set again."""
    with db.reading(services().sessions) as session:
        if "version" not in request.args:
            return SHEET.show(session, versions.document(session))
        number, text = _older(session)
        again = gettext("回到第 %(version)s 版", version=number) if number else gettext("回到出廠規則")
        return SHEET.show(session, text, preview=previews.preview(session, text), note=again)


@blueprint.post("/preview")
@leads
def preview() -> ResponseReturnValue:
    return SHEET.preview()


@blueprint.post("")
@leads
def publish() -> ResponseReturnValue:
    return SHEET.publish()


def _older(session: Session) -> tuple[int, str]:
    """The version that is asked for; 0 is what is shipped."""
    number = request.args.get("version", 0, type=int)
    version = session.get(RuleVersion, number) if number else None
    if number and version is None:
        abort(404)
    return number, version.document if version else SHIPPED.read_text("utf-8")
