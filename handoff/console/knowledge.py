"""What is known beside a case: by what it is about, or looked for; one click puts an answer into the reply.

What is internal stands there to be read, and nothing puts it anywhere.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, db
from bot.dialogue import DEFAULT_LANGUAGE
from bot.errors import Refused
from bot.models import Message
from bot.ports import Lesson, Matter
from handoff.console.actions import act
from handoff.console.routes import LONGEST_QUERY, blueprint
from handoff.console.templates import case_of, known_of
from handoff.console.visit import invited, member, services, staff
from handoff.models import Ticket
from handoff.tickets import guests

SHOWN = 3
LONGEST_WAY = 60  # choices


@blueprint.get("/cases/<number>/knowledge")
@invited
def knowledge(number: str) -> ResponseReturnValue:
    """What helps with the case; with words in the box, what fits these."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    with db.reading(services().sessions) as session:
        ticket = case_of(session, number)
        matter = _matter(session, ticket, query)
        hints = services().wiring.knowledge.recommend(session, matter, SHOWN)
        lessons = services().wiring.knowledge.lessons(session, matter, SHOWN)
        contacts = services().wiring.knowledge.contacts(session, query, ticket.category, SHOWN)
    found = {"hints": hints, "lessons": lessons, "contacts": contacts}
    return render_template("console/case/hints.html", number=number, query=query, **found)


@blueprint.get("/cases/<number>/walk")
@invited
def walk(number: str) -> ResponseReturnValue:
    """A step of a scenario tree, or the verdict at its end; the address says which way was taken."""
    source, taken = request.args.get("source", "")[:LONGEST_QUERY], request.args.get("path", "")
    path = [int(step) for step in taken.split("-") if step.isascii() and step.isdigit()][:LONGEST_WAY]
    with db.reading(services().sessions) as session:
        matter = _matter(session, case_of(session, number), "")
        stands = services().wiring.knowledge.walk(session, source, path, matter)
    way = path[: len(stands.answered)] if stands else []
    return render_template("console/case/walk.html", number=number, source=source, stands=stands, way_taken=way)


@blueprint.post("/cases/<number>/lesson")
@staff
def lesson(number: str) -> ResponseReturnValue:
    """What was learned from a solved case, for the library; whoever keeps that looks it over."""

    def keep(session: Session, case_id: int) -> None:
        ticket = session.get_one(Ticket, case_id)
        name = ticket.contact.name if ticket.contact else ""
        if ticket.live:
            raise Refused("先結案，才能存成案例。")
        if not services().wiring.knowledge.propose(session, _learned(session, ticket), number, name, member().id):
            raise Refused("這件案件已經存成案例了。")

    return act(
        number,
        keep,
        gettext("已存成案例。電話、信箱、單號、地址和稱呼已遮掉，請內容編輯再看一次，看過才會出現在相近的案件旁邊。"),
    )


def _learned(session: Session, ticket: Ticket) -> Lesson:
    """The case in short: what was told, why it happened, what was done, and what the customer heard last."""
    cause, remedy = (ticket.ending.cause, ticket.ending.remedy) if ticket.ending else ("", "")
    here = Message.conversation_id == ticket.conversation_id, Message.episode == ticket.episode
    told = select(Message.text).where(*here, Message.author == "agent", Message.occurred_at >= ticket.opened_at)
    last = told.where(Message.kind == "text", Message.unsent_at.is_(None)).order_by(Message.id.desc())
    solution = "\n".join(filter(None, (ticket.outcome, remedy, session.scalar(last.limit(1)))))
    title = ticket.summary.strip().partition("\n")[0]
    return Lesson(title, ticket.category, ticket.summary, cause, solution)


def _matter(session: Session, ticket: Ticket, query: str) -> Matter:
    contact = ticket.contact
    name, language, tier = (contact.name, contact.language, contact.tier) if contact else ("", DEFAULT_LANGUAGE, "")
    order = known_of(ticket, "", guests.hidden_from(member().role)).get("order_number", "")
    if query:
        return Matter(query, "", tier, name, language, ticket.number, order)
    said = f"{ticket.summary}\n{conversations.words_of(session, ticket.conversation)}"
    return Matter(said, ticket.intent, tier, name, language, ticket.number, order)
