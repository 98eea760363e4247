"""What was said before the part of a thread that is on the screen, a page at a time."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import db
from bot.models import Conversation
from bot.nlu.policy import load as load_policy
from handoff.console import pane
from handoff.console.routes import MOST_ID, blueprint, chosen_view
from handoff.console.visit import invited, member, services, staff
from handoff.models import Ticket


@blueprint.get("/cases/<number>/earlier")
@invited
def earlier_in_case(number: str) -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        ticket = pane.visible(session, number, member())
        return _page(session, ticket.conversation if ticket else None, ticket)


@blueprint.get("/conversations/<int:conversation_id>/earlier")
@staff
def earlier_in_conversation(conversation_id: int) -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        return _page(session, session.get(Conversation, conversation_id), None)


def _page(session: Session, conversation: Conversation | None, ticket: Ticket | None) -> str:
    before = request.args.get("before", 0, type=int)
    if conversation is None or not 0 < before <= MOST_ID:
        abort(404)
    found = pane.earlier(session, conversation, ticket, member(), services().settings.zone, before)
    titles = {name: intent.title for name, intent in load_policy()[0].intents.items()}
    return render_template("console/earlier.html", pane=found, titles=titles, view=chosen_view())
