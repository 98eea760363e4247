"""Claiming a case, and notes on it that never leave the house."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.language import unfilled
from bot.messages import printable
from bot.models import Message, User
from handoff import assignment
from handoff.models import LIVE, Ticket
from handoff.tickets import members, mentions, parking, records, transitions


def claim(session: Session, ticket_id: int, user_id: int) -> Ticket:
    """Take a case that nobody has. Of two who click at once one wins; claiming one's own case accepts it."""
    ticket, user = records.take(session, "claim", ticket_id, user_id)
    transitions.permit("claim", ticket)
    if ticket.assignee_id == user.id:
        return _accepted(session, ticket, user)
    before = ticket.state
    if not _assign(session, ticket, user):
        session.refresh(ticket)
        raise transitions.taken(ticket)
    session.refresh(ticket)
    assignment.given(session, ticket, user.id)
    records.record(session, ticket, "ticket.claimed", user_id=user.id, before=before, state=ticket.state)
    parking.look(session, ticket)
    return ticket


def _accepted(session: Session, ticket: Ticket, user: User) -> Ticket:
    """It was given to her, and she takes it up; a second click changes nothing."""
    if ticket.state == "new":
        records.move(session, ticket, "claim", "ticket.claimed", user_id=user.id)
        assignment.accepted(session, ticket)
        parking.look(session, ticket)
    return ticket


def note(session: Session, ticket_id: int, user_id: int, text: str) -> Message:
    """Write a note for colleagues, of whom those that it names are told. It never leaves the house."""
    ticket, user = members.take(session, "note", ticket_id, user_id)
    transitions.permit("note", ticket)
    if ticket.assignee_id == user.id:
        assignment.accepted(session, ticket)
    guest = members.sees(session, ticket, user.id)
    named = mentions.called(session, ticket, text)
    message = inside(session, ticket, user, text)
    asked = guest.department if guest else ""
    records.record(session, ticket, "ticket.noted", user_id=user.id, message_id=message.id, department=asked)
    mentions.tell(session, ticket, named, user.id, message.id)
    return message


def inside(session: Session, ticket: Ticket, user: User, text: str, **payload: object) -> Message:
    """Put words into the thread that only colleagues see."""
    message = Message(
        conversation_id=ticket.conversation_id,
        episode=ticket.episode,
        author="agent",
        user_id=user.id,
        kind="note",
        text=written(text),
        payload=payload,
    )
    session.add(message)
    session.flush()
    return message


def written(text: str) -> str:
    """What a person typed, fit to store and send; Refused when there is nothing."""
    clean = printable(text).replace("\r\n", "\n").replace("\r", "\n").strip()  # a form sends both
    if not clean:
        raise Refused("還沒有寫內容。")
    return clean


def filled_in(text: str) -> str:
    """What a person wrote to the customer; Refused while a field of a template stands in it."""
    clean = written(text)
    if missing := unfilled(clean):
        raise Refused("「%(field)s」還沒填，填好再送出。", field=missing[0])
    return clean


def _assign(session: Session, ticket: Ticket, user: User) -> bool:
    """Compare and set: only a case without an assignee changes."""
    state = transitions.permit("claim", ticket)
    free = (Ticket.id == ticket.id, Ticket.assignee_id.is_(None), Ticket.state.in_(LIVE))
    taking = update(Ticket).where(*free).values(assignee_id=user.id, state=state).returning(Ticket.id)
    return session.scalar(taking) is not None
