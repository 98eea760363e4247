"""What is known beside a case: by what it is about, or looked for; one click puts an answer into the reply.

What is internal stands there to be read, and nothing puts it anywhere.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import conversations, db
from bot.dialogue import DEFAULT_LANGUAGE
from bot.ports import Matter
from handoff.console.routes import LONGEST_QUERY, blueprint
from handoff.console.templates import case_of
from handoff.console.visit import invited, services
from handoff.models import Ticket

SHOWN = 3
LONGEST_WAY = 60  # choices


@blueprint.get("/cases/<number>/knowledge")
@invited
def knowledge(number: str) -> ResponseReturnValue:
    """What helps with the case; with words in the box, what fits these."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    with db.reading(services().sessions) as session:
        matter = _matter(session, case_of(session, number), query)
        hints = services().wiring.knowledge.recommend(session, matter, SHOWN)
    return render_template("console/case/hints.html", number=number, hints=hints, query=query)


@blueprint.get("/cases/<number>/walk")
@invited
def walk(number: str) -> ResponseReturnValue:
    """A step of a scenario tree, or the verdict at its end; the address says which way was taken."""
    source, taken = request.args.get("source", "")[:LONGEST_QUERY], request.args.get("path", "")
    path = [int(step) for step in taken.split("-") if step.isascii() and step.isdigit()][:LONGEST_WAY]
    with db.reading(services().sessions) as session:
        case_of(session, number)
        stands = services().wiring.knowledge.walk(session, source, path)
    way = path[: len(stands.answered)] if stands else []
    return render_template("console/case/walk.html", number=number, source=source, stands=stands, way_taken=way)


def _matter(session: Session, ticket: Ticket, query: str) -> Matter:
    contact = ticket.contact
    name, language, tier = (contact.name, contact.language, contact.tier) if contact else ("", DEFAULT_LANGUAGE, "")
    if query:
        return Matter(query, tier=tier, name=name, language=language)
    said = f"{ticket.summary}\n{conversations.words_of(session, ticket.conversation)}"
    return Matter(said, ticket.intent, tier, name, language)
