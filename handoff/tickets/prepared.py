"""What the bot prepared for a case: found under the case's lock, said to the customer, told to the journal."""

from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.messages import Outbound
from bot.models import Message, User
from handoff.models import Proposal, Ticket
from handoff.tickets import actions, records, replies, speaking, transitions

TAKEN_BACK = "taken_back"


def take(session: Session, action: str, proposal_id: int, user_id: int) -> tuple[Proposal, Ticket, User]:
    """A proposal as it is now, for a member of the desk."""
    row = session.get(Proposal, proposal_id)
    if row is None:
        raise Refused("找不到這份準備好的回覆。")
    user = transitions.permit_staff(session.get(User, user_id))
    ticket = records.held(session, row.ticket_id)
    refresh(session, row)
    transitions.permit(action, ticket)
    return row, ticket, user


def refresh(session: Session, row: Proposal) -> None:
    """As it is under the lock, with what it changes."""
    session.refresh(row)
    if row.order is not None:
        session.refresh(row.order)


def permit(session: Session, ticket: Ticket, user: User) -> None:
    """Whoever has the case, or takes it now, or leads the desk."""
    if ticket.assignee_id is None or (ticket.state == "new" and ticket.assignee_id == user.id):
        actions.claim(session, ticket.id, user.id)
    transitions.permit_owner(ticket, user)


def say(session: Session, row: Proposal, ticket: Ticket, speaker: int, key: str, seen_message_id: int | None) -> None:
    """The customer hears it. None seen: it is true whatever he wrote meanwhile."""

    def speech(ticket: Ticket, user: User) -> Message:
        return replies.say(session, speaking.place(session, ticket), user, [Outbound(row.text)])[-1]

    message = replies.answer(session, ticket.id, speaker, key, seen_message_id, speech, proposal_id=row.id)
    row.state, row.message_id = "approved", message.id


def tell(
    session: Session,
    row: Proposal,
    ticket: Ticket,
    kind: str,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    """What happened to it."""
    facts = {"proposal_id": row.id, "number": ticket.number, "first_by": row.first_by, **data}
    records.record(session, ticket, kind, user_id=user_id, message_id=message_id, **facts)
