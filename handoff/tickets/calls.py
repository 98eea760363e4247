"""Phone calls: the case is looked for first, by number, phone or e-mail; the call is written down on it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, people
from bot.clock import now
from bot.errors import Refused
from bot.models import Conversation, Message, User
from handoff import clocks
from handoff.models import Ticket
from handoff.numbers import quoted
from handoff.tickets import actions, finding, hearing, opening, persons, proposals, records, transitions
from handoff.tickets.hearing import Heard

FOUND = 20
DIRECTIONS = ("in", "out")


def search(session: Session, query: str) -> Sequence[Ticket]:
    """Cases by number, or by a phone number or address that was proved or named; live ones first."""
    words = query.strip()
    if len(words) < 3:
        return []
    number = quoted(words)
    wanted = Ticket.number == number if number else finding.by_caller(session, words)
    return session.scalars(
        select(Ticket).where(wanted).order_by(Ticket.state.in_(("resolved", "closed")), Ticket.id.desc()).limit(FOUND)
    ).all()


def log(session: Session, ticket_id: int, user_id: int, direction: str, call: Heard) -> Message:
    """Write down what was said on the phone; it may raise the case."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    if direction not in DIRECTIONS:
        raise Refused("是顧客打來，還是我們打出去？")
    message = spoken(session, ticket, user, direction, call.text)
    if ticket.live:
        hearing.land(session, ticket, call, user.id)
    return message


def spoken(session: Session, ticket: Ticket, user: User, direction: str, text: str) -> Message:
    """A person spoke with the customer: he has his answer, and is not silent. Who called us does not owe us a word."""
    message = actions.inside(session, ticket, user, text, call=direction)
    if ticket.live:
        proposals.withdraw(session, ticket)
        ticket.first_response_at = ticket.first_response_at or now()
        ticket.waiting_since = None
        clocks.answered(session, ticket)
    action = "file"
    if ticket.live and direction == "in":
        action = "called"
        clocks.our_turn(session, ticket)
    records.move(session, ticket, action, "ticket.called", user_id=user.id, message_id=message.id, direction=direction)
    return message


def open_case(session: Session, user_id: int, phone: str, name: str, call: Heard, zone: ZoneInfo) -> Ticket:
    """A caller whose case was not found: a new one, for whoever took the call."""
    user = transitions.permit_staff(session.get(User, user_id))
    number = persons.normalised("phone", phone)
    conversation = _line(session, number, name)
    conversation.owner = "human"
    known = records.open_ticket(session, conversation.id)
    if known is not None:
        raise Refused("這支電話已經有處理中的案件（%(number)s）。", number=known.number)
    ref = opening.new(session, conversation, hearing.opens(conversation, number, call), zone)
    ticket = session.get_one(Ticket, ref.ticket_id)
    ticket.assignee_id = user.id
    records.move(session, ticket, "claim", "ticket.claimed", user_id=user.id)
    log(session, ticket.id, user.id, "in", call)
    return ticket


def _line(session: Session, number: str, name: str) -> Conversation:
    """The conversation of all calls from this number, locked."""
    account = people.account_id(session, "phone", "phone")
    contact = people.contact_id(session, account, number)
    found = conversations.conversation_id(session, account, "user", number, contact)
    conversation = conversations.locked(session, found)
    if name.strip() and conversation.contact and not conversation.contact.name:
        conversation.contact.name = name.strip()[:120]
    return conversation
