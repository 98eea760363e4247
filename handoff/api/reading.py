"""Lists and single things: cases with what was said about them, conversations, contacts, a message's way."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot.api import PageQuery, allow, answers, caller, spec
from bot.models import Contact, Conversation, JournalEntry, Message, User
from handoff import tickets
from handoff.api.routes import blueprint, case, found, joined, listed, reading
from handoff.api.shapes.cases import Case, CaseQuery, Cases
from handoff.api.shapes.history import Entry, History, Journey, Station
from handoff.api.shapes.talk import SHOWN, Messages, People, Person, Said, Thread, ThreadQuery, Threads
from handoff.api.showing import said, shown
from handoff.models import Ticket
from handoff.tickets import records, whispers


@blueprint.get("/tickets")
@allow("case.joined", "tickets:read")
@spec.validate(resp=answers(HTTP_200=Cases), tags=("tickets",))
def list_tickets(query: CaseQuery) -> Cases:
    """Cases, newest first; a department's contact has those into which it was asked."""
    wanted = joined(select(Ticket).options(joinedload(Ticket.assignee), joinedload(Ticket.ending)))
    for name in ("state", "level", "team", "contact_id"):
        if given := getattr(query, name):
            wanted = wanted.where(getattr(Ticket, name) == given)
    if query.assignee:
        wanted = wanted.where(Ticket.assignee.has(username=query.assignee))
    with reading() as session:
        return listed(session, Cases, query, wanted, Ticket.id, shown)


@blueprint.get("/tickets/<number>")
@allow("case.joined", "tickets:read")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def show_ticket(number: str) -> Case:
    """One case."""
    with reading() as session:
        return shown(case(session, number))


@blueprint.get("/tickets/<number>/messages")
@allow("case.joined", "tickets:read")
@spec.validate(resp=answers(HTTP_200=Messages), tags=("tickets",))
def list_messages_of_ticket(number: str, query: PageQuery) -> Messages:
    """What was said in a case's conversation and in those that joined it, newest first."""
    with reading() as session:
        where = [thread.id for thread in records.threads(session, case(session, number))]
        wanted = select(Message).where(Message.conversation_id.in_(where)).options(*SHOWN)
        return listed(session, Messages, query, wanted, Message.id, said)


@blueprint.get("/tickets/<number>/history")
@allow("case.joined", "tickets:read")
@spec.validate(resp=answers(HTTP_200=History), tags=("tickets",))
def list_history(number: str, query: PageQuery) -> History:
    """Everything that happened to a case, newest first, and by whom."""
    with reading() as session:
        ticket = case(session, number)
        around = select(JournalEntry).where(JournalEntry.conversation_id == ticket.conversation_id)
        shown = whispers.traces(ticket, caller().user_id, caller().role)
        told = around.where(JournalEntry.data["ticket_id"].as_integer() == ticket.id, shown)
        doers = User.id.in_(around.with_only_columns(JournalEntry.user_id))
        names = dict(session.execute(select(User.id, User.username).where(doers)).all())
        return listed(session, History, query, told, JournalEntry.id, lambda one: Entry.of(one, names.get(one.user_id)))


@blueprint.get("/conversations")
@allow("desk.work", "conversations:read")
@spec.validate(resp=answers(HTTP_200=Threads), tags=("conversations",))
def list_conversations(query: ThreadQuery) -> Threads:
    """Conversations, newest first."""
    wanted = select(Conversation).options(joinedload(Conversation.account))
    if query.owner:
        wanted = wanted.where(Conversation.owner == query.owner)
    if query.contact_id:
        wanted = wanted.where(Conversation.contact_id == query.contact_id)
    with reading() as session:
        return listed(session, Threads, query, wanted, Conversation.id, Thread.of)


@blueprint.get("/conversations/<int(max=2147483647):conversation_id>")
@allow("desk.work", "conversations:read")
@spec.validate(resp=answers(HTTP_200=Thread), tags=("conversations",))
def show_conversation(conversation_id: int) -> Thread:
    """One conversation."""
    with reading() as session:
        return Thread.of(found(session.get(Conversation, conversation_id)))


@blueprint.get("/conversations/<int(max=2147483647):conversation_id>/messages")
@allow("desk.work", "conversations:read")
@spec.validate(resp=answers(HTTP_200=Messages), tags=("conversations",))
def list_messages(conversation_id: int, query: PageQuery) -> Messages:
    """What was said in a conversation, newest first; the newest id is what a reply has to have seen."""
    wanted = select(Message).where(Message.conversation_id == conversation_id).options(*SHOWN)
    with reading() as session:
        found(session.get(Conversation, conversation_id))
        return listed(session, Messages, query, wanted, Message.id, Said.of)


@blueprint.get("/messages/<int(max=2147483647):message_id>/journey")
@allow("desk.work", "me:read")
@spec.validate(resp=answers(HTTP_200=Journey), tags=("me",))
def journey(message_id: int) -> Journey:
    """The way of a message through the house: received, stored, understood … answered, each with its time."""
    with reading() as session:
        found(session.get(Message, message_id))
        return Journey(stations=[Station.of(stop) for stop in tickets.journey(session, message_id)])


@blueprint.get("/contacts")
@allow("desk.work", "contacts:read")
@spec.validate(resp=answers(HTTP_200=People), tags=("contacts",))
def list_contacts(query: PageQuery) -> People:
    """People who write to us, newest first."""
    with reading() as session:
        return listed(session, People, query, select(Contact), Contact.id, Person.of)


@blueprint.get("/contacts/<int(max=2147483647):contact_id>")
@allow("desk.work", "contacts:read")
@spec.validate(resp=answers(HTTP_200=Person), tags=("contacts",))
def show_contact(contact_id: int) -> Person:
    """One of them."""
    with reading() as session:
        return Person.of(found(session.get(Contact, contact_id)))
