"""How a case ends and comes back: resolved, closed, handed back to the bot, reopened. Nobody deletes one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.errors import Refused
from bot.models import Conversation
from handoff import assignment, clocks
from handoff.models import LIVE, CaseThread, Ticket
from handoff.tickets import complaints, marking, members, parking, records, satisfaction, undecided


def resolve(session: Session, ticket_id: int, user_id: int, seen_message_id: int, why: str = "") -> Ticket:
    """Second line or a lead found it solved; the bot answers again. Who comes back within a day reopens it."""
    ticket, user = records.own(session, "resolve", ticket_id, user_id)
    records.require_seen(session, ticket, seen_message_id)
    marking.require_filled(session, ticket)
    undecided.require_none(session, ticket)
    solved(session, ticket, why, user_id=user.id)
    return ticket


def solved(
    session: Session, ticket: Ticket, why: str, *, user_id: int | None = None, message_id: int | None = None
) -> None:
    """The case is solved: because somebody said so, or nobody objected."""
    complaints.require_answered(session, ticket)
    _end(session, ticket, "resolve", "solved", "ticket.resolved", why, user_id=user_id, message_id=message_id)
    if message_id is not None or satisfaction.awake(session, ticket):  # who just wrote is awake; else `asking` asks
        satisfaction.ask(session, ticket)


def hand_back(session: Session, ticket_id: int, user_id: int, seen_message_id: int) -> Ticket:
    """Give the conversation to the bot again, which goes on from here; the case is resolved."""
    ticket, user = records.own(session, "hand_back", ticket_id, user_id)
    records.require_seen(session, ticket, seen_message_id)
    complaints.require_answered(session, ticket)
    undecided.require_none(session, ticket)
    _end(session, ticket, "hand_back", "handed_back", "ticket.handed_back", "", user_id=user.id)
    return ticket


def merged(session: Session, ticket: Ticket, into: Ticket, user_id: int) -> None:
    """What it was about goes on in another case, which its number leads to from now on."""
    ticket.merged_into_id, ticket.closed_at = into.id, now()
    _end(session, ticket, "merge", "merged", "ticket.merged", "", user_id=user_id, into=into.id)


def close(session: Session, ticket_id: int, user_id: int, why: str = "") -> Ticket:
    """A resolved case is finished: only its number, quoted, or a person brings it back."""
    ticket, user = records.own(session, "close", ticket_id, user_id)
    closed(session, ticket, why, user_id=user.id)
    return ticket


def closed(session: Session, ticket: Ticket, why: str, *, user_id: int | None = None) -> None:
    """It is finished: somebody said so, or nobody said anything; Refused while something of a complaint is missing."""
    complaints.require_closable(session, ticket)
    ticket.closed_at = now()
    records.move(session, ticket, "close", "ticket.closed", user_id=user_id, why=why)


def reopen(session: Session, ticket_id: int, user_id: int, why: str = "") -> Ticket:
    """Take up a case again that was resolved or closed; the bot is silent from now on."""
    ticket, user = records.own(session, "reopen", ticket_id, user_id)
    if ticket.merged_into_id is not None:
        into = session.get_one(Ticket, ticket.merged_into_id)
        raise Refused("這件案件已併入 %(number)s，請在那裡處理。", number=into.number)
    other = records.open_ticket(session, ticket.conversation_id)
    if other is not None and not ticket.side:
        raise Refused("這位顧客有另一件處理中的案件（%(number)s）。", number=other.number)
    ticket.assignee_id = ticket.assignee_id or user.id
    reopened(session, ticket, why, user_id=user.id)
    return ticket


def reopened(
    session: Session, ticket: Ticket, why: str, *, user_id: int | None = None, message_id: int | None = None
) -> None:
    """The same case. It lives beside the conversation's main case if there is one.

    Whoever opens it says whose it is; a customer who comes back gets the same person if she is free, else the queue.
    """
    ticket.side = ticket.side or _others(session, ticket.conversation_id, ticket)
    ticket.reopened += 1
    before = ticket.assignee_id
    if user_id is None and not assignment.takes_again(session, ticket):
        ticket.assignee_id = None
    ticket.resolved_at, ticket.closed_at, ticket.resolution = None, None, ""
    by = {"user_id": user_id, "message_id": message_id}
    action = "reopen" if ticket.assignee_id else "queue_again"
    records.move(
        session, ticket, action, "ticket.reopened", **by, why=why, from_user=before, to_user=ticket.assignee_id
    )
    ticket.conversation.owner = "human"
    clocks.reopened(session, ticket)
    parking.look(session, ticket)
    if ticket.assignee_id is None:
        assignment.drain_after_commit(session)


def _end(
    session: Session,
    ticket: Ticket,
    action: str,
    resolution: str,
    kind: str,
    why: str,
    *,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    ticket.resolution, ticket.resolved_at = resolution, now()
    ticket.waiting_since = ticket.proposed_at = None
    records.move(session, ticket, action, kind, user_id=user_id, message_id=message_id, why=why, **data)
    clocks.end(session, ticket, "proposal")
    clocks.resolved(session, ticket)
    members.leave(session, ticket)
    assignment.drain_after_commit(session)
    for conversation in records.threads(session, ticket):
        _give_back(session, conversation.id, ticket)


def _give_back(session: Session, conversation_id: int, ticket: Ticket) -> None:
    """The bot has a conversation again in which no case lives; whatever it remembered of this one is forgotten."""
    conversation: Conversation = conversations.locked(session, conversation_id)
    if not _others(session, conversation_id, ticket):
        conversation.owner, conversation.state = "bot", {}
        conversation.episode += 1


def _others(session: Session, conversation_id: int, ticket: Ticket) -> bool:
    """Whether another case lives in a conversation, its own or one that it was joined to."""
    joined = select(CaseThread.ticket_id).where(CaseThread.conversation_id == conversation_id)
    here = (Ticket.conversation_id == conversation_id) | Ticket.id.in_(joined)
    others = select(Ticket.id).where(here, Ticket.id != ticket.id, Ticket.state.in_(LIVE))
    return session.scalar(others.limit(1)) is not None
