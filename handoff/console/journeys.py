"""The page of one message's way through the house."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import db
from bot.dialogue import DEFAULT_LANGUAGE, titles
from bot.models import Message
from handoff import tickets
from handoff.console import grounds
from handoff.console.routes import blueprint
from handoff.console.visit import services, sidebar, staff
from handoff.tickets import records


@blueprint.get("/messages/<int:message_id>/journey")
@staff
def journey(message_id: int) -> ResponseReturnValue:
    """The stations that a message passed, each with its time."""
    with db.reading(services().sessions) as session:
        message = session.get(Message, message_id)
        if message is None:
            abort(404)
        return render_template(
            "console/case/journey.html",
            message=message,
            stops=tickets.journey(session, message_id),
            ground=grounds.of(session, message),
            titles=titles(DEFAULT_LANGUAGE),
            back=_thread(session, message),
            view="",
            **sidebar(session),
        )


def _thread(session: Session, message: Message) -> str:
    """Where the message stands in its conversation."""
    case = records.last_ticket(session, message.conversation_id)
    if case is None:
        return url_for("console.conversation", conversation_id=message.conversation_id)
    return url_for("console.case", number=case.number, _anchor=f"m{message.id}")
