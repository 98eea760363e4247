"""Colleagues in the composer: found while typing after the @ of a note."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import db
from handoff.console.routes import blueprint
from handoff.console.templates import case_of
from handoff.console.visit import invited, member, services
from handoff.tickets import mentions

SHOWN = 8
LONGEST = 40


@blueprint.get("/cases/<number>/colleagues")
@invited
def offer_colleagues(number: str) -> ResponseReturnValue:
    """Who may be named; nothing where nobody is called so."""
    typed = request.args.get("q", "")[:LONGEST]
    with db.reading(services().sessions) as session:
        found = mentions.callable_by(session, case_of(session, number), member().id, typed, SHOWN)
        return render_template("console/colleagues.html", found=found) if found else ("", 204)
