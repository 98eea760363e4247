"""Search: cases, people and messages that hold all words of a question, newest first, page by page."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from bot import searching
from bot.api import allow, answers, caller, spec
from bot.auth import may
from bot.models import Contact, Message
from handoff.api.routes import blueprint, listed, reading
from handoff.api.shapes.cases import Cases
from handoff.api.shapes.finding import Question
from handoff.api.shapes.talk import SHOWN, Messages, People, Person
from handoff.api.showing import said, shown
from handoff.models import Ticket
from handoff.tickets import finding


@blueprint.get("/search/cases")
@allow("case.joined", "search:read")
@spec.validate(resp=answers(HTTP_200=Cases), tags=("search",))
def search_cases(query: Question) -> Cases:
    """Cases by number, facts, tags, summary and outcome, and those of the people whose name fits."""
    with reading() as session:
        wanted = _reached(session, query, finding.cases(session, query.q, _guest()), Ticket.id)
        return listed(
            session, Cases, query, select(Ticket).where(wanted).options(joinedload(Ticket.assignee)), Ticket.id, shown
        )


@blueprint.get("/search/people")
@allow("desk.work", "search:read")
@spec.validate(resp=answers(HTTP_200=People), tags=("search",))
def search_people(query: Question) -> People:
    """People by name, or by a phone number or address that they proved."""
    with reading() as session:
        wanted = _reached(session, query, finding.people(session, query.q), Contact.id)
        return listed(session, People, query, select(Contact).where(wanted), Contact.id, Person.of)


@blueprint.get("/search/messages")
@allow("case.joined", "search:read")
@spec.validate(resp=answers(HTTP_200=Messages), tags=("search",))
def search_messages(query: Question) -> Messages:
    """What was said, notes too; nothing of what a customer took back."""
    with reading() as session:
        wanted = _reached(session, query, finding.messages(session, query.q, _guest()), Message.id)
        return listed(session, Messages, query, select(Message).where(wanted).options(*SHOWN), Message.id, said)


def _reached(
    session: Session, query: Question, ways: Sequence[Select[Any]], key: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Which rows are on the page that is asked for, or begin the next."""
    below = int(query.cursor[1:]) if query.cursor else None
    return searching.within_reach(session, ways, key, below, query.limit + 1)[0]


def _guest() -> int | None:
    """A department's contact finds only what belongs to cases that she is on."""
    return None if may(caller().role, "desk.work") else caller().user_id
