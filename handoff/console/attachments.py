"""Files of a case: taken in for the next reply, and one of the customer's that could not be had, once more."""

from typing import IO

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from bot import db
from bot.auth.bodies import files_too
from bot.errors import Refused
from handoff import tickets
from handoff.console.actions import act, case_id
from handoff.console.routes import blueprint
from handoff.console.visit import invited, member, services, staff


@blueprint.post("/cases/<number>/attachments")
@files_too
@invited
def attach(number: str) -> ResponseReturnValue:
    """Take a file in, or a copy of what goes with a template; what comes back stands in the composer, and goes with its
    form."""
    given, template = request.files.get("file"), request.form.get("template", type=int)
    if given is None and template is None:
        return jsonify(message=gettext("沒有收到檔案。")), 400
    with db.reading(services().sessions) as session:
        case = case_id(session, number)
    try:
        name, file = (given.filename or "", given.stream) if given else _of_template(template or 0)
        kept = tickets.upload(services(), case, member().id, name, file)
    except Refused as refused:
        return jsonify(message=gettext(refused.reason, **refused.facts)), 409
    return render_template("console/enclosed.html", file=kept), 201


def _of_template(template_id: int) -> tuple[str, IO[bytes]]:
    with db.reading(services().sessions) as session:
        return services().wiring.templates.enclosure(session, template_id)


@blueprint.post("/cases/<number>/attachments/<int:attachment_id>/fetch")
@staff
def fetch_again(number: str, attachment_id: int) -> ResponseReturnValue:
    done = gettext("好，馬上再取得一次。")
    return act(number, lambda session, case: tickets.fetch_again(session, case, member().id, attachment_id), done)
