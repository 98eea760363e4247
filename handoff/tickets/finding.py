"""What somebody of staff may find: cases, the people who write to us, and what was said.

The desk finds everything; a guest what belongs to the cases that she may see.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Select, or_, select
from sqlalchemy.orm import Session

from bot.models import Contact, Conversation, Message
from bot.searching import matches
from handoff.models import CaseThread, ContactKey, Ticket
from handoff.tickets import guests

ENOUGH = 6  # digits that name a number: fewer stand in many


def cases(session: Session, query: str, guest: int | None = None) -> Select[Ticket]:
    """Cases by number, facts, tags, what it is about and how it ended, and those of the people found."""
    his = Ticket.contact_id.in_(select(Contact.id).where(_person(session, query)))
    wanted = select(Ticket).where(or_(matches(session, Ticket, query), his))
    return wanted if guest is None else wanted.where(guests.visible(guest))


def people(session: Session, query: str) -> Select[Contact]:
    """Those who write to us, by name, or by a number or address that they proved."""
    return select(Contact).where(_person(session, query))


def messages(session: Session, query: str, guest: int | None = None) -> Select[Message]:
    """What customers, bot and colleagues said, notes too. What was taken back says nothing any more."""
    wanted = select(Message).where(matches(session, Message, query))
    return wanted if guest is None else wanted.where(Message.conversation_id.in_(_threads(guest)))


def by_caller(session: Session, query: str) -> ColumnElement[bool]:
    """Cases of whoever proved this number or address, and those in which it was named."""
    digits = _digits(query)
    named = [matches(session, Ticket, query)]
    if len(digits) >= ENOUGH:
        named.append(matches(session, Ticket, digits))
    return or_(Ticket.contact_id.in_(_proved(query)), *named)


def _person(session: Session, query: str) -> ColumnElement[bool]:
    return or_(matches(session, Contact, query), Contact.id.in_(_proved(query)))


def _proved(query: str) -> Select[int]:
    """Who proved this to be his, however the number is written."""
    digits = _digits(query)
    local = "0" + digits.removeprefix("886") if digits.startswith("886") else digits
    values = [value for value in (query.strip().lower(), local) if value]
    return select(ContactKey.contact_id).where(ContactKey.value.in_(values))


def _digits(query: str) -> str:
    return "".join(sign for sign in query if sign.isdigit())


def _threads(guest: int) -> CompoundSelect[int]:
    """Where a contact reads along: the conversations of her cases, and those of the same customer that joined them."""
    own = select(Ticket.conversation_id).where(guests.visible(guest))
    elsewhere = select(CaseThread.conversation_id).join(CaseThread.ticket).join(CaseThread.conversation)
    his = elsewhere.where(guests.visible(guest), Conversation.contact_id == Ticket.contact_id)
    return own.union(his)
