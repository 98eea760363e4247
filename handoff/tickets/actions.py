"""What an agent does with a case besides replying: claim, note, resolve, reopen, hand back to the bot."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from bot.messages import printable
from bot.models import Message, User
from handoff.models import Ticket
from handoff.tickets import records, transitions


def claim(session: Session, ticket_id: int, user_id: int) -> Ticket:
    """Take a case that nobody has. Of two who click at once one wins; claiming one's own case is harmless."""
    ticket, user = records.take(session, ticket_id, user_id)
    transitions.permit("claim", ticket)
    if ticket.assignee_id == user.id:
        return ticket
    if not _assign(session, ticket, user):
        session.refresh(ticket)
        raise transitions.taken(ticket)
    session.refresh(ticket)
    records.record(session, ticket, "ticket.claimed", user_id=user.id)
    return ticket


def note(session: Session, ticket_id: int, user_id: int, text: str) -> Message:
    """Write a note for colleagues. It never leaves the house."""
    ticket, user = records.take(session, ticket_id, user_id)
    transitions.permit("note", ticket)
    message = Message(
        conversation_id=ticket.conversation_id,
        episode=ticket.episode,
        author="agent",
        user_id=user.id,
        kind="note",
        text=written(text),
    )
    session.add(message)
    session.flush()
    records.record(session, ticket, "ticket.noted", user_id=user.id, message_id=message.id)
    return message


def resolve(session: Session, ticket_id: int, user_id: int, seen_message_id: int) -> Ticket:
    """Close a case as solved; the bot answers again. A customer who comes back within a day reopens it."""
    ticket, user = _own(session, "resolve", ticket_id, user_id)
    records.require_seen(session, ticket, seen_message_id)
    _close(ticket, "solved")
    records.record(session, ticket, "ticket.resolved", user_id=user.id)
    return ticket


def hand_back(session: Session, ticket_id: int, user_id: int, seen_message_id: int) -> Ticket:
    """Give the conversation to the bot again, which goes on from here; the case is closed."""
    ticket, user = _own(session, "hand_back", ticket_id, user_id)
    records.require_seen(session, ticket, seen_message_id)
    _close(ticket, "handed_back")
    records.record(session, ticket, "ticket.handed_back", user_id=user.id)
    return ticket


def reopen(session: Session, ticket_id: int, user_id: int) -> Ticket:
    """Take up a resolved case again; the bot is silent from now on."""
    ticket, user = _own(session, "reopen", ticket_id, user_id)
    other = records.open_ticket(session, ticket.conversation_id)
    if other is not None:
        raise Refused("這位顧客有另一件處理中的案件（%(number)s）。", number=other.number)
    ticket.state, ticket.resolved_at, ticket.resolution = "open", None, ""
    ticket.assignee_id = ticket.assignee_id or user.id
    ticket.reopened += 1
    ticket.conversation.owner = "human"
    records.record(session, ticket, "ticket.reopened", user_id=user.id)
    return ticket


def written(text: str) -> str:
    """What a person typed, fit to store and send; Refused when there is nothing."""
    clean = printable(text).strip()
    if not clean:
        raise Refused("還沒有寫內容。")
    return clean


def _own(session: Session, action: str, ticket_id: int, user_id: int) -> tuple[Ticket, User]:
    ticket, user = records.take(session, ticket_id, user_id)
    transitions.permit(action, ticket)
    transitions.permit_owner(ticket, user)
    return ticket, user


def _assign(session: Session, ticket: Ticket, user: User) -> bool:
    """Compare and set: only a case without an assignee changes."""
    state = "open" if ticket.state == "new" else ticket.state
    free = (Ticket.id == ticket.id, Ticket.assignee_id.is_(None), Ticket.state != "resolved")
    taking = update(Ticket).where(*free).values(assignee_id=user.id, state=state).returning(Ticket.id)
    return session.scalar(taking) is not None


def _close(ticket: Ticket, resolution: str) -> None:
    """A closed case ends the episode: whatever the bot remembered of it is forgotten."""
    ticket.state, ticket.resolution = "resolved", resolution
    ticket.resolved_at, ticket.waiting_since = now(), None
    ticket.conversation.owner, ticket.conversation.state = "bot", {}
    ticket.conversation.episode += 1
