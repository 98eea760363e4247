"""Finding cases under the conversation's lock, and recording what changed."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from bot import conversations, journal, services
from bot.errors import Refused
from bot.models import VOTE, Conversation, Event, Message, User
from handoff import assignment
from handoff.models import DONE, LIVE, CaseThread, Ticket
from handoff.tickets import guests, transitions


class Stale(Refused):
    """The agent's screen is behind: `missed` are the messages that it did not show."""

    def __init__(self, reason: str, missed: Sequence[Message], **facts: object) -> None:
        super().__init__(reason, **facts)
        self.missed = tuple(missed)


WORDS = ("message", "messageEdited")
PICTURES = ("image", "video")


def open_ticket(session: Session, conversation_id: int) -> Ticket | None:
    """The live case that a message in this conversation means: its own, or the one it was joined to."""
    last = last_ticket(session, conversation_id)
    return last if last is not None and last.live else joined_ticket(session, conversation_id)


def joined_ticket(session: Session, conversation_id: int) -> Ticket | None:
    """The live case of another conversation of the same customer that this one was joined to."""
    return session.scalar(_joined(), {"conversation": conversation_id})


@cache
def _joined() -> Select[Ticket]:
    joined = select(Ticket).join(CaseThread, CaseThread.ticket_id == Ticket.id).join(CaseThread.conversation)
    of_this = joined.where(CaseThread.conversation_id == bindparam("conversation"), Ticket.state.in_(LIVE))
    of_this = of_this.where(Conversation.contact_id == Ticket.contact_id)
    return of_this.order_by(Ticket.id.desc()).limit(1)


def live_of(session: Session, contact_id: int | None) -> Ticket | None:
    """The newest live case of a person, wherever he wrote; of those that he has, not the side ones first."""
    if contact_id is None:
        return None
    his = select(Ticket).where(Ticket.contact_id == contact_id, Ticket.state.in_(LIVE))
    return session.scalar(his.order_by(Ticket.side, Ticket.id.desc()).limit(1))


def tickets_of(session: Session, conversation_id: int) -> Sequence[Ticket]:
    """Every case of a conversation, and those that it was joined to."""
    joined = select(CaseThread.ticket_id).where(CaseThread.conversation_id == conversation_id)
    here = (Ticket.conversation_id == conversation_id) | Ticket.id.in_(joined)
    return session.scalars(select(Ticket).where(here)).all()


def last_ticket(session: Session, conversation_id: int) -> Ticket | None:
    """The case that comes first in a conversation: live before done, main before side, new before old."""
    return session.scalar(_first(), {"conversation": conversation_id})


@cache
def _first() -> Select[Ticket]:
    """Asked in every turn, so it is built once."""
    of_this = select(Ticket).where(Ticket.conversation_id == bindparam("conversation"))
    return of_this.order_by(Ticket.state.in_(DONE), Ticket.side, Ticket.id.desc()).limit(1)


def by_number(session: Session, number: str) -> Ticket | None:
    """The case of this number, or the one that it was merged into."""
    ticket = session.scalar(select(Ticket).where(Ticket.number == number))
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = session.get_one(Ticket, ticket.merged_into_id)
    return ticket


def take(session: Session, action: str, ticket_id: int, user_id: int) -> tuple[Ticket, User]:
    """A case as it is now, locked, for a member of the desk, or a helper to whom it is open for this."""
    user = transitions.permit_hand(session.get(User, user_id))
    ticket = held(session, ticket_id)
    if user.role in guests.HELPERS:
        guests.permit(session, ticket, user, action)
    return ticket, user


def held(session: Session, ticket_id: int) -> Ticket:
    """A case as it is now, locked."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise Refused("找不到這件案件。")
    conversations.locked(session, ticket.conversation_id)
    session.flush()  # what this transaction changed of it so far stays
    session.refresh(ticket)
    return ticket


def own(session: Session, action: str, ticket_id: int, user_id: int) -> tuple[Ticket, User]:
    """A case for whoever has it or leads the desk, if the action is possible now and hers to take."""
    ticket, user = take(session, action, ticket_id, user_id)
    if ticket.assignee_id == user.id:
        assignment.accepted(session, ticket)  # who works on a case that was given to her has accepted it
    transitions.permit(action, ticket)
    transitions.permit_owner(ticket, user)
    transitions.permit_role(action, ticket, user)
    return ticket, user


def threads(session: Session, ticket: Ticket) -> Sequence[Conversation]:
    """Where the customer wrote about this case: its own conversation, and those that joined it."""
    joined = select(Conversation).join(CaseThread, CaseThread.conversation_id == Conversation.id)
    his = joined.where(CaseThread.ticket_id == ticket.id, Conversation.contact_id == ticket.contact_id)
    return [ticket.conversation, *session.scalars(his.order_by(Conversation.id))]


def join(session: Session, ticket: Ticket, conversation_id: int) -> None:
    """From now on what is said in another conversation of the same customer belongs to this case as well."""
    known = select(CaseThread.id).where(
        CaseThread.ticket_id == ticket.id, CaseThread.conversation_id == conversation_id
    )
    if session.scalar(known) is None:
        session.add(CaseThread(ticket_id=ticket.id, conversation_id=conversation_id))
        session.flush()


def has_picture(session: Session, ticket: Ticket) -> bool:
    """Whether the customer sent a picture since this matter began."""
    where = [conversation.id for conversation in threads(session, ticket)]
    sent = select(Message.id).where(
        Message.conversation_id.in_(where),
        Message.kind.in_(PICTURES),
        Message.author == "customer",
        Message.episode >= ticket.episode,
    )
    return session.scalar(sent.limit(1)) is not None


def move(
    session: Session,
    ticket: Ticket,
    action: str,
    kind: str,
    *,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    """Change the state as the table says, and tell the journal from where to where."""
    before, ticket.state = ticket.state, transitions.permit(action, ticket)
    record(session, ticket, kind, user_id=user_id, message_id=message_id, before=before, state=ticket.state, **data)


def record(
    session: Session,
    ticket: Ticket,
    kind: str,
    *,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    """Raise the version and tell the journal."""
    ticket.version += 1
    tell(session, ticket, kind, user_id=user_id, message_id=message_id, **data)


def tell(
    session: Session,
    ticket: Ticket,
    kind: str,
    *,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    """Write a journal entry about a case, and have the consoles look."""
    services.current().broker.wake_after_commit(session)
    journal.write(
        session,
        kind,
        conversation_id=ticket.conversation_id,
        account_id=ticket.conversation.account_id,
        message_id=message_id,
        user_id=user_id,
        ticket_id=ticket.id,
        version=ticket.version,
        **data,
    )


def require_seen(session: Session, ticket: Ticket, seen_message_id: int) -> None:
    """Stale when the customer wrote after the last message that the agent saw, also what is only in the inbox yet."""
    where = [conversation.id for conversation in threads(session, ticket)]
    wrote = (Message.author == "customer") & (Message.kind != VOTE)
    if missed := _since(session, where, seen_message_id, wrote):
        name = ticket.contact.name if ticket.contact and ticket.contact.name else "顧客"
        raise Stale("%(name)s剛剛又傳了 %(count)d 則，看完再送出你的回覆。", missed, name=name, count=len(missed))
    arriving = select(Event.id).where(Event.conversation_id.in_(where), Event.state == "waiting", Event.kind.in_(WORDS))
    if session.scalar(arriving.limit(1)) is not None:
        raise Refused("顧客剛傳來新的訊息，看完再送出你的回覆。")


def require_alone(session: Session, ticket: Ticket, user_id: int, seen_message_id: int) -> None:
    """Stale when a colleague was faster: she answered the customer after the last message that this agent saw."""
    where = [conversation.id for conversation in threads(session, ticket)]
    colleagues = (Message.author == "agent") & (Message.kind != "note") & Message.user_id.is_distinct_from(user_id)
    if missed := _since(session, where, seen_message_id, colleagues):
        name = missed[-1].user.name if missed[-1].user else "同事"
        raise Stale("%(name)s剛剛回覆了顧客，看完再決定要不要送出你的回覆。", missed, name=name)


def _since(session: Session, where: Sequence[int], seen: int, whose: ColumnElement[bool]) -> Sequence[Message]:
    """What somebody said in these conversations after a message."""
    newer = select(Message).where(Message.conversation_id.in_(where), Message.id > seen, whose)
    return session.scalars(newer.order_by(Message.id)).all()
