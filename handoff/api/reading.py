"""Lists and single things: cases, conversations with their messages, contacts."""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot import db
from bot.api import NotFound, PageQuery, allow, answers, page, spec
from bot.models import Contact, Conversation, Message, User
from handoff.api.routes import blueprint, case, services
from handoff.api.shapes import Case, CaseQuery, Cases, Messages, People, Person, Said, Thread, ThreadQuery, Threads
from handoff.models import Ticket

read = allow("desk.work")
Thing = TypeVar("Thing")


@blueprint.get("/tickets")
@read
@spec.validate(resp=answers(HTTP_200=Cases), tags=("tickets",))
def list_tickets(query: CaseQuery) -> Cases:
    """Cases, newest first."""
    wanted = select(Ticket).options(joinedload(Ticket.assignee))
    for name in ("state", "level", "team", "contact_id"):
        if given := getattr(query, name):
            wanted = wanted.where(getattr(Ticket, name) == given)
    if query.assignee:
        wanted = wanted.where(Ticket.assignee.has(User.username == query.assignee))
    with db.reading(services().sessions) as session:
        items, following = page(session, query, wanted, Ticket.id, Case.of)
    return Cases(items=items, next=following)


@blueprint.get("/tickets/<number>")
@read
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def show_ticket(number: str) -> Case:
    """One case."""
    with db.reading(services().sessions) as session:
        return Case.of(case(session, number))


@blueprint.get("/conversations")
@read
@spec.validate(resp=answers(HTTP_200=Threads), tags=("conversations",))
def list_conversations(query: ThreadQuery) -> Threads:
    """Conversations, newest first."""
    wanted = select(Conversation).options(joinedload(Conversation.account))
    if query.owner:
        wanted = wanted.where(Conversation.owner == query.owner)
    if query.contact_id:
        wanted = wanted.where(Conversation.contact_id == query.contact_id)
    with db.reading(services().sessions) as session:
        items, following = page(session, query, wanted, Conversation.id, Thread.of)
    return Threads(items=items, next=following)


@blueprint.get("/conversations/<int(max=2147483647):conversation_id>")
@read
@spec.validate(resp=answers(HTTP_200=Thread), tags=("conversations",))
def show_conversation(conversation_id: int) -> Thread:
    """One conversation."""
    with db.reading(services().sessions) as session:
        return Thread.of(_found(session.get(Conversation, conversation_id)))


@blueprint.get("/conversations/<int(max=2147483647):conversation_id>/messages")
@read
@spec.validate(resp=answers(HTTP_200=Messages), tags=("conversations",))
def list_messages(conversation_id: int, query: PageQuery) -> Messages:
    """What was said in a conversation, newest first; the newest id is what a reply has to have seen."""
    wanted = select(Message).where(Message.conversation_id == conversation_id).options(joinedload(Message.outbox))
    with db.reading(services().sessions) as session:
        _found(session.get(Conversation, conversation_id))
        items, following = page(session, query, wanted, Message.id, Said.of)
    return Messages(items=items, next=following)


@blueprint.get("/contacts")
@read
@spec.validate(resp=answers(HTTP_200=People), tags=("contacts",))
def list_contacts(query: PageQuery) -> People:
    """People who write to us, newest first."""
    with db.reading(services().sessions) as session:
        items, following = page(session, query, select(Contact), Contact.id, Person.of)
    return People(items=items, next=following)


@blueprint.get("/contacts/<int(max=2147483647):contact_id>")
@read
@spec.validate(resp=answers(HTTP_200=Person), tags=("contacts",))
def show_contact(contact_id: int) -> Person:
    """One of them."""
    with db.reading(services().sessions) as session:
        return Person.of(_found(session.get(Contact, contact_id)))


def _found(thing: Thing | None) -> Thing:
    if thing is None:
        raise NotFound
    return thing
