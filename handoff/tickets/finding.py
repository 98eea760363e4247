"""What somebody of staff may find: cases, the people who write to us, and what was said.

The desk finds everything; a guest what belongs to the cases that she may see. What is found in several ways is a list
of them: `searching.within_reach` asks each alone, since only so each has its index.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Select, select, union
from sqlalchemy.orm import Session

from bot.models import Contact, Conversation, Message
from bot.searching import matches
from handoff.models import CaseThread, ContactKey, Ticket
from handoff.tickets import guests

ENOUGH = 6  # digits that name a number: fewer stand in many


def cases(session: Session, query: str, guest: int | None = None) -> list[Select[Ticket]]:
    """Cases by number, facts, tags, what it is about and how it ended, and those of the people found."""
    ways = [
        select(Ticket).where(matches(session, Ticket, query)),
        select(Ticket).join(Ticket.contact).where(matches(session, Contact, query)),
        select(Ticket).where(Ticket.contact_id.in_(_proved(query))),
    ]
    return ways if guest is None else [way.where(guests.visible(guest)) for way in ways]


def people(session: Session, query: str) -> list[Select[Contact]]:
    """Those who write to us, by name, or by a number or address that they proved."""
    return [
        select(Contact).where(matches(session, Contact, query)),
        select(Contact).where(Contact.id.in_(_proved(query))),
    ]


def messages(session: Session, query: str, guest: int | None = None) -> list[Select[Message]]:
    """What customers, bot and colleagues said, notes too. What was taken back says nothing any more."""
    said = select(Message).where(matches(session, Message, query))
    return [said if guest is None else said.where(Message.conversation_id.in_(_threads(guest)))]


def by_caller(session: Session, query: str) -> ColumnElement[bool]:
    """Cases of whoever proved this number or address, and those in which it was named."""
    digits = _digits(query)
    named = [query, digits] if len(digits) >= ENOUGH else [query]
    ways = [Ticket.contact_id.in_(_proved(query)), *(matches(session, Ticket, words) for words in named)]
    return Ticket.id.in_(union(*(select(Ticket.id).where(way) for way in ways)))


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
